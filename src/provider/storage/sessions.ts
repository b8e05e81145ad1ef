import type { Adapter } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { longestTtl, payloadSeal } from './payload.ts';
import { deleteSession, readSession, readSessionByUid, upsertSession } from './store.ts';

/** Login sessions: found by the hash of the cookie, or of the uid that tokens carry. */
export function sessionAdapter(sql: Sql, sealer: Sealer): Partial<Adapter> {
  const seal = payloadSeal(sealer, 'Session');
  return {
    async upsert(id, payload, ttl) {
      const idHash = hashSecret(id);
      await upsertSession(sql, {
        idHash,
        uidHash: hashSecret(payload.uid as string),
        userSid: payload.accountId ?? null,
        payloadSealed: seal.seal(idHash, payload),
        ttl: ttl ?? longestTtl,
      });
    },
    async find(id) {
      const idHash = hashSecret(id);
      const row = await readSession(sql, idHash);
      return row === undefined ? undefined : { ...seal.open(idHash, row.payloadSealed), jti: id };
    },
    async findByUid(uid) {
      const row = await readSessionByUid(sql, hashSecret(uid));
      return row === undefined ? undefined : seal.open(row.idHash, row.payloadSealed);
    },
    destroy: (id) => deleteSession(sql, hashSecret(id)),
  };
}
