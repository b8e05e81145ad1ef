import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyRing } from '../keys/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { createProvider, type ProviderParts } from './factory.ts';
import { importNotices } from './library.ts';

/** The running protocol. Nobody else holds the library's Provider, so it can be exchanged between two requests. */
export interface ProtocolEngine {
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Takes new keys into use: requests under way end on the old ones, the next begins on the new. */
  useKeys(keys: KeyRing): void;
}

interface Failure {
  readonly cause?: unknown;
  readonly error_detail?: string;
}

/** Starts the protocol on a set of keys. */
export function startEngine(parts: ProviderParts, keys: KeyRing, logger: Logger): ProtocolEngine {
  function build(ring: KeyRing) {
    const provider = createProvider(parts, ring);
    provider.on('server_error', (ctx, error) => {
      logger.error({ err: error, path: ctx.path }, 'the protocol failed');
    });
    provider.on('grant.error', (ctx, error) => {
      const { error_detail: detail } = error as Failure;
      logger.debug({ refusal: error.message, detail, client: ctx.oidc.client?.clientId }, 'token request refused');
    });
    return provider.callback();
  }
  for (const notice of importNotices) logger.debug(notice);
  let callback = build(keys);
  return {
    handle: (req, res) => callback(req, res),
    useKeys(ring) {
      callback = build(ring);
    },
  };
}
