import type { KoaContextWithOIDC } from 'oidc-provider';
import type { PeopleDirectory } from './types.ts';

/** What is remembered of a client in a session, beside what the library puts there. */
interface SessionAuthorization {
  organizationSid?: string;
}

/** What earlier steps of the same request brought. */
export interface StepResult {
  readonly organization?: { readonly sid: string };
  readonly consent?: { readonly organizationSid: string; readonly allowed: readonly object[] };
}

const chosen = new WeakMap<KoaContextWithOIDC, string>();

/** The organization that this authorization request acts for, once it is known. */
export const organizationOf = (ctx: KoaContextWithOIDC): string | undefined => chosen.get(ctx);

const remembered = (ctx: KoaContextWithOIDC): SessionAuthorization =>
  (ctx.oidc.session?.authorizationFor(ctx.oidc.client?.clientId ?? '') ?? {}) as SessionAuthorization;

/** Keeps the choice in the session, so that the same client is not asked for again. */
export function rememberOrganization(ctx: KoaContextWithOIDC): void {
  const organizationSid = chosen.get(ctx);
  const { session, client } = ctx.oidc;
  if (organizationSid === undefined || session === undefined || client === undefined) return;
  session.ensureClientContainer(client.clientId);
  Object.assign(remembered(ctx), { organizationSid });
}

/**
 * Decides for which organization a request acts: the one that it names, else the one chosen on the way or before, else
 * the only one. None where the user must say, and where they are no member of the one that is named.
 */
export async function decideOrganization(ctx: KoaContextWithOIDC, users: PeopleDirectory): Promise<string | undefined> {
  const { account, params } = ctx.oidc;
  if (account === undefined) return undefined;
  const organizations = (await users.organizationsOf(account.accountId)).map(
    (membership) => membership.organizationSid,
  );
  const result = ctx.oidc.result as StepResult | undefined;
  const wishes = [
    params?.['organization'] as string | undefined,
    result?.consent?.organizationSid,
    result?.organization?.sid,
    remembered(ctx).organizationSid,
    organizations.length === 1 ? organizations[0] : undefined,
  ].filter((wish) => wish !== undefined);
  // A request that names an organization means that one and no other.
  const candidates = params?.['organization'] === undefined ? wishes : wishes.slice(0, 1);
  const decided = candidates.find((wish) => organizations.includes(wish));
  if (decided !== undefined) chosen.set(ctx, decided);
  return decided;
}
