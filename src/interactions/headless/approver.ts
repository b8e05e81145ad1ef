import { isSid, Problem } from '../../base/index.ts';
import type { InteractionParts, LiveBearer } from '../types.ts';
import type { Approver } from './rules.ts';

const bearer = /^bearer +([^\s]+)$/i;

/** The challenge of RFC 6750 section 3, with where to learn more (RFC 9728 section 5.1). */
const challenge = (issuer: string, more: string) => ({
  'www-authenticate': `Bearer realm="Countersign"${more}, resource_metadata="${issuer}/.well-known/oauth-protected-resource"`,
});

/** The words of a token's claim. */
const wordsOf = (claim: unknown) => new Set(typeof claim === 'string' ? claim.split(' ') : []);

/**
 * The user behind an access token for this server's own API. None where it is another kind of token, for somebody else,
 * a machine's own, or bound to a key that is not proven here (RFC 9449 section 7.2).
 */
function fromToken(live: LiveBearer, issuer: string): Approver | undefined {
  const { kind, audience, clientId, organizationSid } = live;
  const { sub, cnf, scope } = live.claims;
  const isOurs = kind === 'access_token' && audience === issuer && cnf === undefined;
  if (!isOurs || organizationSid === undefined || typeof sub !== 'string' || !isSid('user', sub)) return undefined;
  return { userSid: sub, organizationSid, scopes: wordsOf(scope), clientId };
}

/** Finds the user whom a request speaks for, by an API key of theirs or an access token of theirs. */
export function identifyApprover({
  config,
  tenants,
  inspect,
}: Pick<InteractionParts, 'config' | 'tenants' | 'inspect'>) {
  const { issuer } = config;

  async function find(credential: string): Promise<Approver | undefined> {
    const key = await tenants.authenticate(credential);
    if (key !== undefined) {
      const { userSid, organizationSid, scopes } = key;
      return { userSid, organizationSid, scopes: new Set(scopes), clientId: undefined };
    }
    const live = await inspect(credential);
    return live === undefined ? undefined : fromToken(live, issuer);
  }

  /** @throws Problem 401 with a challenge. */
  return async (authorization: string | undefined): Promise<Approver> => {
    const credential = bearer.exec(authorization ?? '')?.[1];
    if (credential === undefined) {
      const headers = challenge(issuer, '');
      throw new Problem('invalid_token', 'Send an API key or an access token of the user as a Bearer.', { headers });
    }
    const approver = await find(credential);
    if (approver !== undefined) return approver;
    const headers = challenge(issuer, ', error="invalid_token"');
    throw new Problem('invalid_token', 'The API key or access token is not valid here.', { headers });
  };
}
