import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What becomes of a request: it is answered at once, or carried out and the answer lost; where nothing is said it passes. */
export type Mishap =
  | { readonly kind: 'refuse'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'lose' };

/** A proxy in front of a server, as unsteady as it is told to be. */
export interface UnsteadyProxy {
  readonly url: string;
  /** Requests that came, retries among them, since `plan` was called. */
  readonly seen: readonly string[];
  /** What becomes of the next requests, in their order. */
  plan(...mishaps: readonly Mishap[]): void;
  close(): Promise<void>;
}

const hopByHop = new Set(['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive']);

async function passOn(target: string, req: IncomingMessage) {
  const headers = Object.entries(req.headers).filter(([name]) => !hopByHop.has(name)) as Array<[string, string]>;
  const body = req.method === 'GET' || req.method === 'HEAD' ? undefined : await text(req);
  const answer = await fetch(target + req.url, {
    method: req.method ?? 'GET',
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, headers: [...answer.headers], body: await answer.text() };
}

/** Opens a proxy. @param target origin of the server behind it. */
export async function openUnsteadyProxy(target: string): Promise<UnsteadyProxy> {
  const mishaps: Mishap[] = [];
  const seen: string[] = [];
  const server = createServer(async (req, res) => {
    seen.push(`${req.method} ${req.url}`);
    const mishap = mishaps.shift();
    if (mishap?.kind === 'refuse') {
      res.writeHead(mishap.status, { 'content-type': 'application/json', ...mishap.headers });
      return res.end('{"error":"temporarily_unavailable"}');
    }
    const answer = await passOn(target, req);
    if (mishap?.kind === 'lose') return req.socket.destroy();
    const kept = answer.headers.filter(([name]) => !hopByHop.has(name) && name !== 'content-encoding');
    return res.writeHead(answer.status, Object.fromEntries(kept)).end(answer.body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    plan(...next) {
      mishaps.splice(0, mishaps.length, ...next);
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
