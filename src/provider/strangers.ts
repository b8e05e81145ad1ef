import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider as LibraryProvider } from 'oidc-provider';
import { recordOf } from './client-finder.ts';
import type { Renderers } from './pages.ts';

/** Whether nobody but the client itself says who it is. */
function isStranger({ oidc }: KoaContextWithOIDC): boolean {
  const record = oidc.client === undefined ? undefined : recordOf(oidc.client);
  return record !== undefined && record.origin !== 'managed' && !record.verified;
}

/**
 * Anybody may register a client, so an error that is sent to its redirect URI without a person having been asked would
 * make this server forward people wherever anybody likes, from an address that they trust (RFC 9700 section 4.11.2). Such
 * an error becomes a page that says where the link behind it leads. Programs are answered as ever.
 */
export function holdBack(provider: LibraryProvider, renderers: Renderers): Middleware {
  const failed = new WeakMap<object, Error>();
  provider.on('authorization.error', (ctx, error) => {
    failed.set(ctx, error);
  });

  return async function holdStrangersBack(ctx: Context, next) {
    await next();
    const own = ctx as unknown as KoaContextWithOIDC;
    const error = failed.get(ctx);
    const isFirst = own.oidc.route === 'authorization' && ctx.accepts('json', 'html') === 'html';
    if (error === undefined || !isFirst || !isStranger(own)) return;
    // What the library may not send anywhere it has told on a page already.
    if ((error as { allow_redirect?: boolean }).allow_redirect !== true) return;
    const href = ctx.response.get('location');
    ctx.remove('location');
    ctx.status = 400;
    const client = own.oidc.client?.clientName ?? '';
    renderers.error(ctx, {
      error: 'unverified_client',
      description: detailOf(own, error),
      ...(href === '' ? {} : { wayBack: { href, client } }),
    });
  };
}

function detailOf({ oidc }: KoaContextWithOIDC, { message }: Error): string {
  const { host, protocol } = new URL(String(oidc.params?.['redirect_uri']));
  return `The application is at ${host === '' ? protocol : host}, and would be told: ${message}.`;
}
