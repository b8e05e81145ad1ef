import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { Config } from '../../config/index.ts';
import type { LookupCache, Sql } from '../../store/index.ts';
import { familyOf } from '../claims.ts';
import { payloadSeal } from '../storage/payload.ts';
import { refreshTokenRows } from '../storage/refresh-token-row.ts';
import { type OpaqueTokenRow, readOpaqueToken } from '../storage/store.ts';
import { holdersOf } from './holders.ts';
import type { LiveToken } from './types.ts';

/** The members of a stored token that matter here. */
interface StoredToken extends AdapterPayload {
  readonly iat: number;
  readonly exp: number;
  readonly clientId: string;
  readonly extra?: {
    readonly org_id?: string;
    readonly account_sid?: string;
    readonly fam?: string;
    readonly fam_client_id?: string;
    readonly act?: unknown;
  };
}

function subjectsOf(stored: StoredToken, organization: string | undefined, family: string | undefined) {
  const { account_sid: account, act, fam_client_id: familyClientId } = stored.extra ?? {};
  const { clientId, accountId: subject = clientId } = stored;
  return {
    ...holdersOf({ clientId, subject, act, familyClientId }),
    ...(family === undefined ? {} : { family }),
    ...(organization === undefined ? {} : { organization }),
    ...(account === undefined ? {} : { account }),
  };
}

function toLiveToken(model: string, stored: StoredToken, issuer: string, organization: string | undefined): LiveToken {
  const isRefresh = model === 'RefreshToken';
  // An exchanged token belongs to the family of the token that it came of, and knows that by its hash alone.
  const family = stored.grantId === undefined ? stored.extra?.fam : familyOf(stored.grantId);
  const jkt = stored['jkt'] as string | undefined;
  const audience = isRefresh ? undefined : (stored['aud'] as string);
  return {
    kind: isRefresh ? 'refresh_token' : 'access_token',
    clientId: stored.clientId,
    organizationSid: organization,
    audience,
    expiresAt: stored.exp,
    family,
    familyClientId: stored.extra?.fam_client_id,
    withdraw: { by: 'row', model },
    revocable: { iat: stored.iat, subjects: subjectsOf(stored, organization, family) },
    claims: {
      ...(isRefresh ? {} : { ...stored.extra, fam: undefined, fam_client_id: undefined }),
      sub: stored.accountId ?? stored.clientId,
      client_id: stored.clientId,
      exp: stored.exp,
      iat: stored.iat,
      iss: issuer,
      aud: audience,
      scope: stored['scope'],
      cnf: jkt === undefined ? undefined : { jkt },
      token_type: isRefresh ? undefined : jkt === undefined ? 'Bearer' : 'DPoP',
    },
  };
}

/** Finds an opaque access token or a refresh token in one round trip. `now` is in seconds since the epoch. */
export type OpaqueFinder = (token: string, now: number) => Promise<LiveToken | undefined>;

export interface OpaqueParts {
  readonly config: Pick<Config, 'issuer'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clients: LookupCache<Client>;
}

/** Prepares the finder. */
export function opaqueFinder({ config, sql, sealer, clients }: OpaqueParts): OpaqueFinder {
  const refreshTokens = refreshTokenRows(sealer);
  const open = (idHash: Buffer, row: OpaqueTokenRow) =>
    row.model === 'RefreshToken'
      ? refreshTokens.open(idHash, row)
      : payloadSeal(sealer, row.model).open(idHash, row.payloadSealed);

  /** An access token says which organization it is for; a refresh token is for the one that its user chose. */
  async function organizationOf(row: OpaqueTokenRow, stored: StoredToken): Promise<string | undefined> {
    if (row.model !== 'RefreshToken') return stored.extra?.org_id;
    return row.organizationSid ?? (await clients.get(stored.clientId))?.organizationSid;
  }

  return async (token, now) => {
    const idHash = hashSecret(token);
    const row = await readOpaqueToken(sql, idHash);
    if (row === undefined) return undefined;
    const stored = open(idHash, row) as StoredToken;
    if (stored.exp <= now) return undefined;
    return toLiveToken(row.model, stored, config.issuer, await organizationOf(row, stored));
  };
}
