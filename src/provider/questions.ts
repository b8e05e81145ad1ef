import type { Interaction, KoaContextWithOIDC } from 'oidc-provider';
import { translated } from './failures.ts';
import { type PendingRequest, type RequestCookie, toPending } from './people/index.ts';

export interface QuestionParts {
  /** Where a person is asked about a request: a URL that names it. */
  readonly questionUrl: (request: PendingRequest) => Promise<string>;
  readonly cookie: RequestCookie;
}

/** The library's hook for where an interaction begins; the browser that began gets a cookie of this request. */
export function questionFor({ questionUrl, cookie }: QuestionParts) {
  return (ctx: KoaContextWithOIDC, interaction: Interaction): Promise<string> =>
    translated(async () => {
      const request = toPending(interaction);
      const url = await questionUrl(request);
      ctx.res.appendHeader('set-cookie', cookie.line(request.id, request.expiresAt - Math.floor(Date.now() / 1000)));
      return url;
    });
}
