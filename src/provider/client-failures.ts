import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { hashSecret, isSid, Problem } from '../base/index.ts';
import type { Parameters } from '../http/index.ts';
import type { RequestLimits } from '../limits/index.ts';
import { parameter } from './plain/credentials.ts';

/** The limits on clients that fail, at all endpoints where they authenticate together. */
export interface ClientFailures {
  /** Refuses an address before anything is read. @throws Problem 429. */
  refuseAddress(address: string): void;
  /** Refuses a client at an address before anything is decided. @throws Problem 429. */
  refuseClient(address: string, request: Claim): void;
  /** Counts a refusal, if it is one that counts. @param code the OAuth error code. */
  note(code: unknown, address: string, request: Claim): void;
}

/** What of a request says which client it claims to be. */
export interface Claim {
  readonly headers: IncomingHttpHeaders;
  readonly parameters: Parameters;
}

/** What somebody who guesses is answered. Everything else is a mistake, or a step of a protocol. */
const counted: ReadonlySet<unknown> = new Set(['invalid_client', 'invalid_grant']);

const credential = /^(basic|bearer) +(\S+)$/i;

/** RFC 6749 section 2.3.1: form-encoded, so that one client has many spellings. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    // Not encoded, so it is what it says.
    return name;
  }
}

function nameInHeader(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = credential.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value.split('.')[0];
  return decoded(Buffer.from(value, 'base64').toString('latin1').split(':')[0] ?? '');
}

/** The client that a request claims to be from, or the API key. What is no SID may be anything, so it is hashed. */
function claimedName({ headers, parameters }: Claim): string {
  const name = parameter(parameters, 'client_id') ?? nameInHeader(headers.authorization ?? '') ?? '';
  if (name === '' || isSid('client', name) || isSid('apiKey', name)) return name;
  return hashSecret(name).toString('base64url');
}

/** Opens the limits on failures of clients. */
export function createClientFailures({
  clientFailures,
  addressFailures,
}: Pick<RequestLimits, 'clientFailures' | 'addressFailures'>): ClientFailures {
  return {
    refuseAddress: (address) => addressFailures.check(() => ({ address })),
    refuseClient: (address, request) => clientFailures.check(() => ({ address, who: claimedName(request) })),
    note(code, address, request) {
      if (!counted.has(code)) return;
      addressFailures.note({ address });
      const who = claimedName(request);
      if (who !== '') clientFailures.note({ address, who });
    },
  };
}

const codeOf = (error: unknown) => (error instanceof Problem ? error.oauth : undefined);

/** Runs work for a request; a refusal is counted and goes on its way. */
export async function noting<Value>(
  failures: ClientFailures,
  address: string,
  request: () => Claim,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    failures.note(codeOf(error), address, request());
    throw error;
  }
}

/** How the library has refused a request, which it answers by itself. */
const refusals = new WeakMap<IncomingMessage, unknown>();

/** Runs inside the library's koa, around everything else there. */
export const rememberRefusal: Middleware = async (ctx, next) => {
  await next();
  const { error } = (ctx.body ?? {}) as { readonly error?: unknown };
  if (ctx.status >= 400 && error !== undefined) refusals.set(ctx.req, error);
};

const claimOf = (ctx: Context): Claim => ({
  headers: ctx.req.headers,
  parameters: (ctx.state['parameters'] as Parameters | undefined) ?? [],
});

/** Around the guards of an endpoint: refuses a blocked address, and counts what is refused within, once that is said. */
export function watchFailures(failures: ClientFailures): Middleware {
  return async function watch(ctx, next) {
    const address = String(ctx.state['clientAddress']);
    failures.refuseAddress(address);
    await noting(failures, address, () => claimOf(ctx), next);
    failures.note(refusals.get(ctx.req), address, claimOf(ctx));
  };
}

/** Behind the guards of an endpoint: refuses a blocked client. */
export function refuseBlockedClient(failures: ClientFailures): Middleware {
  return async function refuseBlocked(ctx, next) {
    failures.refuseClient(String(ctx.state['clientAddress']), claimOf(ctx));
    await next();
  };
}
