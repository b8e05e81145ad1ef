import type { Adapter, AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { errors, Provider } from '../library.ts';
import { endFamily } from './families.ts';
import { refreshTokenRows } from './refresh-token-row.ts';
import { endReusedFamily, reuseOf } from './reuse.ts';
import {
  deleteRefreshToken,
  insertRefreshToken,
  readRefreshToken,
  readSuccessorSalt,
  rotateRefreshToken,
} from './rotation.ts';
import { newSalt, successorOf } from './successor.ts';
import type { RefreshTokenDraft } from './types.ts';

/** Refresh tokens and what the library's `save` must answer in place of the value that it made up itself. */
export interface RefreshTokens {
  readonly adapter: Partial<Adapter>;
  /** The successor that was stored, or that an earlier, equal request got, for the library's value. Given out once. */
  takeSuccessor(libraryId: string): string | undefined;
}

/**
 * Rotation with a window of grace. The library spends a token, then stores its successor; here `consume` only notes the
 * intent, and the successor's `upsert` does both in one statement. Whoever finds the token spent gets the successor
 * that the first one got, within the window and while that one is unspent itself; else `invalid_grant`.
 * @param window seconds of grace; with 0 whoever comes second gets nothing and ends the family.
 */
export function refreshTokens(sql: Sql, sealer: Sealer, window: number): RefreshTokens {
  const rows = refreshTokenRows(sealer);
  const spending = new WeakMap<KoaContextWithOIDC, string>();
  const successors = new Map<string, string>();

  function draftOf(id: string, payload: AdapterPayload, ttl: number | undefined): RefreshTokenDraft {
    const family = Provider.ctx?.oidc.entities.Grant;
    return rows.draft(id, payload, family?.jti === payload.grantId ? family : undefined, ttl);
  }

  async function rotate(spent: string, id: string, payload: AdapterPayload, ttl: number | undefined): Promise<void> {
    const salt = newSalt();
    const own = successorOf(spent, salt);
    const draft = draftOf(own, payload, ttl);
    if (await rotateRefreshToken(sql, hashSecret(spent), draft, salt)) {
      successors.set(id, own);
      return;
    }
    // Without grace, coming second is reuse, even for one who found the token unspent a moment before.
    if (window === 0 && draft.familyHash !== null) {
      await endReusedFamily(sql, draft.familyHash, reuseOf('refresh_token'));
    }
    const given = window > 0 ? await readSuccessorSalt(sql, hashSecret(spent), window) : undefined;
    if (given === undefined) throw new errors.InvalidGrant('refresh token already used');
    successors.set(id, successorOf(spent, given));
  }

  return {
    takeSuccessor(libraryId) {
      const value = successors.get(libraryId);
      successors.delete(libraryId);
      return value;
    },
    adapter: {
      async upsert(id, payload, ttl) {
        const { ctx } = Provider;
        const spent = ctx === undefined ? undefined : spending.get(ctx);
        if (spent !== undefined) return rotate(spent, id, payload, ttl);
        await insertRefreshToken(sql, draftOf(id, payload, ttl));
      },
      async find(id) {
        const idHash = hashSecret(id);
        const row = await readRefreshToken(sql, idHash, window);
        if (row === undefined) return undefined;
        const payload = { ...rows.open(idHash, row), jti: id };
        if (row.spentAt === null || row.withinWindow) return payload;
        return { ...payload, consumed: Math.floor(row.spentAt) };
      },
      async consume(id) {
        if (Provider.ctx !== undefined) spending.set(Provider.ctx, id);
      },
      destroy: (id) => deleteRefreshToken(sql, hashSecret(id)),
      revokeByGrantId: (grantId) => endFamily(sql, grantId),
    },
  };
}
