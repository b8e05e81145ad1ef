import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { Provider } from '../library.ts';
import { originOf } from './origin.ts';
import { longestTtl, payloadSeal } from './payload.ts';
import { changeSession, endSession, readSession, readSessionByUid, upsertSession } from './sessions-store.ts';

/** The id that a session had until this request. */
const before = new WeakMap<KoaContextWithOIDC, string>();

/** A refused authorization request leaves the session as it was. The library stores it whatever came of the request. */
function isRefused({ oidc }: KoaContextWithOIDC): boolean {
  const { AuthorizationCode: code, Interaction: interaction } = oidc.entities;
  return oidc.route === 'authorization' && code === undefined && interaction === undefined;
}

/** Whether the library is only about to store this session under a new id. */
const isRenamed = (ctx: KoaContextWithOIDC | undefined, id: string): ctx is KoaContextWithOIDC =>
  ctx !== undefined && (ctx.oidc.session as { readonly oldId?: string } | undefined)?.oldId === id;

/**
 * Login sessions: found by the hash of the cookie, or of the uid that tokens carry. One that was signed out of
 * meanwhile is changed no more: a request that had begun before does not bring it back.
 */
export function sessionAdapter(
  sql: Sql,
  sealer: Sealer,
  isHeadless: (ctx: KoaContextWithOIDC) => boolean,
): Partial<Adapter> {
  const seal = payloadSeal(sealer, 'Session');
  return {
    async upsert(id, payload, ttl) {
      const { ctx } = Provider;
      if (ctx !== undefined && (isRefused(ctx) || isHeadless(ctx))) return;
      const idHash = hashSecret(id);
      const draft = {
        idHash,
        uidHash: hashSecret(payload.uid as string),
        userSid: payload.accountId ?? null,
        payloadSealed: seal.seal(idHash, payload),
        ttl: ttl ?? longestTtl,
      };
      if (ctx?.oidc.session?.iat === undefined) return upsertSession(sql, draft);
      await changeSession(sql, hashSecret(before.get(ctx) ?? id), draft);
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
    async destroy(id) {
      const { ctx } = Provider;
      // Storing it under its new id is one statement, so it is never there twice or not at all.
      if (isRenamed(ctx, id)) before.set(ctx, id);
      else await endSession(sql, hashSecret(id), originOf(ctx));
    },
  };
}
