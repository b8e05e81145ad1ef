import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { Problem } from '../../base/index.ts';
import type { Mount } from '../../http/index.ts';
import type { Brand } from './brand.ts';
import { brandProperties } from './colour.ts';
import { readStylesheet } from './templates.ts';

/** A file of the pages, under a name that changes with its content. */
interface Asset {
  /** `pages.0123456789ab.css`: what it is, a part of its hash, its ending. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface Assets {
  readonly stylesheetHref: string;
  readonly logoHref: string | undefined;
  /** GET /oauth/assets/:name */
  readonly mount: Mount;
}

const path = '/oauth/assets';

/** An SVG is a document that could run something when it is opened by itself. */
const documentPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

function assetOf(stem: string, extension: string, mediaType: string, bytes: Buffer): Asset {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return { name: `${stem}.${hash}.${extension}`, mediaType, bytes };
}

function stylesheet(brand: Brand): Asset {
  const { light, dark } = brandProperties(brand.colour);
  const own = `:root { ${light} }\n@media (prefers-color-scheme: dark) { :root { ${dark} } }\n`;
  return assetOf('pages', 'css', 'text/css; charset=utf-8', Buffer.from(readStylesheet() + own));
}

function send(ctx: Context, asset: Asset): void {
  // While nodes of two versions run, one may be asked for what the other named: it answers, but not for a year.
  const exact = ctx['params']['name'] === asset.name;
  ctx.set('cache-control', exact ? 'public, max-age=31536000, immutable' : 'no-cache');
  ctx.set('content-security-policy', documentPolicy);
  ctx.set('cross-origin-resource-policy', 'same-origin');
  ctx.set('x-content-type-options', 'nosniff');
  ctx.type = asset.mediaType;
  ctx.body = asset.bytes;
}

/** The stylesheet with the brand's colours, and the brand's logo, from our own origin. */
export function createAssets(brand: Brand): Assets {
  const style = stylesheet(brand);
  const { logo } = brand;
  const picture = logo && assetOf('logo', logo.extension, logo.mediaType, logo.bytes);
  const byStem: Readonly<Record<string, Asset | undefined>> = { pages: style, logo: picture };
  return {
    stylesheetHref: `${path}/${style.name}`,
    logoHref: picture && `${path}/${picture.name}`,
    mount(router) {
      router.get(`${path}/:name`, function sendAsset(ctx) {
        const [stem = ''] = ctx.params['name']?.split('.', 1) ?? [];
        const asset = Object.hasOwn(byStem, stem) ? byStem[stem] : undefined;
        if (asset === undefined) throw new Problem('not_found', 'There is no such asset.');
        send(ctx, asset);
      });
    },
  };
}
