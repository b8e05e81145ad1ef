import { lookup as resolve } from 'node:dns/promises';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { rootCertificates } from 'node:tls';
import { fault, ok, type Result } from '../base/index.ts';
import { checkPeer, guardedLookup, Refusal } from './guard.ts';
import { isLoopbackHost, readUrl } from './rules.ts';
import type { Lookup, Outbound, OutboundAnswer, OutboundFault, OutboundOptions, OutboundRequest } from './types.ts';

const maxRedirects = 3;
const redirects = new Set([301, 302, 303, 307, 308]);

const systemLookup: Lookup = (hostname) => resolve(hostname, { all: true });

/** One hop: what is fetched, and what it may reach. */
interface Hop {
  readonly url: URL;
  readonly allowLoopback: boolean;
  readonly signal: AbortSignal;
  readonly accept: string;
}

function open(hop: Hop, { lookup = systemLookup, ca }: OutboundOptions): Promise<IncomingMessage> {
  const { url, allowLoopback, signal, accept } = hop;
  const options: RequestOptions & { ca?: string[] } = {
    // A connection of its own: none that another request left open, and no proxy from the environment.
    agent: false,
    lookup: guardedLookup(lookup, allowLoopback),
    headers: { accept, 'accept-encoding': 'identity', 'user-agent': 'Countersign' },
    signal,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, options, resolve);
    request.once('socket', (socket) => checkPeer(socket, allowLoopback));
    request.on('error', reject);
  });
}

/** Reads a body as it comes, and stops at the first byte too many. */
async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Refusal('too_large', `more than ${maxBytes} bytes`);
  if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body of a 200. We asked for no encoding: a server that compresses all the same may be handing us a bomb. */
async function accept(url: URL, answer: IncomingMessage, maxBytes: number): Promise<OutboundAnswer> {
  const { statusCode, headers } = answer;
  if (statusCode !== 200) throw new Refusal('bad_status', `status ${statusCode}`);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new Refusal('encoded', encoding);
  return { url: url.href, headers, body: await readBody(answer, maxBytes) };
}

/** Where an answer sends us on to, if it does. */
function locationOf(answer: IncomingMessage, from: URL): string | undefined {
  const { location } = answer.headers;
  if (location === undefined || !redirects.has(answer.statusCode ?? 0)) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from).href : location;
}

function checked(text: string, allowLoopback: boolean): URL {
  const reading = readUrl(text, allowLoopback);
  if (!reading.ok) throw new Refusal(reading.fault.reason, reading.fault.detail);
  return reading.value;
}

async function follow(text: string, request: OutboundRequest, options: OutboundOptions, signal: AbortSignal) {
  let url = checked(text, options.allowLoopback);
  // What begins outside is not led to this machine by a redirect.
  const allowLoopback = options.allowLoopback && isLoopbackHost(url.hostname);
  const limit = Math.min(request.maxRedirects ?? maxRedirects, maxRedirects);
  for (let hops = 0; hops <= limit; hops++) {
    const loopback = hops === 0 ? options.allowLoopback : allowLoopback;
    const answer = await open({ url, allowLoopback: loopback, signal, accept: request.accept }, options);
    try {
      const location = locationOf(answer, url);
      if (location === undefined) return await accept(url, answer, request.maxBytes);
      url = checked(location, allowLoopback);
    } finally {
      answer.destroy();
    }
  }
  throw new Refusal('too_many_redirects', `more than ${limit}`);
}

function asFault(error: unknown, signal: AbortSignal): OutboundFault {
  if (error instanceof Refusal) return error.fault;
  if (signal.aborted) return { reason: 'timed_out', detail: 'took too long' };
  const { code, message } = error as NodeJS.ErrnoException;
  return { reason: 'unreachable', detail: code ?? message };
}

/**
 * Makes the guarded fetch. https only, public addresses only, checked on the addresses that are really connected to and
 * again at every redirect; no cookies, no credentials, no compression, no proxy of the environment.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  return {
    async fetch(url, request): Promise<Result<OutboundAnswer, OutboundFault>> {
      const signal = AbortSignal.timeout(request.timeoutMs);
      try {
        return ok(await follow(url, request, options, signal));
      } catch (error) {
        return fault(asFault(error, signal));
      }
    },
  };
}
