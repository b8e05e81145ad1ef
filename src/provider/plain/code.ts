import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import { refreshTokenTtl } from '../lifetimes.ts';
import { type LiveCode, liveCodes } from '../storage/index.ts';
import { hasNothingSpecial, parameter } from './credentials.ts';
import { plainClient } from './plain-client.ts';
import type { StoredTokenParts } from './refresh.ts';
import type { PlainToken } from './types.ts';
import { userTokens } from './user-token.ts';

const plainParameters = new Set(['grant_type', 'client_id', 'client_secret', 'code', 'redirect_uri', 'code_verifier']);

/** RFC 7636 section 4.1. */
const verifierSyntax = /^[\w.~-]{43,128}$/;

/** RFC 7636 section 4.6, with S256 alone. */
function fitsChallenge(verifier: string, challenge: unknown): boolean {
  if (typeof challenge !== 'string' || !verifierSyntax.test(verifier)) return false;
  const hash = Buffer.from(createHash('sha256').update(verifier).digest('base64url'));
  const expected = Buffer.from(challenge);
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}

/** What the library would store as the first refresh token of a family. */
function firstRefreshToken({ token }: LiveCode, now: number, ttl: number): LiveCode['token'] {
  const { accountId, authTime, grantId, nonce, resource, scope, sessionUid, clientId } = token;
  return {
    iat: now,
    exp: now + ttl,
    accountId,
    authTime,
    grantId,
    gty: 'authorization_code',
    nonce,
    resource,
    rotations: 0,
    scope,
    sessionUid,
    kind: 'RefreshToken',
    clientId,
    iiat: now,
  };
}

/**
 * The redemption of a code by a plain OAuth client, answered without the library: one statement reads the code with all
 * that it hangs on, one spends it and stores the refresh token. Only successes are answered here: a wrong verifier,
 * another redirect URI, a code that is spent, and whoever comes second are the library's.
 */
export function plainRedemption(parts: StoredTokenParts, keys: KeyRing): PlainToken {
  const { config, clock, clients } = parts;
  const stored = liveCodes(parts.sql, parts.sealer);
  const tokens = userTokens(parts, keys);

  async function answer(client: Client, code: string, redirectUri: string, verifier: string) {
    const now = Math.floor(Date.now() / 1000);
    const found = await stored.find(code);
    if (found === undefined || found.token['redirectUri'] !== redirectUri) return undefined;
    const { codeChallenge: challenge, codeChallengeMethod: method } = found.token;
    if (method !== 'S256' || !fitsChallenge(verifier, challenge)) return undefined;
    const decision = await tokens.decide(client, found, now);
    if (decision === undefined) return undefined;
    const ttl = refreshTokenTtl(config.tokens, client, undefined, now);
    const refreshToken = await stored.redeem(code, found, firstRefreshToken(found, now, ttl), ttl);
    if (refreshToken === undefined) return undefined;
    const { subject } = decision;
    const access = tokens.issue(subject, decision, client, now);
    return { ...access, refresh_token: refreshToken, scope: subject.scope, token_type: 'Bearer' } as const;
  }

  return async (headers, parameters) => {
    if (!hasNothingSpecial(headers, parameters, plainParameters)) return undefined;
    const [code, redirectUri, verifier] = ['code', 'redirect_uri', 'code_verifier'].map((name) =>
      parameter(parameters, name),
    );
    if (code === undefined || redirectUri === undefined || verifier === undefined) return undefined;
    try {
      const client = await plainClient('authorization_code', headers, parameters, { clients, now: clock() });
      // Without refresh tokens the library has little to store, and less to save here.
      const refreshes = client?.allowedGrantTypes.includes('refresh_token') === true;
      return client !== undefined && refreshes ? await answer(client, code, redirectUri, verifier) : undefined;
    } catch (error) {
      // The database is away: the library meets the same and says so in its own way.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  };
}
