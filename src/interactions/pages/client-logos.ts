import { LRUCache } from 'lru-cache';
import type { Mount } from '../../http/index.ts';
import type { Outbound } from '../../outbound/index.ts';
import { rasterType } from './image-type.ts';

/** A logo that can be shown. */
interface Logo {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Logos of clients, fetched by this server, so that no user's browser tells a client's site that a sign-in is going on. */
export interface ClientLogos {
  /** Whether a client's logo can be shown. Waits for it, but not long; what comes later will be there the next time. */
  has(clientId: string): Promise<boolean>;
  /** GET /oauth/logos/:client_id: the picture, or 404 with a stand-in. */
  readonly mount: Mount;
}

export interface ClientLogoOptions {
  readonly outbound: Outbound;
  /** Where a client says its logo is. Undefined: it says nothing, or there is no such client. */
  readonly logoUri: (clientId: string) => Promise<string | undefined>;
}

const maxLogoBytes = 256 * 1024;
const request = { maxBytes: maxLogoBytes, timeoutMs: 5_000, accept: 'image/png,image/jpeg,image/webp,image/gif' };

/** Kept in memory: bytes of all logos together, and entries, of which those that failed weigh next to nothing. */
const maxCacheBytes = 16 * 1024 * 1024;
const maxEntries = 10_000;
const entryWeight = 256;

/** Milliseconds that a logo is shown without asking again, and that a failure is remembered. */
const goodFor = 3_600_000;
const badFor = 300_000;

/** Fetches under way at once; beyond them pages do without the picture. */
const maxFetches = 16;

/** Milliseconds that a page waits for a logo that is not there yet. */
const patience = 1_000;

/** With a policy of its own: a picture that is opened by itself runs nothing, whatever is hidden in it. */
const logoHeaders = {
  'cache-control': 'private, max-age=3600',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** What a page shows when the logo has gone after all: browsers draw the body of a 404 too, in place of a torn picture. */
const standIn: Logo = {
  mediaType: 'image/svg+xml',
  bytes: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">' +
      '<path fill="#f1f2f5" d="M0 0h48v48H0z"/><g fill="#868d9b">' +
      '<rect x="14" y="14" width="8.5" height="8.5" rx="2.5"/><rect x="25.5" y="14" width="8.5" height="8.5" rx="2.5"/>' +
      '<rect x="14" y="25.5" width="8.5" height="8.5" rx="2.5"/><circle cx="29.75" cy="29.75" r="4.25"/></g></svg>',
  ),
};

async function fetchLogo(outbound: Outbound, uri: string): Promise<Logo | 'none'> {
  const answer = await outbound.fetch(uri, request);
  if (!answer.ok) return 'none';
  const { body } = answer.value;
  const type = rasterType(body);
  return type === undefined ? 'none' : { mediaType: type.mediaType, bytes: body };
}

/** Logos by their address, each fetched by one request however many ask for it. */
function createLogoCache(outbound: Outbound) {
  const known = new LRUCache<string, Logo | 'none'>({
    max: maxEntries,
    maxSize: maxCacheBytes,
    sizeCalculation: (logo) => entryWeight + (logo === 'none' ? 0 : logo.bytes.length),
  });
  const underWay = new Map<string, Promise<Logo | 'none'>>();

  function start(uri: string): Promise<Logo | 'none'> {
    if (underWay.size >= maxFetches) return Promise.resolve('none');
    const fetching = fetchLogo(outbound, uri)
      .then((logo) => {
        known.set(uri, logo, { ttl: logo === 'none' ? badFor : goodFor });
        return logo;
      })
      .finally(() => underWay.delete(uri));
    underWay.set(uri, fetching);
    return fetching;
  }

  return async (uri: string): Promise<Logo | undefined> => {
    const logo = known.get(uri) ?? (await (underWay.get(uri) ?? start(uri)));
    return logo === 'none' ? undefined : logo;
  };
}

/** Shows the logos of clients from our own origin. Raster pictures by their bytes only, at most 256 KiB each. */
export function createClientLogos({ outbound, logoUri }: ClientLogoOptions): ClientLogos {
  const logoAt = createLogoCache(outbound);

  async function logoOf(clientId: string): Promise<Logo | undefined> {
    const uri = await logoUri(clientId);
    return uri === undefined ? undefined : logoAt(uri);
  }

  return {
    async has(clientId) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), patience);
      });
      try {
        return (await Promise.race([logoOf(clientId), late])) !== undefined;
      } finally {
        clearTimeout(timer);
      }
    },
    mount(router) {
      router.get('/oauth/logos/:client_id', async function sendLogo(ctx) {
        const logo = await logoOf(ctx.params['client_id'] ?? '');
        ctx.set(logo === undefined ? { ...logoHeaders, 'cache-control': 'no-store' } : logoHeaders);
        ctx.status = logo === undefined ? 404 : 200;
        ctx.type = (logo ?? standIn).mediaType;
        ctx.body = (logo ?? standIn).bytes;
      });
    },
  };
}
