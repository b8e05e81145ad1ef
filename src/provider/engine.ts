import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TenantDirectory } from '../accounts/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { RequestLimits } from '../limits/index.ts';
import type { Outbound } from '../outbound/index.ts';
import type { Revocations } from '../revocations/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { type ClientFailures, createClientFailures } from './client-failures.ts';
import type { ProviderParts } from './configuration.ts';
import { createProvider } from './factory.ts';
import { keyFetch } from './key-fetch.ts';
import { importNotices } from './library.ts';
import { narrowing } from './narrowing.ts';
import { createPeople, type People, requestCookie } from './people/index.ts';
import { type PlainAuthorization, plainAuthorization } from './plain/authorize.ts';
import { type PlainToken, plainTokens } from './plain/index.ts';
import { type TokenEndpoints, tokenEndpoints } from './tokens/endpoints.ts';
import { createInspector } from './tokens/inspector.ts';
import { jwtVerifier, type SignatureMemory } from './tokens/jwt.ts';
import { opaqueFinder } from './tokens/opaque.ts';
import { reachCheck } from './tokens/reach.ts';
import type { FindIssued, LiveToken } from './tokens/types.ts';
import { createWithdrawal } from './tokens/withdrawal.ts';

/** The running protocol. Nobody else holds the library's Provider, so it can be exchanged between two requests. */
export interface ProtocolEngine {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  readonly plainToken: PlainToken;
  readonly plainAuthorization: PlainAuthorization;
  readonly endpoints: TokenEndpoints;
  /** The limits on clients that fail. */
  readonly failures: ClientFailures;
  /** The requests that wait for a person. */
  readonly people: People;
  /** A token of ours that counts at this moment, of any kind. */
  inspect(token: string): Promise<LiveToken | undefined>;
  /** Takes new keys into use: requests under way end on the old ones, the next begins on the new. */
  useKeys(keys: KeyRing): void;
}

/** What the engine makes for the protocol by itself. */
type Made = 'afterAuthentication' | 'headless' | 'keyFetch' | 'cookie' | 'narrow' | 'inspect';

export interface EngineParts extends Omit<ProviderParts, Made> {
  /** Where key sets of clients are fetched through. */
  readonly outbound: Outbound;
  readonly tenants: TenantDirectory;
  /** Finds tokens that are not OAuth's, for introspections. */
  readonly findIssued: FindIssued;
  readonly revocations: Revocations;
  readonly metrics: Metrics;
  readonly limits: RequestLimits;
}

interface Failure {
  readonly cause?: unknown;
  readonly error_detail?: string;
}

function buildProvider(parts: ProviderParts, keys: KeyRing, logger: Logger) {
  const provider = createProvider(parts, keys);
  provider.on('server_error', (ctx, error) => {
    logger.error({ err: error, path: ctx.path }, 'the protocol failed');
  });
  provider.on('grant.error', (ctx, error) => {
    const { error_detail: detail } = error as Failure;
    logger.debug({ refusal: error.message, detail, client: ctx.oidc.client?.clientId }, 'token request refused');
  });
  return provider;
}

/** What depends on the keys, made anew when they change. */
function buildParts(parts: ProviderParts, keys: KeyRing, logger: Logger, memory: SignatureMemory) {
  const provider = buildProvider(parts, keys, logger);
  return {
    provider,
    callback: provider.callback(),
    plainToken: plainTokens(parts, keys),
    verifyJwt: jwtVerifier(keys, parts.config.issuer, memory),
  };
}

/** Starts the protocol on a set of keys. */
export function startEngine(parts: EngineParts, keys: KeyRing, logger: Logger): ProtocolEngine {
  for (const notice of importNotices) logger.debug(notice);
  const { sql, revocations } = parts;
  const inspector = createInspector({
    ...parts,
    findOpaque: opaqueFinder(parts),
    isWithinReach: reachCheck(parts),
    verifyJwt: (token, now) => current.verifyJwt(token, now),
  });
  const withdraw = createWithdrawal(sql, inspector, revocations);
  const endpoints = tokenEndpoints({ ...parts, inspector, withdraw });
  const own = {
    ...parts,
    narrow: narrowing(parts.tenants),
    inspect: inspector.find,
    afterAuthentication: endpoints.afterAuthentication,
    headless: new WeakSet<IncomingMessage>(),
    keyFetch: keyFetch(parts.outbound, parts.clock),
    cookie: requestCookie(parts.sealer, parts.config.issuer.startsWith('https:')),
  };
  const memory: SignatureMemory = {
    maxEntries: parts.config.cache.maxEntries,
    onLookup: (outcome) => parts.metrics.cache('signatures', outcome),
  };
  let current = buildParts(own, keys, logger, memory);
  const { grants } = parts;
  return {
    handle: (req, res) => current.callback(req, res),
    plainToken: (headers, parameters) => current.plainToken(headers, parameters),
    plainAuthorization: plainAuthorization(parts),
    endpoints,
    failures: createClientFailures(parts.limits),
    people: createPeople({ ...own, grants, provider: () => current.provider }),
    inspect: inspector.find,
    useKeys(ring) {
      current = buildParts(own, ring, logger, memory);
    },
  };
}
