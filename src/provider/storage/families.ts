import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { Provider } from '../library.ts';
import { longestTtl, lookupHash, payloadSeal } from './payload.ts';
import { endReusedFamily, type Reuse, reuseOf } from './reuse.ts';
import { type FamilyDraft, readFamily, revokeFamily, upsertFamily } from './store.ts';

/** Families that are about to be stored, each along with the code that it is for. */
const waiting = new WeakMap<KoaContextWithOIDC, FamilyDraft>();

/** The family that waits for the code of this request. */
export function takeFamily(ctx: KoaContextWithOIDC | undefined): FamilyDraft | undefined {
  const draft = ctx === undefined ? undefined : waiting.get(ctx);
  if (ctx !== undefined) waiting.delete(ctx);
  return draft;
}

const reusable: ReadonlySet<unknown> = new Set(['authorization_code', 'refresh_token']);

/**
 * Ends a family for the library. At the token endpoint it has one reason for that: a code or refresh token that had been
 * used before.
 */
export async function endFamily(sql: Sql, grantId: string): Promise<void> {
  const { ctx } = Provider;
  const what = ctx?.oidc.route === 'token' ? ctx.oidc.params?.['grant_type'] : undefined;
  if (!reusable.has(what)) return revokeFamily(sql, hashSecret(grantId));
  await endReusedFamily(sql, hashSecret(grantId), reuseOf(what as Reuse['what']));
}

/** Where an authorization endpoint answers, the family is new and goes along with its code. */
const isAuthorizing = (ctx: KoaContextWithOIDC) => ctx.oidc.route === 'authorization' || ctx.oidc.route === 'resume';

/**
 * The session that a family ends with. Offline access outlives the sign-out (OpenID Connect Core section 11), and where
 * nobody's browser took part there is no session.
 */
function sessionOf(ctx: KoaContextWithOIDC, headless: boolean): string | undefined {
  const isOffline = ctx.oidc.entities.Grant?.getOIDCScope().split(' ').includes('offline_access') === true;
  return headless || isOffline ? undefined : ctx.oidc.session?.uid;
}

/** The library's Grant: one authorization and what descends from it. A revoked one is not found any more. */
export function familyAdapter(
  sql: Sql,
  sealer: Sealer,
  isHeadless: (ctx: KoaContextWithOIDC) => boolean,
): Partial<Adapter> {
  const seal = payloadSeal(sealer, 'Grant');
  return {
    async upsert(id, payload, ttl) {
      const { ctx } = Provider;
      const idHash = hashSecret(id);
      const draft = { idHash, payloadSealed: seal.seal(idHash, payload), ttl: ttl ?? longestTtl };
      if (ctx === undefined || !isAuthorizing(ctx)) return upsertFamily(sql, draft);
      const { session } = ctx.oidc;
      waiting.set(ctx, {
        ...draft,
        consentId: (payload as { readonly consentId?: string }).consentId ?? null,
        sessionUidHash: lookupHash(sessionOf(ctx, isHeadless(ctx))),
        // A session that is not stored yet cannot have been signed out of.
        signedInUidHash: session?.iat === undefined ? null : lookupHash(session.uid),
      });
    },
    async find(id) {
      const idHash = hashSecret(id);
      const row = await readFamily(sql, idHash);
      return row === undefined ? undefined : { ...seal.open(idHash, row.payloadSealed), jti: id };
    },
    destroy: (id) => endFamily(sql, id),
    revokeByGrantId: (grantId) => endFamily(sql, grantId),
  };
}
