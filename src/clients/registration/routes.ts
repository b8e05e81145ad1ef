import { type Authenticate, credentialsOf } from '../../api/index.ts';
import type { AuditEvent } from '../../audit/index.ts';
import { hashSecret, isSid, Problem, sameHash } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { errorBoundary, type Mount, readOptionalJson, type SendProblem, sendOAuthProblem } from '../../http/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Asking, Claim, Registration } from './service.ts';

export interface RegistrationRoutes {
  readonly config: Pick<Config, 'registration' | 'http'>;
  readonly registration: Registration;
  /** Who calls this server's own API: their keys are initial access tokens too. */
  readonly authenticate: Authenticate;
  /** Counts a registration of an address. @throws Problem 429. */
  readonly admit: (address: string) => Promise<void>;
  readonly logger: Logger;
}

type Context = Parameters<SendProblem>[0];

const path = '/oauth/register';
const managedPath = `${path}/:client_id`;
const bearer = /^bearer +([\x21-\x7e]{1,512})$/i;

/** The dialect of RFC 7591 section 3.2.2, with what is wrong with each member. */
const sendProblem: SendProblem = (ctx, problem) => {
  sendOAuthProblem(ctx, problem);
  if (problem.faults.length === 0) return;
  const fields: Record<string, string[]> = Object.create(null);
  for (const { pointer = '', detail } of problem.faults) {
    const field = pointer.slice(1);
    fields[field] = [...(fields[field] ?? []), detail];
  }
  ctx.body = { ...(ctx.body as object), invalid_fields: fields };
};

/** Pages of any origin may register themselves: there is no cookie here that they could ride on. */
const openToAll = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'WWW-Authenticate, Retry-After, X-Request-Id',
};

/** Answers what a browser asks beforehand (Fetch standard, CORS preflight). */
function preflight(methods: string) {
  return async function answerPreflight(ctx: Context) {
    ctx.status = 204;
    ctx.set({ ...openToAll, 'access-control-allow-methods': methods, 'access-control-max-age': '3600' });
    const asked = ctx.get('access-control-request-headers');
    if (asked !== '') ctx.set('access-control-allow-headers', asked);
  };
}

const originOf = (ctx: Context) => ({
  address: String(ctx.state['clientAddress']),
  requestId: String(ctx.state['requestId']),
});

/** @throws Problem 401. */
function claimOf(ctx: Context): Claim {
  const clientId = String((ctx['params'] as { client_id?: string }).client_id);
  const token = bearer.exec(ctx.get('authorization'))?.[1];
  if (token === undefined || !isSid('client', clientId)) {
    throw new Problem('invalid_token', 'Send the registration access token of this client as a Bearer.', {
      headers: { 'www-authenticate': 'Bearer realm="Countersign"' },
    });
  }
  return { clientId, token };
}

/** Decides who may register. Where everybody may, whatever stands in the Authorization header says nothing. */
function doorkeeper({ config, authenticate }: Pick<RegistrationRoutes, 'config' | 'authenticate'>) {
  const { policy, tokens } = config.registration;
  const hashes = tokens.map(hashSecret);

  /** Every token is compared, so that the time taken tells nothing of them. */
  const isInitialToken = (token: string | undefined) => {
    const presented = hashSecret(token ?? '');
    return hashes.filter((hash) => sameHash(hash, presented)).length > 0;
  };

  return async function letIn(ctx: Context): Promise<AuditEvent['actor'] | undefined> {
    if (policy === 'open') return undefined;
    if (policy === 'closed') throw new Problem('access_denied', 'Clients cannot register themselves at this server.');
    if (isInitialToken(bearer.exec(ctx.get('authorization'))?.[1])) return undefined;
    const caller = await authenticate(credentialsOf(ctx, config.http.maxBodyBytes));
    if (!caller.scopes.has('clients:write') && !caller.scopes.has('admin')) {
      throw new Problem('insufficient_scope', 'Registering a client takes the scope clients:write.');
    }
    if (caller.accountSid !== undefined) {
      throw new Problem('access_denied', 'A token that is narrowed to an account registers no clients.');
    }
    return { type: caller.kind, id: caller.id };
  };
}

/** The client registration endpoint (RFC 7591) and the client configuration endpoint (RFC 7592). */
export function registrationRoutes(parts: RegistrationRoutes): Mount {
  const { config, registration, admit, logger } = parts;
  const letIn = doorkeeper(parts);
  const boundary = errorBoundary(logger, sendProblem);
  const asking = (ctx: Context, actor?: AuditEvent['actor']): Asking => ({ actor, ...originOf(ctx) });
  const bodyOf = (ctx: Context) => readOptionalJson(ctx.req, config.http.maxBodyBytes);

  async function prepare(ctx: Context, next: () => Promise<unknown>): Promise<void> {
    ctx.set({ ...openToAll, 'cache-control': 'no-store' });
    await next();
  }

  return function mountRegistration(router) {
    router.post(path, prepare, boundary, async function register(ctx: Context) {
      await admit(originOf(ctx).address);
      const actor = await letIn(ctx);
      ctx.body = await registration.register(await bodyOf(ctx), asking(ctx, actor));
      ctx.status = 201;
    });
    router.options(path, preflight('POST'));
    router.get(managedPath, prepare, boundary, async function look(ctx: Context) {
      ctx.body = await registration.look(claimOf(ctx));
    });
    router.put(managedPath, prepare, boundary, async function replace(ctx: Context) {
      const claim = claimOf(ctx);
      ctx.body = await registration.replace(claim, await bodyOf(ctx), asking(ctx));
    });
    router.delete(managedPath, prepare, boundary, async function remove(ctx: Context) {
      await registration.remove(claimOf(ctx), asking(ctx));
      ctx.status = 204;
    });
    router.options(managedPath, preflight('GET, PUT, DELETE'));
  };
}
