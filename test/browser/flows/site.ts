import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { createCertificate } from '../../support/certificate.ts';

/** The web of the test: an application's site, and pages that others put up. */
export interface Site {
  /** `https://app.localhost:port`, another site than the issuer's; or a plain origin on this machine. */
  readonly origin: string;
  /** Every request that came, as `METHOD /path?query`. */
  readonly asked: readonly string[];
  /** Puts something up at a path. What is put up nowhere is answered with what the request carried. */
  put(path: string, mediaType: string, body: string | Buffer): void;
  close(): Promise<void>;
}

interface Put {
  readonly mediaType: string;
  readonly body: string | Buffer;
}

/** What a browser brought, for the test to read from the page: it works without scripts. */
async function whatCame(req: IncomingMessage): Promise<Put> {
  const { searchParams } = new URL(req.url ?? '/', 'http://any');
  const posted = req.method === 'POST' ? new URLSearchParams(await text(req)) : undefined;
  const json = JSON.stringify({ method: req.method, parameters: Object.fromEntries(posted ?? searchParams) });
  const escaped = json.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return { mediaType: 'text/html', body: `<!doctype html><title>Application</title><pre id="came">${escaped}</pre>` };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/**
 * Opens a site. Over https its clients count as web applications, while loopback addresses are those of native ones.
 * @param host a name of this machine: `localhost` is the issuer's own site on another origin.
 */
export async function openSite(scheme: 'https' | 'http', host: string): Promise<Site> {
  const asked: string[] = [];
  const shelf = new Map<string, Put>();
  const answer: RequestListener = async (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const { mediaType, body } = shelf.get(new URL(req.url ?? '/', 'http://any').pathname) ?? (await whatCame(req));
    res.setHeader('content-type', mediaType).end(body);
  };
  const server = scheme === 'https' ? createServer(createCertificate(host), answer) : createPlainServer(answer);
  const port = await listen(server);
  return {
    origin: `${scheme}://${host}:${port}`,
    asked,
    put: (path, mediaType, body) => void shelf.set(path, { mediaType, body }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
