/**
 * Clients that no admin made: registered by themselves (RFC 7591, RFC 7592), or known by a metadata document at the URL
 * that is their client_id. It owns the rules for their metadata, the endpoints of registration, the fetching of
 * documents, and the end of clients that nobody uses. They belong to no organization; what they may ask for is decided
 * by the resources that accept them.
 */
import type { Clock } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { createLimits } from '../../limits/index.ts';
import type { Outbound } from '../../outbound/index.ts';
import type { LookupCache, Store } from '../../store/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Client } from '../types.ts';
import { createClientFinding, type FindClient } from './documents.ts';
import { startClientExpiry } from './expiry.ts';
import { registrationPolicy } from './policy.ts';
import { createRegistration, type Registration } from './service.ts';

export type { FindClient } from './documents.ts';
export { deleteIdleClients, noteUses } from './expiry.ts';
export { registrationPolicy } from './policy.ts';
export { registrationRoutes } from './routes.ts';

export interface SelfRegistrationParts {
  readonly config: Pick<Config, 'issuer' | 'registration'>;
  readonly store: Pick<Store, 'sql' | 'management'>;
  readonly clients: LookupCache<Client>;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SelfRegistration {
  readonly registration: Registration;
  readonly findClient: FindClient;
  /** Ends what runs beside the requests. */
  stop(): void;
}

/** New metadata documents that one address may have fetched in an hour. */
const strangerLimit = { 'client documents': { points: 60, duration: 3_600 } } as const;

/** Opens registration and metadata documents, and has unused clients deleted from then on. */
export function openSelfRegistration(parts: SelfRegistrationParts): SelfRegistration {
  const { config, store, clients, outbound, clock, logger } = parts;
  const { sql, management } = store;
  const policy = registrationPolicy(sql, config.registration);
  const limits = createLimits(strangerLimit, sql, logger);
  const { idleTtl, documents } = config.registration;
  return {
    registration: createRegistration({ issuer: config.issuer, management, policy }),
    findClient: createClientFinding({
      enabled: documents,
      clients,
      outbound,
      strangers: limits['client documents'],
      management,
      policy,
      clock,
    }),
    stop: startClientExpiry({ sql, clock, logger, idleTtl }),
  };
}
