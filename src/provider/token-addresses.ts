import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Provider as LibraryProvider } from 'oidc-provider';
import { type Parameters, readParameters } from '../http/index.ts';

/** A refusal of the token endpoint (RFC 6749 section 5.2), before it is told. */
export interface Refusal {
  readonly error: string;
  readonly error_description?: string;
}

/** A further address of the token endpoint, for clients that speak otherwise. Its tokens are JWTs, as theirs must be. */
export interface TokenAddress {
  readonly path: string;
  /** Status of an answer with tokens. */
  readonly status: 200 | 201;
  /**
   * Says a request in the protocol's own terms. Headers that say nothing there are removed.
   * @param query without the question mark. @throws Problem
   */
  settle(headers: IncomingHttpHeaders, body: Parameters, query: string): Parameters;
  /** The body of a refusal as these clients read it. */
  refusal(refusal: Refusal, status: number): object;
}

/** The path by which the protocol knows its token endpoint. */
export const tokenPath = '/oauth/token';

/** Requests that came to such an address: the library sees them at its own. */
const asked = new WeakMap<IncomingMessage, TokenAddress>();

/** The address that a request came to, if it is one of these. */
export const addressOf = (req: IncomingMessage): TokenAddress | undefined => asked.get(req);

/**
 * Reads and settles a request to such an address; what its URL said has its place among the parameters then.
 * @param limit largest body in bytes.
 */
export function settleAt(address: TokenAddress, limit: number): Middleware {
  return async function settleAtAddress(ctx, next) {
    // An express lane may have read them already.
    const body = (ctx.state['parameters'] as Parameters | undefined) ?? (await readParameters(ctx.req, limit));
    ctx.state['parameters'] = address.settle(ctx.req.headers, body, ctx.querystring);
    ctx.querystring = '';
    asked.set(ctx.req, address);
    await next();
  };
}

/** Runs inside the library's koa, outermost: the answer as it is told at the address. */
export const tellAtAddress: Middleware = async (ctx: Context, next) => {
  await next();
  const address = addressOf(ctx.req);
  if (address === undefined) return;
  const refusal = (ctx.body ?? {}) as Partial<Refusal>;
  if (ctx.status === 200) ctx.status = address.status;
  else if (refusal.error !== undefined) ctx.body = address.refusal(refusal as Refusal, ctx.status);
};

/** A proof of possession names the address that was asked (RFC 9449 section 4.2). */
export function nameAskedAddress(provider: LibraryProvider): void {
  const { prototype } = provider.OIDCContext;
  const { urlFor } = prototype;
  Object.assign(prototype, {
    urlFor(this: { readonly ctx: Context }, name: string, options?: object): string {
      const address = name === 'token' ? addressOf(this.ctx.req) : undefined;
      if (address !== undefined) return new URL(address.path, provider.issuer).href;
      return (urlFor as (name: string, options?: object) => string).call(this, name, options);
    },
  });
}
