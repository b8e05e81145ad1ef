import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from './certificate.ts';

/** How the site answers for one document. */
export interface Publication {
  /** Sent as JSON; a string as it stands. */
  body: unknown;
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/** A web site that publishes client metadata documents, over TLS. */
export interface DocumentSite {
  readonly origin: string;
  /** PEM file of the authority that vouches for it: value of OUTBOUND_CA_FILE. */
  readonly caFile: string;
  /** Paths that were asked for, oldest first. */
  readonly asked: string[];
  /** Publishes a document at a path. @returns its URL, which is the client_id. */
  publish(path: string, metadata: (url: string) => unknown, how?: Omit<Publication, 'body'>): string;
  /** From now on nothing answers any more. */
  close(): Promise<void>;
}

/** Opens a site at localhost. */
export async function openDocumentSite(): Promise<DocumentSite> {
  const certificate = createCertificate('localhost');
  const directory = await mkdtemp(join(tmpdir(), 'countersign-site-'));
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, certificate.cert);
  const published = new Map<string, Publication>();
  const asked: string[] = [];
  const server = createServer(certificate, (req, res) => {
    const path = req.url ?? '';
    asked.push(path);
    const { body, status = 200, headers = {} } = published.get(path) ?? { body: 'nothing here', status: 404 };
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    caFile,
    asked,
    publish(path, metadata, how = {}) {
      published.set(path, { ...how, body: metadata(origin + path) });
      return origin + path;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
