import type { Context } from 'koa';
import { fault, ok, type Result } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { PendingRequest } from '../provider/index.ts';
import { type ScopeChoice, scopeChoices } from './scopes.ts';
import type { InteractionParts, Membership, OpenQuestion, Origin, ResourceFace } from './types.ts';

/** The name of the parameter that carries a consent token. */
export const tokenParameter = 'consent_token';
const longestToken = 512;

/** Where the built-in pages live. */
export const pagesPath = '/oauth/interaction';

/** The URL of a page with a token; what the URL has of its own stays as it is. */
export function withToken(page: string, token: string): string {
  const url = new URL(page);
  const parameter = `${tokenParameter}=${encodeURIComponent(token)}`;
  url.search = url.search === '' ? parameter : `${url.search}&${parameter}`;
  return url.href;
}

export interface QuestionUrlParts extends Pick<InteractionParts, 'consentTokens' | 'clock'> {
  readonly config: Pick<Config, 'issuer' | 'consent'>;
}

/**
 * Makes the function that says where a browser is sent when its request needs a person: to the frontend that is
 * configured, else to the built-in pages. The token in the URL is bound to who was signed in when the step began, and
 * ends with the request at the latest.
 */
export function questionUrl({ config, consentTokens, clock }: QuestionUrlParts) {
  const page = config.consent.url ?? `${config.issuer}${pagesPath}`;
  return async (request: PendingRequest): Promise<string> => {
    const left = Math.floor(request.expiresAt - clock() / 1000);
    const token = await consentTokens.create({
      interactionId: request.id,
      clientId: request.clientId,
      userSid: request.userSid,
      ttl: Math.max(1, Math.min(config.consent.tokenTtl, left)),
    });
    return withToken(page, token);
  };
}

/** Why a token asks nothing: it has expired, is spent or was never one; its request has its answer; who asked is gone. */
export type NoQuestion = 'expired' | 'answered' | 'unknown_client';

/** Finds what a token asks. */
export async function findQuestion(
  { consentTokens, people, clients }: Pick<InteractionParts, 'consentTokens' | 'people' | 'clients'>,
  token: string,
): Promise<Result<OpenQuestion, NoQuestion>> {
  const found = token.length > longestToken ? undefined : await consentTokens.find(token);
  if (found === undefined) return fault('expired');
  const request = await people().find(found.interactionId);
  if (request === undefined) return fault('answered');
  const client = await clients.get(request.clientId);
  return client === undefined ? fault('unknown_client') : ok({ token, request, client });
}

/** All that a request asks for, with the words of the resources. */
export async function choicesOf(
  resources: InteractionParts['resources'],
  { wanted }: PendingRequest,
): Promise<readonly ScopeChoice[]> {
  const faces = new Map<string, ResourceFace>();
  for (const { resource } of wanted) {
    const face = resource === undefined ? undefined : await resources.get(resource);
    if (resource !== undefined && face !== undefined) faces.set(resource, face);
  }
  return scopeChoices(wanted, faces);
}

/** The organization that a request means, where the user is a member of it; else their only one. */
export function organizationOf(
  { organizationSid }: PendingRequest,
  memberships: readonly Membership[],
): Membership | undefined {
  if (organizationSid !== undefined) return memberships.find((own) => own.organizationSid === organizationSid);
  return memberships.length === 1 ? memberships[0] : undefined;
}

/** Where a request came from. */
export const originOf = (ctx: Context): Origin => ({
  address: String(ctx.state['clientAddress']),
  requestId: String(ctx.state['requestId']),
});
