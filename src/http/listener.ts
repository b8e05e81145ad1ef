import { once } from 'node:events';
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StartupError } from '../base/index.ts';

export interface Listener {
  /** The port that is really listened on. */
  readonly port: number;
  /** Stops taking connections and waits until the requests in flight are answered, at most `timeout` seconds. */
  close(timeout: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Seconds within which a request must have arrived. */
  readonly requestTimeout: number;
  /** The variable to name when the port is taken. */
  readonly variable: string;
}

const statusOfClientError: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What Node could not even parse is answered in JSON too, and the connection ends. */
function refuseUnparsable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOfClientError[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ error: 'invalid_request', error_description: `${STATUS_CODES[status]}.` });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\n`;
  socket.end(`${head}cache-control: no-store\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

async function bind(server: Server, { host, port, variable }: ListenOptions): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another program; stop it, or choose another' : `fails (${code})`;
    throw new StartupError([`${variable}: listening on ${host}:${port} ${why}`], { cause: error });
  }
}

/** Tells keep-alive clients to go elsewhere once draining has begun. */
function closeAfterAnswer(server: Server): void {
  server.prependListener('request', (_req, res) => {
    res.setHeader('connection', 'close');
  });
}

/** Every open connection: Node does not count one as idle on which nothing was sent yet, and a drain would wait for it. */
function watchConnections(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

async function drain(server: Server, sockets: ReadonlySet<Socket>, timeout: number): Promise<void> {
  const closed = once(server, 'close');
  closeAfterAnswer(server);
  server.close();
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  server.closeIdleConnections();
  // An answer that was under way when the drain began leaves its connection open.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const deadline = setTimeout(() => server.closeAllConnections(), timeout * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}

/** Listens, with limits on how slowly a request may come in. @throws StartupError when the address cannot be had. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listener> {
  const limit = options.requestTimeout * 1000;
  const server = createServer(
    { requestTimeout: limit, headersTimeout: limit, connectionsCheckingInterval: 1000 },
    handler,
  );
  server.on('clientError', refuseUnparsable);
  // An expectation that we do not know is ignored (RFC 9110 section 10.1.1), not refused with a bare 417.
  server.on('checkExpectation', handler);
  const sockets = watchConnections(server);
  await bind(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    close(timeout) {
      closing ??= drain(server, sockets, timeout);
      return closing;
    },
  };
}
