import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What came back on a connection until the other side closed it. */
export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly text: string;
  /** Of the first answer, where there are several. */
  readonly body: string;
  /** Milliseconds until the other side closed the connection. */
  readonly took: number;
}

export interface RawOptions {
  /** Milliseconds after which waiting ends, with whatever has come by then. */
  readonly limit?: number;
  /** Milliseconds after which we close our side: a request that is not whole would keep the server waiting for more. */
  readonly hangUpAfter?: number;
}

function parse(answer: Buffer, took: number): RawAnswer {
  const text = answer.toString('latin1');
  const [, interim = ''] = /^(HTTP\/1\.1 100 [^\r]*\r\n\r\n)/.exec(text) ?? [];
  const last = text.slice(interim.length);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(last)?.[1] ?? 0);
  const bodyAt = last.indexOf('\r\n\r\n') + 4;
  const length = /^content-length: (\d+)\r$/im.exec(last.slice(0, bodyAt))?.[1];
  return { status, text, body: last.slice(bodyAt, length === undefined ? undefined : bodyAt + Number(length)), took };
}

/** Writes bytes to a server as they are, which no HTTP client would do, and reads until it closes the connection. */
export async function sendRaw(
  address: string,
  bytes: string | Uint8Array,
  { limit = 3000, hangUpAfter }: RawOptions = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(address);
  const started = performance.now();
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const closed = once(socket, 'close');
  socket.on('data', (chunk) => chunks.push(chunk));
  // A server that resets the connection has answered in its way; what it said before counts.
  socket.on('error', () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), limit);
  socket.write(bytes);
  if (hangUpAfter !== undefined) {
    await Promise.race([closed, wait(hangUpAfter)]);
    socket.end();
  }
  await closed;
  clearTimeout(timer);
  return parse(Buffer.concat(chunks), performance.now() - started);
}
