import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkPeer } from '../../src/outbound/guard.ts';
import { createOutbound } from '../../src/outbound/index.ts';
import { type Certificate, createCertificate } from '../support/certificate.ts';

const request = { maxBytes: 1000, timeoutMs: 3000, accept: 'image/png' };
const local = createOutbound({ allowLoopback: true });

type Answering = (req: IncomingMessage, res: ServerResponse) => void;

/** What the server on this machine answers at each path. */
const paths: Readonly<Record<string, Answering>> = {
  '/ok': (req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(req.headers));
  },
  '/exact': (_req, res) => res.end(Buffer.alloc(1000)),
  '/announced': (_req, res) => res.writeHead(200, { 'content-length': '1001' }).flushHeaders(),
  '/streamed': (_req, res) => {
    res.write(Buffer.alloc(600));
    res.write(Buffer.alloc(600));
    // No end: a reader that waits for it waits until its time is up.
  },
  '/bomb': (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
  '/missing': (_req, res) => res.writeHead(404).end(),
  '/empty': (_req, res) => res.writeHead(204).end(),
  '/silent': () => undefined,
  '/dripping': (_req, res) => {
    const timer = setInterval(() => res.write('.'), 20);
    res.once('close', () => clearInterval(timer));
  },
  '/torn': (_req, res) => {
    res.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => res.destroy(), 20);
  },
  '/once': (_req, res) => res.writeHead(302, { location: '/ok' }).end(),
  '/thrice': (_req, res) => res.writeHead(307, { location: '/twice' }).end(),
  '/twice': (_req, res) => res.writeHead(308, { location: '/once' }).end(),
  '/four': (_req, res) => res.writeHead(301, { location: '/thrice' }).end(),
  '/ring': (_req, res) => res.writeHead(303, { location: '/ring' }).end(),
  '/inside': (_req, res) => res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  '/inside-tls': (_req, res) => res.writeHead(302, { location: 'https://10.0.0.1/' }).end(),
  '/script': (_req, res) => res.writeHead(302, { location: 'javascript:alert(1)' }).end(),
};

const listener: RequestListener = (req, res) => paths[req.url ?? '']?.(req, res);

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function stop(server: Server): Promise<unknown> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  return closed;
}

describe('The guarded fetch', () => {
  const server = createServer(listener);
  let origin: string;
  beforeAll(async () => {
    origin = `http://127.0.0.1:${await listen(server)}`;
  });
  afterAll(() => stop(server));

  it('brings the body and the headers of a 200, and says where it came from', async () => {
    const answer = await local.fetch(`${origin}/ok`, request);
    expect(answer).toMatchObject({
      ok: true,
      value: { url: `${origin}/ok`, headers: { 'content-type': 'application/json' } },
    });
  });

  it('sends what was asked for, no compression, and nothing that tells who asks', async () => {
    const answer = await local.fetch(`${origin}/ok`, request);
    if (!answer.ok) throw new Error(answer.fault.detail);
    expect(JSON.parse(answer.value.body.toString())).toEqual({
      accept: 'image/png',
      'accept-encoding': 'identity',
      connection: expect.any(String),
      host: origin.slice('http://'.length),
      'user-agent': 'Countersign',
    });
  });

  it('follows three redirects', async () => {
    expect(await local.fetch(`${origin}/thrice`, request)).toMatchObject({
      ok: true,
      value: { url: `${origin}/ok` },
    });
  });

  it.each(['/four', '/ring'])('does not follow a fourth: %s', async (path) => {
    const answer = await local.fetch(origin + path, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'too_many_redirects' } });
  });

  it('follows none where none is allowed', async () => {
    const answer = await local.fetch(`${origin}/once`, { ...request, maxRedirects: 0 });
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'too_many_redirects' } });
  });

  it.each([
    ['/inside', 'bad_url'],
    ['/inside-tls', 'refused_address'],
    ['/script', 'bad_url'],
  ])('is not led into a private network by a redirect: %s', async (path, reason) => {
    expect(await local.fetch(origin + path, request)).toMatchObject({ ok: false, fault: { reason } });
  });

  it('takes a body of exactly the allowed size', async () => {
    const answer = await local.fetch(`${origin}/exact`, request);
    expect(answer.ok && answer.value.body.length).toBe(1000);
  });

  it.each(['/announced', '/streamed'])('stops at the first byte too many: %s', async (path) => {
    const started = performance.now();
    const answer = await local.fetch(origin + path, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'too_large' } });
    expect(performance.now() - started).toBeLessThan(request.timeoutMs);
  });

  it('unpacks no compressed body', async () => {
    expect(await local.fetch(`${origin}/bomb`, request)).toMatchObject({ ok: false, fault: { reason: 'encoded' } });
  });

  it.each(['/missing', '/empty'])('takes a 200 only: %s', async (path) => {
    expect(await local.fetch(origin + path, request)).toMatchObject({ ok: false, fault: { reason: 'bad_status' } });
  });

  it.each(['/silent', '/dripping'])(
    'gives up when its time is over, however lively the other side: %s',
    async (path) => {
      const answer = await local.fetch(origin + path, { ...request, timeoutMs: 200 });
      expect(answer).toMatchObject({ ok: false, fault: { reason: 'timed_out' } });
    },
  );

  it('gives up while a name is still being looked up', async () => {
    const outbound = createOutbound({ allowLoopback: false, lookup: () => new Promise(() => undefined) });
    const answer = await outbound.fetch('https://slow.example/', { ...request, timeoutMs: 100 });
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'timed_out' } });
  });

  it('does not take half a body for a whole one', async () => {
    expect(await local.fetch(`${origin}/torn`, request)).toMatchObject({ ok: false, fault: { reason: 'unreachable' } });
  });

  it('says when nobody answers', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await stop(closed);
    const answer = await local.fetch(`http://127.0.0.1:${port}/`, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'unreachable', detail: 'ECONNREFUSED' } });
  });
});

describe('The far end of a connection', () => {
  const server = createTcpServer((socket) => socket.on('data', () => undefined));
  let port: number;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is hung up on when it is not where it may be, however that came about', async () => {
    const socket = connect(port, '127.0.0.1');
    checkPeer(socket, false);
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ fault: { reason: 'refused_address', detail: '127.0.0.1' } });
    expect(socket.destroyed).toBe(true);
  });

  it('is talked to when it is', async () => {
    const socket = connect(port, '127.0.0.1');
    checkPeer(socket, true);
    await once(socket, 'connect');
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});

describe('The guarded fetch over TLS', () => {
  let certificate: Certificate;
  let server: Server;
  let port: number;
  const seen: string[] = [];
  const lookups: string[] = [];
  const lookup = async (hostname: string) => {
    lookups.push(hostname);
    return [{ address: '127.0.0.1', family: 4 }];
  };

  beforeAll(async () => {
    certificate = createCertificate('logo.example');
    server = createTlsServer(certificate, (req, res) => {
      seen.push(req.headers.host ?? '');
      if (req.url === '/home') res.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
      else res.end('ok');
    });
    port = await listen(server);
  });
  afterAll(() => stop(server));

  it('connects to the address that was checked, under the name that was asked for', async () => {
    const outbound = createOutbound({ allowLoopback: true, lookup, ca: certificate.cert });
    const answer = await outbound.fetch(`https://logo.example:${port}/`, request);
    expect(answer).toMatchObject({ ok: true });
    expect(seen).toEqual([`logo.example:${port}`]);
    expect(lookups).toEqual(['logo.example']);
  });

  it('asks for the name once, so that a second answer cannot differ', async () => {
    const answers = ['127.0.0.1', '10.0.0.1'];
    const rebinding = async () => [{ address: answers.shift() ?? '10.0.0.1', family: 4 }];
    const outbound = createOutbound({ allowLoopback: true, lookup: rebinding, ca: certificate.cert });
    expect(await outbound.fetch(`https://logo.example:${port}/`, request)).toMatchObject({ ok: true });
    expect(answers).toEqual(['10.0.0.1']);
  });

  it('does not trust a certificate for another name', async () => {
    const outbound = createOutbound({ allowLoopback: true, lookup, ca: certificate.cert });
    const answer = await outbound.fetch(`https://other.example:${port}/`, request);
    expect(answer).toMatchObject({ ok: false, fault: { detail: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
  });

  it('does not trust a certificate that nobody vouches for', async () => {
    const outbound = createOutbound({ allowLoopback: true, lookup });
    const answer = await outbound.fetch(`https://logo.example:${port}/`, request);
    expect(answer).toMatchObject({ ok: false, fault: { detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  });

  it('is not led to this machine by a redirect of another', async () => {
    const outbound = createOutbound({ allowLoopback: true, lookup, ca: certificate.cert });
    const answer = await outbound.fetch(`https://logo.example:${port}/home`, request);
    expect(answer).toMatchObject({ ok: false, fault: { reason: 'bad_url' } });
  });
});
