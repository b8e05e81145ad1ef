import { Problem, type Sealer } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import type { Sql } from '../../store/index.ts';
import { refreshTokenTtl } from '../lifetimes.ts';
import { type LiveRefresh, liveRefreshTokens } from '../storage/index.ts';
import { hasNothingSpecial, parameter } from './credentials.ts';
import { plainClient } from './plain-client.ts';
import type { PlainToken } from './types.ts';
import { type UserTokenParts, userTokens } from './user-token.ts';

export interface StoredTokenParts extends UserTokenParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
}

const plainParameters = new Set(['grant_type', 'client_id', 'client_secret', 'refresh_token', 'resource']);

/** What the library would store in place of a token. */
function successorOf({ token }: LiveRefresh, now: number, ttl: number): LiveRefresh['token'] {
  const gty = token['gty'] as string | undefined;
  return {
    ...token,
    iat: now,
    exp: now + ttl,
    rotations: ((token['rotations'] as number | undefined) ?? 0) + 1,
    ...(gty === undefined || gty.endsWith('refresh_token') ? {} : { gty: `${gty} refresh_token` }),
  };
}

/**
 * A refresh of a plain OAuth client, answered without the library: one statement reads all that must still be there,
 * one spends the token and stores its successor. As with client credentials only successes are answered here, and
 * whoever comes second is left to the library.
 */
export function plainRefresh(parts: StoredTokenParts, keys: KeyRing): PlainToken {
  const { config, clock, clients } = parts;
  const stored = liveRefreshTokens(parts.sql, parts.sealer);
  const tokens = userTokens(parts, keys);

  async function answer(client: Client, value: string, asked: string | undefined) {
    const now = Math.floor(Date.now() / 1000);
    const found = await stored.find(value);
    const decision = found === undefined ? undefined : await tokens.decide(client, found, asked, now);
    if (found === undefined || decision === undefined) return undefined;
    const ttl = refreshTokenTtl(config.tokens, client, found.token['iiat'] as number | undefined, now);
    const successor = await stored.rotate(value, found, successorOf(found, now, ttl), ttl);
    if (successor === undefined) return undefined;
    const access = tokens.issue(decision, client, now);
    return { ...access, refresh_token: successor, scope: decision.scope, token_type: 'Bearer' } as const;
  }

  return async (headers, parameters) => {
    if (!hasNothingSpecial(headers, parameters, plainParameters)) return undefined;
    if (parameters.filter(([name]) => name === 'resource').length > 1) return undefined;
    const value = parameter(parameters, 'refresh_token');
    if (value === undefined) return undefined;
    try {
      const client = await plainClient('refresh_token', headers, parameters, { clients, now: clock() });
      return client === undefined ? undefined : await answer(client, value, parameter(parameters, 'resource'));
    } catch (error) {
      // The database is away: the library meets the same and says so in its own way.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  };
}
