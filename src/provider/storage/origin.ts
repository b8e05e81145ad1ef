import type { KoaContextWithOIDC } from 'oidc-provider';
import { clientAddressOf } from '../../http/index.ts';
import { Provider } from '../library.ts';

/** Where something came from, for the audit log. */
export interface RequestOrigin {
  readonly address: string | null;
  /** Leads to the access log. */
  readonly requestId: string | null;
}

/** Where the request came from that the library is answering. */
export function originOf(ctx: KoaContextWithOIDC | undefined = Provider.ctx): RequestOrigin {
  if (ctx === undefined) return { address: null, requestId: null };
  const requestId = ctx.res.getHeader('x-request-id');
  return {
    address: clientAddressOf(ctx.req) ?? null,
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}
