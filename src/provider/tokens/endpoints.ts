import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { KeyedRequest, KeyFault, TenantDirectory } from '../../accounts/index.ts';
import { credentialsOf } from '../../api/index.ts';
import { type Clock, Problem } from '../../base/index.ts';
import { type Client, matchesSecret } from '../../clients/index.ts';
import type { Config } from '../../config/index.ts';
import { type Parameters, sendOAuthProblem } from '../../http/index.ts';
import type { RequestLimits } from '../../limits/index.ts';
import type { LookupCache } from '../../store/index.ts';
import { hasNothingSpecial, parameter, presentedSecret } from '../plain/credentials.ts';
import type { Caller, Inspector, Introspection } from './inspector.ts';
import type { Withdrawal } from './withdrawal.ts';

export interface TokenEndpointParts {
  readonly config: Pick<Config, 'http'>;
  readonly clock: Clock;
  readonly clients: LookupCache<Client>;
  readonly tenants: TenantDirectory;
  readonly inspector: Inspector;
  readonly withdraw: Withdrawal;
  readonly limits: Pick<RequestLimits, 'inactiveIntrospections'>;
}

/** What a request about a token is for. */
type Purpose = 'introspection' | 'revocation';

/** What a request about a token is told: nothing, where it gives the token back. */
type Told = Introspection | '';

/** Answers a request about a token, or leaves it to the library by answering nothing. */
export type PlainQuestion = (
  headers: IncomingHttpHeaders,
  parameters: Parameters,
  address: string,
) => Promise<Told | undefined>;

/** Any other parameter is for the library to judge. */
const plainParameters = new Set(['token', 'token_type_hint', 'client_id', 'client_secret']);

/** A token, and the address that asks about it. */
interface Asked {
  readonly token: string;
  readonly address: string;
}

/** What a request asks, kept aside while the library authenticates who asks. */
const asked = new WeakMap<IncomingMessage, Asked>();

/** What the library is given in the token's place: it authenticates the client and finds nothing. */
const placeholder = 'x';

function requireToken(parameters: Parameters): string {
  const token = parameter(parameters, 'token');
  if (token === undefined) throw new Problem('malformed_request', 'Send the token in the parameter "token".');
  return token;
}

const publicClient = () =>
  new Problem('invalid_client', 'A public client cannot authenticate, so it may not ask about tokens.');

const bearer = /^bearer ([^\s]+)$/i;
/** Schemes that present a token. None but an API key says who asks: with DPoP nobody has. */
const tokenScheme = /^(bearer|dpop)(\s|$)/i;

function noCaller(fault: KeyFault): Problem {
  const challenge = 'Bearer realm="Countersign", error="invalid_token"';
  const [detail, headers] =
    fault.kind === 'unknown'
      ? ['The API key is not valid.', { 'www-authenticate': challenge }]
      : [fault.detail, { 'www-authenticate': `${challenge}, error_description="${fault.detail}"` }];
  return new Problem('invalid_client', detail, { headers });
}

/** An API key with the scope may ask about the tokens of its organization and of those beneath it. */
async function callerByApiKey(tenants: TenantDirectory, request: KeyedRequest): Promise<Caller> {
  const found = await tenants.authenticate(bearer.exec(request.headers.authorization ?? '')?.[1] ?? '', request);
  if (!found.ok) throw noCaller(found.fault);
  const { value: key } = found;
  if (!key.scopes.includes('tokens:introspect') && !key.scopes.includes('admin')) {
    throw new Problem('insufficient_scope', 'The API key lacks the scope tokens:introspect.');
  }
  return {
    kind: 'api_key',
    sid: key.sid,
    reaches: (organization) => tenants.isWithin(organization, key.organizationSid),
  };
}

export interface TokenEndpoints {
  /** Answers at either endpoint where a client with one secret in one place asks, and that is plain to see. */
  readonly plain: Readonly<Record<Purpose, PlainQuestion>>;
  /** `POST /oauth/introspect` (RFC 7662): answers API keys; clients are authenticated by the library. */
  readonly introspect: Middleware;
  /** `POST /oauth/revoke` (RFC 7009): the library authenticates. */
  readonly revoke: Middleware;
  /** Runs inside the library's koa: once it has authenticated the client, the answer is ours. */
  readonly afterAuthentication: Middleware;
}

/** The two endpoints that take a token as their argument. */
export function tokenEndpoints(parts: TokenEndpointParts): TokenEndpoints {
  const { config, clock, clients, tenants, inspector, withdraw } = parts;
  const { inactiveIntrospections: gate } = parts.limits;

  /** Who asks about tokens that are none may be guessing. */
  async function introspect({ token, address }: Asked, caller: Caller): Promise<Introspection> {
    const subject = { address, who: caller.kind === 'client' ? caller.clientId : caller.sid };
    gate.check(() => subject);
    const told = await inspector.introspect(token, caller);
    if (!told.active) gate.note(subject);
    return told;
  }

  async function tell(purpose: Purpose, question: Asked, caller: Caller): Promise<Told> {
    if (purpose === 'introspection') return introspect(question, caller);
    if (caller.kind === 'client') await withdraw(question.token, caller.clientId);
    return '';
  }

  async function answer(ctx: Context, purpose: Purpose, question: Asked, caller: Caller): Promise<void> {
    const told = await tell(purpose, question, caller);
    ctx.status = 200;
    ctx.set('cache-control', 'no-store');
    ctx.body = told;
  }

  /** A client with one secret in one place. Anything else, and every refusal, is the library's. */
  async function callerBySecret(headers: IncomingHttpHeaders, parameters: Parameters): Promise<Caller | undefined> {
    const presented = presentedSecret(headers, parameters);
    const client = presented === undefined ? undefined : await clients.get(presented.clientId);
    if (presented === undefined || client === undefined || !client.authMethod.startsWith('client_secret')) {
      return undefined;
    }
    return matchesSecret(presented.secret, client.secrets, clock())
      ? { kind: 'client', clientId: client.clientId }
      : undefined;
  }

  /** An Origin changes nothing: a gateway may pass one on, and the answer allows no page to read it. */
  function plainQuestion(purpose: Purpose): PlainQuestion {
    return async (headers, parameters, address) => {
      const token = parameter(parameters, 'token');
      if (token === undefined || !hasNothingSpecial(headers, parameters, plainParameters)) return undefined;
      const caller = await callerBySecret(headers, parameters);
      return caller === undefined ? undefined : tell(purpose, { token, address }, caller);
    };
  }

  function endpoint(purpose: Purpose): Middleware {
    return async function answerAboutToken(ctx, next) {
      const parameters = ctx.state['parameters'] as Parameters;
      const question = { token: requireToken(parameters), address: String(ctx.state['clientAddress']) };
      const header = ctx.req.headers.authorization ?? '';
      if (purpose === 'introspection' && tokenScheme.test(header)) {
        return answer(
          ctx,
          purpose,
          question,
          await callerByApiKey(tenants, credentialsOf(ctx, config.http.maxBodyBytes)),
        );
      }
      asked.set(ctx.req, question);
      ctx.state['parameters'] = parameters.map(([name, value]) => [name, name === 'token' ? placeholder : value]);
      return next();
    };
  }

  return {
    plain: { introspection: plainQuestion('introspection'), revocation: plainQuestion('revocation') },
    introspect: endpoint('introspection'),
    revoke: endpoint('revocation'),
    async afterAuthentication(ctx, next) {
      await next();
      const question = asked.get(ctx.req);
      if (question === undefined || ctx.status !== 200) return;
      const { route, client } = ctx['oidc'] as {
        route: string;
        client: { clientId: string; tokenEndpointAuthMethod: string };
      };
      try {
        if (route === 'introspection' && client.tokenEndpointAuthMethod === 'none') throw publicClient();
        await answer(ctx, route as Purpose, question, { kind: 'client', clientId: client.clientId });
      } catch (error) {
        // Outside the library's own catch already.
        if (!(error instanceof Problem)) throw error;
        sendOAuthProblem(ctx, error);
      }
    },
  };
}
