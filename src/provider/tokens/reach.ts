import type { TenantDirectory } from '../../accounts/index.ts';
import { isSid, Problem } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { LookupCache } from '../../store/index.ts';
import type { LiveToken } from './types.ts';

export interface ReachParts {
  readonly clients: LookupCache<Client>;
  readonly tenants: Pick<TenantDirectory, 'isWithin'>;
}

/**
 * Whether the organization of a machine's token still lies within that of its client: a token that was narrowed to an
 * organization beneath must not outlast its moving elsewhere. Users' tokens go by their user's role, which moves along.
 */
export type ReachCheck = (token: LiveToken) => Promise<boolean>;

/** Prepares the check; what it needs comes from memory, as a rule. */
export function reachCheck({ clients, tenants }: ReachParts): ReachCheck {
  return async ({ clientId, organizationSid, claims }) => {
    const subject = claims['sub'];
    if (organizationSid === undefined || typeof subject !== 'string') return true;
    try {
      const isMachine = subject === clientId || isSid('client', subject);
      const client = isMachine ? await clients.get(subject) : undefined;
      const from = client?.organizationSid;
      return from === undefined || from === organizationSid || (await tenants.isWithin(organizationSid, from));
    } catch (error) {
      // While the database is away nothing is moved either.
      if (error instanceof Problem && error.code === 'unavailable') return true;
      throw error;
    }
  };
}
