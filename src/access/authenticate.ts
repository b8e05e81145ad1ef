import type { TenantDirectory } from '../accounts/index.ts';
import type { Authenticate, Caller } from '../api/index.ts';
import { isSid, Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { ProtocolEngine } from '../provider/index.ts';
import { managementScopes } from '../resources/index.ts';
import { effectiveScopes } from './rules.ts';

export interface AccessParts {
  readonly config: Pick<Config, 'issuer'>;
  readonly tenants: TenantDirectory;
  readonly inspect: ProtocolEngine['inspect'];
}

type LiveToken = NonNullable<Awaited<ReturnType<AccessParts['inspect']>>>;

const scopeNames = managementScopes.map(({ name }) => name);

const bearer = /^bearer +([^\s]+)$/i;
const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** The challenge of RFC 6750 section 3, with where to learn more (RFC 9728 section 5.1). */
const challenge = (issuer: string, more: string) => ({
  'www-authenticate': `Bearer realm="Countersign"${more}, resource_metadata="${issuer}/.well-known/oauth-protected-resource"`,
});

/** An API key as one string, from either way to send it. */
function apiKeyIn(authorization: string): string | undefined {
  const encoded = basic.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  return colon === -1 ? undefined : `${decoded.slice(0, colon)}.${decoded.slice(colon + 1)}`;
}

/** The words of a token's claim. */
const wordsOf = (claim: unknown) => (typeof claim === 'string' && claim !== '' ? claim.split(' ') : []);

/** Prepares the finding out of who calls. */
export function createAccess({ config: { issuer }, tenants, inspect }: AccessParts): Authenticate {
  const unknown = (more: string, detail: string) =>
    new Problem('invalid_token', detail, { headers: challenge(issuer, more) });

  async function withReach(caller: Omit<Caller, 'reach' | 'scopes'>, given: readonly string[]): Promise<Caller> {
    return {
      ...caller,
      reach: await tenants.reachOf(caller.organizationSid),
      scopes: effectiveScopes(given, caller.role, caller.userSid !== undefined, scopeNames),
    };
  }

  async function byApiKey(credential: string): Promise<Caller | undefined> {
    const key = await tenants.authenticate(credential);
    if (key === undefined) return undefined;
    const { sid: id, userSid, organizationSid } = key;
    const role = await tenants.roleOf(userSid, organizationSid);
    return withReach({ kind: 'api_key', id, userSid, clientId: undefined, organizationSid, role }, key.scopes);
  }

  /** An access token for this API. One that is bound to a key is good for nothing without its proof. */
  async function byToken(live: LiveToken): Promise<Caller | undefined> {
    const { kind, audience, clientId, organizationSid, claims } = live;
    const isOurs = kind === 'access_token' && audience === issuer && claims['cnf'] === undefined;
    if (!isOurs || organizationSid === undefined) return undefined;
    const sub = claims['sub'];
    const scopes = wordsOf(claims['scope']);
    if (typeof sub !== 'string' || !isSid('user', sub)) {
      const machine = {
        kind: 'client',
        id: clientId,
        userSid: undefined,
        clientId,
        organizationSid,
        role: undefined,
      } as const;
      return withReach(machine, scopes);
    }
    const role = await tenants.roleOf(sub, organizationSid);
    return withReach({ kind: 'user', id: sub, userSid: sub, clientId, organizationSid, role }, scopes);
  }

  return async ({ headers: { authorization = '' } }) => {
    const credential = apiKeyIn(authorization) ?? bearer.exec(authorization)?.[1];
    if (credential === undefined) {
      throw unknown('', 'Send an API key or an access token for this API as a Bearer.');
    }
    const found = await byApiKey(credential);
    if (found !== undefined) return found;
    const live = await inspect(credential);
    const caller = live === undefined ? undefined : await byToken(live);
    if (caller === undefined) {
      throw unknown(', error="invalid_token"', 'The API key or access token is not valid here.');
    }
    return caller;
  };
}
