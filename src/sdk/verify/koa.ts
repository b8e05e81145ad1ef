import type { VerifiedToken } from './claims.ts';
import { VerificationError } from './errors.ts';
import { documentHeaders, type ProtectedResource } from './protected-resource.ts';
import type { Verifier, VerifyOptions } from './verifier.ts';

/** As much of a koa context as is used; a verified one has `state.auth`. */
export interface KoaContext {
  readonly method: string;
  readonly path: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // koa's own type of a state holds whatever a program keeps there.
  readonly state: { auth?: VerifiedToken };
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

/** A middleware of koa. */
export type KoaMiddleware<Context extends KoaContext> = (ctx: Context, next: () => Promise<unknown>) => Promise<void>;

/**
 * Lets requests with a good token pass, as `ctx.state.auth`, and answers the others. What is no refusal is thrown.
 * @param requirements what a token must be good for; a function, where the request says it.
 */
export function koaVerifier<Context extends KoaContext>(
  verifier: Verifier,
  requirements: VerifyOptions | ((ctx: Context) => VerifyOptions) = {},
): KoaMiddleware<Context> {
  return async function verifyToken(ctx, next) {
    try {
      const { method, originalUrl: url, headers } = ctx;
      const asked = typeof requirements === 'function' ? requirements(ctx) : requirements;
      ctx.state.auth = await verifier.verifyRequest({ method, url, headers }, asked);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      ctx.status = error.status;
      ctx.set(error.headers);
      ctx.body = error.body;
      return;
    }
    await next();
  };
}

/** Serves the RFC 9728 document at its path, and leaves the rest to others. */
export function koaProtectedResource<Context extends KoaContext>(resource: ProtectedResource): KoaMiddleware<Context> {
  return async function serveResourceMetadata(ctx, next) {
    const isAsked = ctx.path === resource.path && (ctx.method === 'GET' || ctx.method === 'HEAD');
    if (!isAsked) {
      await next();
      return;
    }
    ctx.set(documentHeaders);
    ctx.body = resource.document;
  };
}
