import type { Context } from 'koa';
import type { Renderers } from '../provider/index.ts';
import type { ErrorName, Pages } from './pages/index.ts';
import type { InteractionParts } from './types.ts';

/** What people are told for the errors that cannot be told to a client. */
const told: Readonly<Record<string, ErrorName>> = {
  expired: 'expired',
  invalid_client: 'unknown_client',
  unverified_client: 'unverified_client',
  invalid_redirect_uri: 'bad_redirect',
  temporarily_unavailable: 'unavailable',
  server_error: 'server_error',
};

/** The protocol runs on a koa of its own; the request's name stands in the answer's headers already. */
const requestIdOf = (ctx: Context) => String(ctx.res.getHeader('x-request-id') ?? '');

/** Details are for whoever mends the application. What went wrong here is for the log alone. */
const isOurs = (error: ErrorName) => error === 'server_error' || error === 'unavailable';

export interface RendererParts extends Pick<InteractionParts, 'users' | 'clients'> {
  readonly pages: Pages;
}

/** Makes the pages that the protocol itself shows: its errors and the sign-out. */
export function createRenderers({ pages, users, clients }: RendererParts): Renderers {
  return {
    error(ctx, failure) {
      const error = told[failure.error] ?? 'invalid_request';
      const detail = isOurs(error) ? undefined : failure.description;
      const { wayBack } = failure;
      const link = wayBack === undefined ? undefined : { to: 'client' as const, ...wayBack };
      pages.send(ctx, ctx.status, { kind: 'error', error, detail, requestId: requestIdOf(ctx), link });
    },
    async logout(ctx, { action, xsrf, clientId, userSid, redirectUri }) {
      const client = clientId === undefined ? undefined : await clients.get(clientId);
      const user = userSid === undefined ? undefined : await users.find(userSid);
      pages.send(ctx, 200, {
        kind: 'logout',
        action,
        xsrf,
        client: client?.name,
        email: user?.email,
        formTargets: redirectUri === undefined ? [] : [redirectUri],
      });
    },
    signedOut(ctx, stayed) {
      pages.send(ctx, 200, { kind: 'signed_out', stayed, link: undefined });
    },
  };
}
