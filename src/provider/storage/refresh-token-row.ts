import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import { longestTtl, lookupHash, payloadSeal } from './payload.ts';
import { type FamilyFacts, hasOrganizationOfConsent, plainTarget } from './rules.ts';
import type { RefreshTokenDraft, SealedRefreshToken } from './types.ts';

/**
 * How refresh tokens lie in the database. The payload of a plain one is sealed for its family, without what changes with
 * each rotation, so that a rotation inside the database passes it on unopened; what changes stands in columns and is laid
 * over it. Any other payload is sealed for its own row.
 */
export interface RefreshTokenRows {
  /** @param family of the token, where it is at hand: without it the token cannot be known to be plain. */
  draft(
    value: string,
    payload: AdapterPayload,
    family: FamilyFacts | undefined,
    ttl: number | undefined,
  ): RefreshTokenDraft;
  open(idHash: Buffer, row: SealedRefreshToken): AdapterPayload;
}

const suffix = 'refresh_token';

/** As the library writes into the second token of a family, and all that follow. */
function grantTypes(gty: unknown, rotations: number | null): unknown {
  return typeof gty !== 'string' || rotations === 0 || gty.endsWith(suffix) ? gty : `${gty} ${suffix}`;
}

/** Opens the rows of refresh tokens. */
export function refreshTokenRows(sealer: Sealer): RefreshTokenRows {
  const own = payloadSeal(sealer, 'RefreshToken');
  const shared = payloadSeal(sealer, 'RefreshToken of a family');

  function plainColumns(familyHash: Buffer, payload: AdapterPayload, family: FamilyFacts | undefined) {
    const { iat, exp, rotations = 0, ...lasting } = payload as AdapterPayload & { readonly rotations?: number };
    const iiat = payload['iiat'];
    const target = family !== undefined && hasOrganizationOfConsent(family) ? plainTarget(payload, family) : undefined;
    if (target === undefined || iat === undefined || exp === undefined || typeof iiat !== 'number') return undefined;
    const payloadSealed = shared.seal(familyHash, lasting);
    const { resource, scopes } = target;
    return { payloadSealed, plain: { resource, scope: scopes.join(' '), iat, exp, iiat, rotations } };
  }

  return {
    draft(value, payload, family, ttl) {
      const idHash = hashSecret(value);
      const familyHash = lookupHash(payload.grantId);
      const plain = familyHash === null ? undefined : plainColumns(familyHash, payload, family);
      return {
        idHash,
        familyHash,
        userSid: payload.accountId ?? null,
        clientId: payload.clientId as string,
        sessionUidHash: lookupHash(payload.sessionUid),
        ...(plain ?? { payloadSealed: own.seal(idHash, payload), plain: undefined }),
        ttl: ttl ?? longestTtl,
      };
    },
    open(idHash, { payloadSealed, familyHash, resource, iat, exp, rotations }) {
      if (resource === null || familyHash === null) return own.open(idHash, payloadSealed);
      const payload = shared.open(familyHash, payloadSealed);
      const changing = { iat, exp, rotations, gty: grantTypes(payload['gty'], rotations) };
      return { ...payload, ...changing } as AdapterPayload;
    },
  };
}
