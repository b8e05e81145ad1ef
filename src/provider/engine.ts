import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TenantDirectory } from '../accounts/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Revocations } from '../revocations/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { ProviderParts } from './configuration.ts';
import { createProvider } from './factory.ts';
import { importNotices } from './library.ts';
import { type PlainToken, plainClientCredentials } from './plain/client-credentials.ts';
import { type TokenEndpoints, tokenEndpoints } from './tokens/endpoints.ts';
import { createInspector } from './tokens/inspector.ts';
import { jwtVerifier } from './tokens/jwt.ts';
import { opaqueFinder } from './tokens/opaque.ts';
import { createWithdrawal } from './tokens/withdrawal.ts';

/** The running protocol. Nobody else holds the library's Provider, so it can be exchanged between two requests. */
export interface ProtocolEngine {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  readonly plainToken: PlainToken;
  readonly endpoints: TokenEndpoints;
  /** Takes new keys into use: requests under way end on the old ones, the next begins on the new. */
  useKeys(keys: KeyRing): void;
}

export interface EngineParts extends Omit<ProviderParts, 'isActiveUser' | 'afterAuthentication'> {
  readonly tenants: TenantDirectory;
  readonly revocations: Revocations;
}

interface Failure {
  readonly cause?: unknown;
  readonly error_detail?: string;
}

function buildCallback(parts: ProviderParts, keys: KeyRing, logger: Logger) {
  const provider = createProvider(parts, keys);
  provider.on('server_error', (ctx, error) => {
    logger.error({ err: error, path: ctx.path }, 'the protocol failed');
  });
  provider.on('grant.error', (ctx, error) => {
    const { error_detail: detail } = error as Failure;
    logger.debug({ refusal: error.message, detail, client: ctx.oidc.client?.clientId }, 'token request refused');
  });
  return provider.callback();
}

/** What depends on the keys, made anew when they change. */
function buildParts(parts: ProviderParts, keys: KeyRing, logger: Logger) {
  return {
    callback: buildCallback(parts, keys, logger),
    plainToken: plainClientCredentials(parts, keys),
    verifyJwt: jwtVerifier(keys, parts.config.issuer),
  };
}

/** Starts the protocol on a set of keys. */
export function startEngine(parts: EngineParts, keys: KeyRing, logger: Logger): ProtocolEngine {
  for (const notice of importNotices) logger.debug(notice);
  const { sql, tenants, revocations } = parts;
  const inspector = createInspector({
    ...parts,
    findOpaque: opaqueFinder(parts),
    verifyJwt: (token, now) => current.verifyJwt(token, now),
  });
  const withdraw = createWithdrawal(sql, inspector, revocations);
  const endpoints = tokenEndpoints({ ...parts, inspector, withdraw });
  const own = {
    ...parts,
    isActiveUser: tenants.isActiveUser,
    afterAuthentication: endpoints.afterAuthentication,
  };
  let current = buildParts(own, keys, logger);
  return {
    handle: (req, res) => current.callback(req, res),
    plainToken: (headers, parameters) => current.plainToken(headers, parameters),
    endpoints,
    useKeys(ring) {
      current = buildParts(own, ring, logger);
    },
  };
}
