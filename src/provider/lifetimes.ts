import type { Client } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import type { Resource } from '../resources/index.ts';

type Lifetimes = Config['tokens'];

/** What decides on lifetimes besides the configuration. */
type Ttls = Pick<Client, 'accessTokenTtl' | 'refreshTokenTtl'>;

/** Seconds that an access token lives: what the resource and the client say, the shorter of both, else the default. */
export function accessTokenTtl(
  tokens: Pick<Lifetimes, 'accessTokenTtl'>,
  client: Pick<Ttls, 'accessTokenTtl'> | undefined,
  resource: Pick<Resource, 'accessTokenTtl'> | undefined,
): number {
  const said = [client?.accessTokenTtl, resource?.accessTokenTtl].filter((ttl) => ttl !== undefined);
  return said.length === 0 ? tokens.accessTokenTtl : Math.min(...said);
}

/**
 * Seconds that a refresh token lives from now on: it ends when nobody uses it, and with its authorization in any case.
 * @param issuedFirst when the first of its family was issued; seconds since the epoch, as `now`.
 */
export function refreshTokenTtl(
  tokens: Pick<Lifetimes, 'refreshTokenTtl' | 'refreshTokenIdleTtl'>,
  client: Pick<Ttls, 'refreshTokenTtl'> | undefined,
  issuedFirst: number | undefined,
  now: number,
): number {
  const left = (issuedFirst ?? now) + (client?.refreshTokenTtl ?? tokens.refreshTokenTtl) - now;
  return Math.max(1, Math.min(tokens.refreshTokenIdleTtl, left));
}

/** Seconds that a family is kept: no shorter than any of its tokens may live. */
export function familyTtl(
  tokens: Pick<Lifetimes, 'refreshTokenTtl'>,
  client: Pick<Ttls, 'refreshTokenTtl'> | undefined,
): number {
  return Math.max(tokens.refreshTokenTtl, client?.refreshTokenTtl ?? 0);
}
