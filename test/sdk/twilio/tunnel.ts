import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../support/certificate.ts';

/** What one request asked of which host. */
export interface Visit {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** A way into a server of ours for a program that can only talk to twilio.com. */
export interface Tunnel {
  /** What the program's environment needs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly visits: Visit[];
  close(): Promise<void>;
}

function passOn(target: URL, req: IncomingMessage, res: ServerResponse): void {
  const { method, headers, url: path = '' } = req;
  const { hostname, port } = target;
  const options = { hostname, port, method, path, headers: { ...headers, host: target.host } };
  const onward = request(options, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  onward.on('error', () => res.destroy());
  req.pipe(onward);
}

/**
 * Opens an HTTP proxy that ends the TLS of *.twilio.com itself and passes the requests on, so that a program runs
 * against a server of ours without a line of it changed.
 * @param hosts where each host's requests go.
 */
export async function openTunnel(hosts: Readonly<Record<string, string>>): Promise<Tunnel> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-tunnel-'));
  const certificate = createCertificate('*.twilio.com');
  await writeFile(join(directory, 'ca.pem'), certificate.cert);
  const visits: Visit[] = [];
  const inside = createTlsServer(certificate, (req, res) => {
    const { headers, method = '', url: path = '' } = req;
    const host = headers.host ?? '';
    visits.push({ host, method, path, headers });
    const target = hosts[host];
    if (target === undefined) res.writeHead(502).end();
    else passOn(new URL(target), req, res);
  });
  const proxy = createServer().on('connect', (_req, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    inside.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
  return {
    environment: {
      HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
    },
    visits,
    async close() {
      inside.close();
      inside.closeAllConnections();
      proxy.close();
      proxy.closeAllConnections();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
