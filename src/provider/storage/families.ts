import type { Adapter } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { longestTtl, payloadSeal } from './payload.ts';
import { readFamily, revokeFamily, upsertFamily } from './store.ts';

/** The library's Grant: one authorization and what descends from it. A revoked one is not found any more. */
export function familyAdapter(sql: Sql, sealer: Sealer): Partial<Adapter> {
  const seal = payloadSeal(sealer, 'Grant');
  return {
    async upsert(id, payload, ttl) {
      const idHash = hashSecret(id);
      await upsertFamily(sql, { idHash, payloadSealed: seal.seal(idHash, payload), ttl: ttl ?? longestTtl });
    },
    async find(id) {
      const idHash = hashSecret(id);
      const row = await readFamily(sql, idHash);
      return row === undefined ? undefined : { ...seal.open(idHash, row.payloadSealed), jti: id };
    },
    destroy: (id) => revokeFamily(sql, hashSecret(id)),
    revokeByGrantId: (grantId) => revokeFamily(sql, hashSecret(grantId)),
  };
}
