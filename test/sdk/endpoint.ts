import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as a form. */
  readonly form: URLSearchParams;
}

/** How a request is answered, or is not. */
export type Reply = (seen: Seen, res: ServerResponse) => void | Promise<void>;

/** A server that does what a test says, and remembers what it was asked. */
export interface Endpoint {
  readonly url: string;
  readonly tokenUrl: string;
  readonly seen: Seen[];
  /** Answers from now on. */
  reply(reply: Reply): void;
  close(): Promise<void>;
}

async function textOf(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return text;
}

/** Opens a server on this machine. */
export async function openEndpoint(first: Reply): Promise<Endpoint> {
  let reply = first;
  const seen: Seen[] = [];
  const server = createServer(async (req, res) => {
    const text = await textOf(req);
    const { method = '', url: path = '', headers } = req;
    const one = { method, path, headers, text, form: new URLSearchParams(text) };
    seen.push(one);
    await reply(one, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    tokenUrl: `${url}/oauth/token`,
    seen,
    reply: (next) => {
      reply = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return (_seen, res) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Hands out tokens `t1`, `t2` and so on. @param members of each answer, over `expires_in` 3600. */
export function tokens(members: Readonly<Record<string, unknown>> = {}): Reply {
  let count = 0;
  return (seen, res) => {
    count += 1;
    return json(200, { access_token: `t${count}`, token_type: 'Bearer', expires_in: 3600, ...members })(seen, res);
  };
}

/** Gives each reply once, in order, and the last one from then on. */
export function inTurn(...replies: readonly Reply[]): Reply {
  let index = 0;
  return (seen, res) => {
    const reply = replies[Math.min(index, replies.length - 1)] as Reply;
    index += 1;
    return reply(seen, res);
  };
}

/** Never answers. */
export const hang: Reply = () => undefined;
/** Breaks the connection without an answer. */
export const reset: Reply = (_seen, res) => {
  res.socket?.resetAndDestroy();
};
/** Breaks off in the middle of the answer. */
export const cutShort: Reply = (_seen, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  res.write('{"access_token":"ha', () => res.socket?.resetAndDestroy());
};

/** An unsigned JWT: a client does not verify what it was issued. */
export function jwtWith(claims: Readonly<Record<string, unknown>>): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}.c2lnbmF0dXJl`;
}

/** Options that make a manager quick to give up waiting. */
export const hasty = { retryDelay: 1, maxRetryDelay: 50, timeout: 5000 } as const;
