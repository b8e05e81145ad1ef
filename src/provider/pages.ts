import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { errors } from './library.ts';

/** An error that must not be redirected, since it is not known to whom. */
export interface PageFailure {
  /** The OAuth error code, or `expired` for a request that is over, or `unverified_client` for one of a stranger's. */
  readonly error: string;
  readonly description: string | undefined;
  /** Where the application would have the person sent, and what it calls itself. */
  readonly wayBack?: { readonly href: string; readonly client: string };
}

/** A question whether to sign out: the form posts `xsrf` and, for yes, `logout=yes` to `action`. */
export interface LogoutQuestion {
  readonly action: string;
  readonly xsrf: string;
  readonly clientId: string | undefined;
  readonly userSid: string | undefined;
  /** Where the browser goes afterwards, if not to a page of ours. */
  readonly redirectUri: string | undefined;
}

/** Writes pages for people in answer to a request. The status is set already. */
export interface Renderers {
  error(ctx: Context, failure: PageFailure): void;
  logout(ctx: Context, question: LogoutQuestion): Promise<void>;
  /** @param stayed the user chose to stay signed in after all. */
  signedOut(ctx: Context, stayed: boolean): void;
}

const koaContext = (ctx: KoaContextWithOIDC) => ctx as unknown as Context;

/** The library's hooks for what people see. Programs get JSON: whether a browser asks is told by `Accept`. */
export function libraryPages(renderers: Renderers) {
  return {
    renderError(ctx: KoaContextWithOIDC, out: object, error: Error): void {
      if (ctx.accepts('json', 'html') !== 'html') {
        ctx.type = 'application/json';
        ctx.body = out;
        return;
      }
      const { error: code, error_description: description } = out as { error: string; error_description?: string };
      const isOver = error instanceof errors.SessionNotFound;
      renderers.error(koaContext(ctx), { error: isOver ? 'expired' : code, description });
    },
    logout: {
      logoutSource(ctx: KoaContextWithOIDC): Promise<void> {
        const { session, client, params } = ctx.oidc;
        const state = session?.state as { readonly secret: string } | undefined;
        return renderers.logout(koaContext(ctx), {
          action: new URL(ctx.oidc.urlFor('end_session_confirm')).pathname,
          xsrf: state?.secret ?? '',
          clientId: client?.clientId,
          userSid: session?.accountId,
          redirectUri: params?.['post_logout_redirect_uri'] as string | undefined,
        });
      },
      async postLogoutSuccessSource(ctx: KoaContextWithOIDC): Promise<void> {
        const { accountId } = await ctx.oidc.provider.Session.get(koaContext(ctx));
        renderers.signedOut(koaContext(ctx), accountId !== undefined);
      },
    },
  };
}
