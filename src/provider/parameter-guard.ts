import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import { Problem } from '../base/index.ts';
import { type Parameters, readParameters } from '../http/index.ts';

const has = (parameters: Parameters, name: string) => parameters.some(([key]) => key === name);

/** Credentials of a client in the body: any of these says who is asking. */
const bodyCredentials = ['client_id', 'client_secret', 'client_assertion'];

/** What must never stand in a URL, where logs and histories keep it (RFC 6749 section 3.2: parameters go in the body). */
const bodyOnly = [
  ...bodyCredentials,
  'client_assertion_type',
  'grant_type',
  'code',
  'code_verifier',
  'refresh_token',
  'scope',
  'resource',
  'token',
  'token_type_hint',
  'subject_token',
  'actor_token',
  // What narrows a token: ignored in the URL, it would make one that may do more than was asked.
  'account_sid',
  'org_id',
];

function refuseQuery(ctx: Context): void {
  if (ctx.querystring === '') return;
  if (ctx.querystring.length > 8192 || bodyOnly.some((name) => name in ctx.query)) {
    throw new Problem('malformed_request', 'Send the parameters in the body, not in the URL.');
  }
}

/** RFC 6749 section 3.2: a parameter stands once; RFC 8707 lets `resource` be repeated. */
function refuseRepeats(parameters: Parameters): void {
  const seen = new Set<string>();
  for (const [name] of parameters) {
    if (seen.has(name) && name !== 'resource') {
      throw new Problem('malformed_request', `The parameter "${name.slice(0, 64)}" stands in the request twice.`);
    }
    seen.add(name);
  }
}

/** What a Bearer credential means at an endpoint: an API key that may ask, or a mistake. */
export type BearerPolicy = 'caller' | 'mistake';

const isBearer = (header: string | undefined) => header !== undefined && /^(bearer|dpop)(\s|$)/i.test(header);

/**
 * Real clients send the API key they have for the management API along with every request. Beside credentials in the
 * body that header says nothing and is dropped; alone it is a caller where API keys may ask, elsewhere a mistake worth
 * explaining. An empty header is no credentials (RFC 9110 section 11.6.2), so it is none to send.
 */
function settleAuthorization(req: IncomingMessage, parameters: Parameters, bearer: BearerPolicy): void {
  const { headers } = req;
  const inBody = bodyCredentials.some((name) => has(parameters, name));
  if (isBearer(headers.authorization) && inBody) delete headers.authorization;
  const isEmpty = headers.authorization?.trim() === '';
  if (isEmpty && inBody) {
    throw new Problem(
      'malformed_request',
      'The Authorization header is empty: leave it out, or put credentials in it.',
    );
  }
  if (isBearer(headers.authorization) && bearer === 'mistake') {
    throw new Problem(
      'invalid_client',
      'A Bearer token or API key is not a client. Authenticate with client_id and client_secret, by HTTP Basic or in the body.',
    );
  }
  if ((headers.authorization === undefined || isEmpty) && !inBody) {
    throw new Problem(
      'invalid_client',
      'Authenticate the client: client_id and client_secret by HTTP Basic or in the body, or a client_assertion.',
    );
  }
}

const limits: ReadonlyArray<readonly [name: string, characters: number]> = [
  ['scope', 4096],
  ['resource', 512],
  ['client_id', 512],
  ['client_secret', 512],
  ['client_assertion', 16_384],
  ['token', 16_384],
  ['subject_token', 16_384],
  ['actor_token', 16_384],
  ['refresh_token', 512],
  ['code', 512],
  ['subject_token', 16_384],
  ['actor_token', 16_384],
  ['account_sid', 64],
  ['org_id', 64],
];

function refuseOversized(parameters: Parameters): void {
  for (const [name, most] of limits) {
    if (parameters.some(([key, value]) => key === name && value.length > most)) {
      throw new Problem('malformed_request', `The parameter "${name}" is longer than ${most} characters.`);
    }
  }
}

/** The library's own limit in bytes; JSON can grow past it when it becomes a form. */
const longestForm = 56 * 1024;

/**
 * Gives the library the request as it would read it itself: one form body. The body has been read already, so a stream
 * of the one buffer takes its place.
 */
export function replay(req: IncomingMessage, parameters: Parameters): void {
  const form = Buffer.from(
    new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString(),
  );
  if (form.length > longestForm)
    throw new Problem('payload_too_large', 'The parameters are too long when encoded as a form.');
  req.headers['content-type'] = 'application/x-www-form-urlencoded';
  req.headers['content-length'] = String(form.length);
  delete req.headers['transfer-encoding'];
  Object.defineProperties(req, { readable: { value: true }, iterator: { value: () => [form] } });
}

/**
 * Settles what a request says before anything decides on it: each parameter once and of sensible length, and one clear
 * way of saying who asks. Stray Authorization headers are removed.
 * @throws Problem
 */
export function settleRequest(req: IncomingMessage, parameters: Parameters, bearer: BearerPolicy): void {
  refuseRepeats(parameters);
  refuseOversized(parameters);
  settleAuthorization(req, parameters, bearer);
}

/**
 * Guards an endpoint that takes parameters: form or flat JSON of a limited size, in the body alone, and settled. They
 * are left in `ctx.state.parameters`.
 * @param limit largest body in bytes.
 */
export function guardParameters(limit: number, bearer: BearerPolicy = 'mistake'): Middleware {
  return async function guardRequest(ctx, next) {
    refuseQuery(ctx);
    // An express lane may have read them already.
    const parameters = (ctx.state['parameters'] as Parameters | undefined) ?? (await readParameters(ctx.req, limit));
    settleRequest(ctx.req, parameters, bearer);
    ctx.state['parameters'] = parameters;
    await next();
  };
}
