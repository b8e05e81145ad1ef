import { Writable } from 'node:stream';
import type { Context } from 'koa';
import { createKernel, listen, type Mount } from '../../../src/http/index.ts';
import { type Brand, createPages, type Page, type Texts } from '../../../src/interactions/pages/index.ts';
import { createLogger, createMetrics } from '../../../src/telemetry/index.ts';

/** A server of pages alone. */
export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

export const plainBrand: Brand = { name: 'Countersign', colour: '#1d4ed8', logo: undefined };

/** Serves mounts behind the real kernel. */
export async function serveMounts(...mounts: readonly Mount[]): Promise<PageServer> {
  const quiet = new Writable({ write: (_chunk, _encoding, done) => done() });
  const kernel = createKernel({
    config: { issuer: 'http://localhost', trustProxy: 0 },
    logger: createLogger({ level: 'error', format: 'json' }, quiet),
    metrics: createMetrics(),
    mount(router) {
      for (const mount of mounts) mount(router);
    },
  });
  const listener = await listen(kernel, { host: '127.0.0.1', port: 0, requestTimeout: 5, variable: 'PORT' });
  return { origin: `http://127.0.0.1:${listener.port}`, close: () => listener.close(1) };
}

/** Serves each page at /pages/<name>, with its stylesheet and logo. */
export function servePages(
  pages: Readonly<Record<string, Page>>,
  { brand = plainBrand, texts, mounts = [] }: { brand?: Brand; texts?: Texts; mounts?: readonly Mount[] } = {},
): Promise<PageServer> {
  const { send, mount } = texts === undefined ? createPages(brand) : createPages(brand, texts);
  return serveMounts(mount, ...mounts, (router) => {
    router.get('/pages/:name', function sendPage(ctx, next) {
      const page = pages[ctx.params['name'] ?? ''];
      return page === undefined ? next() : send(ctx as Context, 200, page);
    });
  });
}
