import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret } from '../base/index.ts';
import type { Sql } from '../store/index.ts';
import { burnCode } from './storage/index.ts';

function misusedCode(ctx: Context): { readonly code: string; readonly clientId: string } | undefined {
  const { oidc } = ctx as Partial<KoaContextWithOIDC>;
  if (oidc?.route !== 'token' || ctx.status !== 400) return undefined;
  const code = oidc.params?.['code'];
  const refused = (ctx.body as { readonly error?: unknown } | undefined)?.error === 'invalid_grant';
  if (!refused || oidc.client === undefined || typeof code !== 'string') return undefined;
  return { code, clientId: oidc.client.clientId };
}

/**
 * A code has one attempt: its own client presenting it with a wrong verifier or another redirect URI may be somebody
 * who guesses (RFC 9700 section 4.8, RFC 7636). The library spends a code only after these checks.
 */
export function burnMisusedCode(sql: Sql): Middleware {
  return async function burnCodeOnMisuse(ctx, next) {
    await next();
    const misused = misusedCode(ctx);
    if (misused !== undefined) await burnCode(sql, hashSecret(misused.code), misused.clientId);
  };
}
