import type { Interaction } from 'oidc-provider';
import type { StepResult } from './organization.ts';
import { openidScopes } from './scopes.ts';
import type { PendingRequest, Step, WantedScopes } from './types.ts';

type RequestParameters = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function wantedBy(params: RequestParameters): WantedScopes[] {
  const names = text(params['scope'])?.split(' ') ?? [];
  const ofOpenid = names.filter((name) => openidScopes.has(name));
  const ofResource = names.filter((name) => !openidScopes.has(name));
  const resource = text(params['resource']);
  return [
    ...(ofOpenid.length === 0 ? [] : [{ resource: undefined, scopes: ofOpenid }]),
    ...(resource === undefined || ofResource.length === 0 ? [] : [{ resource, scopes: ofResource }]),
  ];
}

/** The library's interaction in our own terms. */
export function toPending(interaction: Interaction): PendingRequest {
  const params = interaction.params as RequestParameters;
  const last = interaction.lastSubmission as StepResult | undefined;
  const details = interaction.prompt.details as { readonly organizationSid?: string };
  return {
    id: interaction.uid,
    step: interaction.prompt.name as Step,
    clientId: String(params['client_id']),
    redirectUri: String(params['redirect_uri']),
    responseMode: text(params['response_mode']) ?? 'query',
    loginHint: text(params['login_hint']),
    userSid: interaction.session?.accountId,
    organizationSid: details.organizationSid ?? text(params['organization']) ?? last?.organization?.sid,
    wanted: wantedBy(params),
    freshSignIn: text(params['prompt'])?.split(' ').includes('login') === true || text(params['max_age']) !== undefined,
    expiresAt: interaction.exp,
  };
}
