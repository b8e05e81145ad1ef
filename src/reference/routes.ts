import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { OpenapiDocument } from '../api/index.ts';
import { errorCodes } from '../base/index.ts';
import type { Mount } from '../http/index.ts';
import { markUp } from './rules.ts';
import { compileTemplates, readStylesheet } from './templates.ts';
import type { Frame } from './types.ts';
import { referenceView } from './views.ts';

export interface ReferenceParts {
  /** Makes the document. It is asked for once, when somebody first wants to see it. */
  readonly describe: () => OpenapiDocument;
  readonly frame: Frame;
}

/** Something that is the same for everybody until the server is another. */
interface Publication {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const stylesheetPath = '/reference/style.css';

/** Nothing runs, nothing comes from elsewhere, nothing is sent. */
const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const asPage = { 'content-security-policy': pagePolicy, 'cross-origin-resource-policy': 'same-origin' };

/** Tools on any origin may read the document. */
const asDocument = { 'access-control-allow-origin': '*' };

function publication(mediaType: string, text: string, headers: Publication['headers']): Publication {
  const bytes = Buffer.from(text);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { mediaType, bytes, etag, headers };
}

function send(ctx: Context, { mediaType, bytes, etag, headers }: Publication): void {
  ctx.set({ ...headers, etag, 'cache-control': 'public, max-age=300' });
  ctx.status = 200;
  // Not the library's `fresh`, which gives way to a `Cache-Control` of the request.
  if (
    ctx
      .get('if-none-match')
      .split(/\s*,\s*/)
      .includes(etag)
  ) {
    ctx.status = 304;
    return;
  }
  ctx.type = mediaType;
  ctx.body = bytes;
}

/** Made once, when it is first wanted. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** GET /openapi.json, /reference and /reference/errors. Everybody may read them. */
export function referenceRoutes({ describe, frame }: ReferenceParts): Mount {
  const render = compileTemplates();
  const document = once(describe);
  const html = 'text/html; charset=utf-8';
  const shared = { ...frame, ownStylesheet: stylesheetPath };
  const errors = errorCodes().map((row) => ({ ...row, help: markUp(row.help) }));
  const publications: Readonly<Record<string, () => Publication>> = {
    '/openapi.json': once(() => publication('application/json', JSON.stringify(document()), asDocument)),
    '/reference': once(() =>
      publication(
        html,
        render('reference', { ...shared, title: 'API reference', ...referenceView(document()) }),
        asPage,
      ),
    ),
    '/reference/errors': once(() =>
      publication(html, render('errors', { ...shared, title: 'Error codes', errors }), asPage),
    ),
    [stylesheetPath]: once(() => publication('text/css; charset=utf-8', readStylesheet(), asPage)),
  };
  return function mountReference(router) {
    for (const [path, published] of Object.entries(publications)) {
      router.get(path, async (ctx) => send(ctx, published()));
    }
    router.options('/openapi.json', async (ctx) => {
      ctx.status = 204;
      ctx.set({ ...asDocument, 'access-control-allow-methods': 'GET', 'access-control-max-age': '3600' });
    });
  };
}
