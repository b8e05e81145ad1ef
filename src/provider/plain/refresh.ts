import { LRUCache } from 'lru-cache';
import { Problem, type Sealer } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import type { Resource } from '../../resources/index.ts';
import type { Sql } from '../../store/index.ts';
import { liveRefreshTokens } from '../storage/index.ts';
import { hasNothingSpecial, parameter } from './credentials.ts';
import { plainClient } from './plain-client.ts';
import type { PlainToken, PlainTokenResponse } from './types.ts';
import { reachable, type UserTokenParts, userTokens } from './user-token.ts';

export interface StoredTokenParts extends UserTokenParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
}

const plainParameters = new Set(['grant_type', 'client_id', 'client_secret', 'refresh_token', 'resource']);

/** As many clients as the caches of clients hold, unless they are told otherwise. */
const maxGuesses = 10_000;

/** All that a client may have at a resource: worked out once for each pair of records, which never change. */
function reachableScopes(): (client: Client, resource: Resource) => string {
  const known = new WeakMap<Client, WeakMap<Resource, string>>();
  return (client, resource) => {
    const ofClient = known.get(client) ?? new WeakMap<Resource, string>();
    const scopes = ofClient.get(resource) ?? reachable(resource.scopes, client, resource);
    known.set(client, ofClient.set(resource, scopes));
    return scopes;
  };
}

/**
 * A refresh of a plain OAuth client, answered without the library: one statement finds the token with all that must still
 * count, spends it and stores its successor. What it is to be compared with is decided before, from the caches, so the
 * resource must be known: it is the one that the request names, else the one that this client refreshed for before. That
 * is a guess, and where it is wrong nothing has happened. As with client credentials only successes are answered here.
 */
export function plainRefresh(parts: StoredTokenParts, keys: KeyRing): PlainToken {
  const { config, clock, clients } = parts;
  const stored = liveRefreshTokens(parts.sql, parts.sealer);
  const tokens = userTokens(parts, keys);
  const scopesOf = reachableScopes();
  const guesses = new LRUCache<string, string>({ max: maxGuesses });

  async function refresh(client: Client, value: string, identifier: string): Promise<PlainTokenResponse | undefined> {
    const target = await tokens.targetOf(client, identifier);
    const allowed = target === undefined ? '' : scopesOf(client, target.resource);
    if (target === undefined || allowed === '') return undefined;
    const now = Math.floor(Date.now() / 1000);
    const rotated = await stored.rotate(value, {
      clientId: client.clientId,
      clientOrganizationSid: client.organizationSid,
      resource: identifier,
      scope: allowed,
      now,
      idleTtl: config.tokens.refreshTokenIdleTtl,
      lifetime: client.refreshTokenTtl ?? config.tokens.refreshTokenTtl,
    });
    if (rotated === undefined) return undefined;
    const scope = reachable(rotated.scope.split(' '), client, target.resource);
    const access = tokens.issue({ ...rotated, scope }, target, client, now);
    return { ...access, refresh_token: rotated.refreshToken, scope, token_type: 'Bearer' };
  }

  async function answer(client: Client, value: string, asked: string | undefined) {
    const guess = asked ?? guesses.get(client.clientId) ?? config.tokens.defaultResource;
    const answered = await refresh(client, value, guess);
    if (answered !== undefined || asked !== undefined) return answered;
    const resource = await stored.resourceOf(value);
    if (resource === undefined || resource === guess) return undefined;
    const better = await refresh(client, value, resource);
    if (better !== undefined) guesses.set(client.clientId, resource);
    return better;
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
