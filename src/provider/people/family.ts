import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { newSecret } from '../../base/index.ts';
import { type AudienceScopes, type Grants, scopesFor } from '../../grants/index.ts';
import { translated } from '../failures.ts';
import { Provider } from '../library.ts';
import { decideOrganization, rememberOrganization, type StepResult } from './organization.ts';
import type { PeopleDirectory } from './types.ts';

/** The library's Grant with what it carries of ours. */
export interface Family extends Grant {
  organizationSid?: string | undefined;
  /** The consent record that it hangs on. */
  consentId?: string | undefined;
}

type Asked = readonly AudienceScopes[];

/** What the request asks for, by audience. */
function askedBy(ctx: KoaContextWithOIDC): Asked {
  const { requestParamOIDCScopes, requestParamScopes, resourceServers = {} } = ctx.oidc;
  const ofResources = Object.entries(resourceServers).map(([resource, server]) => ({
    resource,
    scopes: [...requestParamScopes].filter((scope) => server.scopes.has(scope)),
  }));
  return [{ resource: undefined, scopes: [...requestParamOIDCScopes] }, ...ofResources];
}

/** Writes scopes into a family: those that it has, or those that were refused to it. */
type Entry = (family: Family, resource: string | undefined, scopes: string) => void;

const give: Entry = (family, resource, scopes) =>
  resource === undefined ? family.addOIDCScope(scopes) : family.addResourceScope(resource, scopes);
const refuse: Entry = (family, resource, scopes) =>
  resource === undefined ? family.rejectOIDCScope(scopes) : family.rejectResourceScope(resource, scopes);

/**
 * Grants of what is asked what was allowed. What was asked at this very request and left out counts as refused, so that
 * it is not asked again at once.
 */
function fill(family: Family, asked: Asked, allowed: Asked, answered: boolean): void {
  for (const { resource, scopes } of asked) {
    const permitted = new Set(scopesFor(allowed, resource));
    const write = (entry: Entry, some: readonly string[]) =>
      some.length === 0 ? undefined : entry(family, resource, some.join(' '));
    write(
      give,
      scopes.filter((scope) => permitted.has(scope)),
    );
    if (answered) {
      write(
        refuse,
        scopes.filter((scope) => !permitted.has(scope)),
      );
    }
  }
}

export interface FamilyParts {
  readonly grants: Grants;
  readonly users: PeopleDirectory;
}

/**
 * The library's hook for what a client was granted before. Each authorization gets a family of its own, with what is
 * asked and allowed: by this request's consent where there was one, else by the record. It is stored with the code.
 */
export function familyFor({ grants, users }: FamilyParts) {
  return (ctx: KoaContextWithOIDC): Promise<Grant | undefined> =>
    translated(async () => {
      const { account, client } = ctx.oidc;
      const organizationSid = await decideOrganization(ctx, users);
      if (account === undefined || client === undefined || organizationSid === undefined) return undefined;
      const userSid = account.accountId;
      const record = await grants.find({ userSid, clientId: client.clientId, organizationSid });
      const family: Family = new ctx.oidc.provider.Grant({ accountId: userSid, clientId: client.clientId });
      Object.assign(family, { jti: newSecret(), organizationSid, consentId: record?.id });
      if (record === undefined) return family;
      const answer = (ctx.oidc.result as StepResult | undefined)?.consent;
      const allowed = answer === undefined ? record.allowed : (answer.allowed as Asked);
      fill(family, askedBy(ctx), allowed, answer !== undefined);
      return family;
    });
}

/** Extends the library's models: a family knows its organization and consent, and is stored along with its code. */
export function keepFamilies(provider: InstanceType<typeof Provider>): void {
  const { Grant: Model, AuthorizationCode } = provider;
  const members = [
    ...(Model as unknown as { IN_PAYLOAD: readonly string[] }).IN_PAYLOAD,
    'organizationSid',
    'consentId',
  ];
  Object.defineProperty(Model, 'IN_PAYLOAD', { get: () => members });
  const { save } = AuthorizationCode.prototype;
  Object.assign(AuthorizationCode.prototype, {
    async save(this: InstanceType<typeof AuthorizationCode>): Promise<string> {
      const { ctx } = Provider;
      // The adapter keeps the family aside until the code comes, and stores both in one statement.
      await ctx?.oidc.entities.Grant?.save();
      if (ctx !== undefined) rememberOrganization(ctx);
      return (save as () => Promise<string>).call(this);
    },
  });
}
