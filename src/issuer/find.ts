import { accessTokenType } from './access-tokens/mint.ts';
import type { Minting } from './access-tokens/service.ts';
import { type LiveAccessToken, verifyAccessToken } from './access-tokens/verify.ts';
import { type LiveCapability, verifyCapability } from './capability-tokens/verify.ts';
import { type Compact, readCompact } from './compact.ts';
import { accountLookUp, keyLookUp } from './keys/look-up.ts';
import type { IssuedToken } from './types.ts';

/** Finds a token of the issuer that counts at this moment. */
export type FindIssued = (token: string) => Promise<IssuedToken | undefined>;

/** A `jti` is a text (RFC 7519 section 4.1.7). Nobody relies on it, so another one is left out rather than refused. */
const nameOf = (jti: unknown) => (typeof jti === 'string' ? jti : undefined);

/** What an introspection says of an AccessToken. It is no Bearer token, and its type says so. */
function accessClaims(token: LiveAccessToken, payload: Compact['payload']): IssuedToken {
  const { accountSid, organizationSid } = token.key;
  const { iss, sub, exp, iat, nbf, jti } = payload ?? {};
  return {
    organizationSid,
    claims: {
      token_type: 'AccessToken',
      ...{ iss, sub, exp, iat, nbf, jti: nameOf(jti), identity: token.identity, grants: token.grants },
      account_sid: accountSid,
      org_id: organizationSid,
    },
  };
}

const typeOf = { client_capability: 'ClientCapability', task_router_capability: 'TaskRouterCapability' } as const;

function capabilityClaims({ account, capability }: LiveCapability, payload: Compact['payload']): IssuedToken {
  const { sid, organizationSid } = account;
  const { iss, exp, iat, nbf } = payload ?? {};
  const { kind, ...held } = capability;
  // `scope` has a meaning of its own in an introspection (RFC 7662 section 2.2), so what is taken apart is told.
  const told = { token_type: typeOf[kind], iss, sub: sid, exp, iat, nbf, ...held };
  return { organizationSid, claims: { ...told, account_sid: sid, org_id: organizationSid } };
}

/** Prepares the finder: from memory, since introspections are many. */
export function issuedFinder({ tenants, clock, config, signingKeys }: Minting): FindIssued {
  const [findKey, findAccount] = [keyLookUp(tenants), accountLookUp(tenants)];
  const verification = { signingKeys, leeway: config.tokens.clockTolerance };

  return async (token) => {
    const compact = readCompact(token);
    const now = clock() / 1000;
    if (compact.header?.['cty'] === accessTokenType) {
      const verified = await verifyAccessToken(compact, findKey, verification, now);
      return verified.ok ? accessClaims(verified.value, compact.payload) : undefined;
    }
    const verified = await verifyCapability(compact, findAccount, verification, now);
    return verified.ok ? capabilityClaims(verified.value, compact.payload) : undefined;
  };
}
