import type { Adapter, AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { errors, Provider } from '../library.ts';
import { endFamily, takeFamily } from './families.ts';
import { longestTtl, lookupHash, type PayloadSeal, payloadSeal } from './payload.ts';
import { reuseOf } from './reuse.ts';
import {
  type ArtifactDraft,
  changeArtifact,
  deleteArtifact,
  insertAuthorization,
  readArtifact,
  readByUserCode,
  type SealedRow,
  spendArtifact,
  upsertArtifact,
} from './store.ts';

/** What the one who comes second is told, in the words of the library for what has been used before. */
const spentAlready: Readonly<Record<string, () => Error>> = {
  AuthorizationCode: () => new errors.InvalidGrant('authorization code already consumed'),
  DeviceCode: () => new errors.InvalidGrant('device code already consumed'),
  PushedAuthorizationRequest: () =>
    new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used'),
};

function toPayload(seal: PayloadSeal, idHash: Buffer, row: SealedRow): AdapterPayload {
  const payload = seal.open(idHash, row.payloadSealed);
  if (row.consumedAt === null) return payload;
  return { ...payload, consumed: Math.floor(row.consumedAt.getTime() / 1000) };
}

/** The short-lived objects that share one table: codes, pushed requests, opaque access tokens, interactions. */
export function artifactAdapter(kind: string, sql: Sql, sealer: Sealer): Partial<Adapter> {
  const seal = payloadSeal(sealer, kind);

  async function store(draft: ArtifactDraft): Promise<void> {
    // Outside the protocol's own endpoints a request gets an answer, unless another answer came first and it is over.
    if (kind === 'Interaction' && Provider.ctx === undefined) return changeArtifact(sql, draft);
    const family = kind === 'AuthorizationCode' ? takeFamily(Provider.ctx) : undefined;
    if (family === undefined) return upsertArtifact(sql, draft);
    if (!(await insertAuthorization(sql, draft, family))) {
      throw new errors.AccessDenied('the consent was withdrawn or the session ended');
    }
  }

  const userCodeHash = (code: string) => sealer.fingerprint('user code', code);
  return {
    async upsert(id, payload, ttl) {
      const idHash = hashSecret(id);
      await store({
        kind,
        idHash,
        familyHash: lookupHash(payload.grantId),
        clientId: payload.clientId ?? null,
        userCodeHash: payload.userCode === undefined ? null : userCodeHash(payload.userCode),
        payloadSealed: seal.seal(idHash, payload),
        ttl: ttl ?? longestTtl,
      });
    },
    async find(id) {
      const idHash = hashSecret(id);
      const row = await readArtifact(sql, kind, idHash);
      return row === undefined ? undefined : { ...toPayload(seal, idHash, row), jti: id };
    },
    async findByUserCode(userCode) {
      const row = await readByUserCode(sql, userCodeHash(userCode));
      return row === undefined ? undefined : toPayload(seal, row.idHash, row);
    },
    async consume(id) {
      const spent = await spendArtifact(sql, kind, hashSecret(id), reuseOf('authorization_code'));
      if (!spent) throw spentAlready[kind]?.() ?? new errors.InvalidGrant(`${kind} already consumed`);
    },
    async destroy(id) {
      const wasThere = await deleteArtifact(sql, kind, hashSecret(id));
      // The library removes a request when it goes on with it: of two at once one does.
      if (!wasThere && kind === 'Interaction') throw new errors.SessionNotFound('interaction session not found');
    },
    revokeByGrantId: (grantId) => endFamily(sql, grantId),
  };
}
