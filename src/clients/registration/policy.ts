import type { Config } from '../../config/index.ts';
import type { Sql } from '../../store/index.ts';
import { openidScopes } from '../types.ts';
import { readOpenScopes } from './store.ts';
import type { RegistrationPolicy } from './types.ts';

/** Prepares the reading of what clients that registered themselves may have, as configuration and resources say now. */
export function registrationPolicy(sql: Sql, registration: Config['registration']): () => Promise<RegistrationPolicy> {
  const { grantTypes, redirectHosts, scopes } = registration;
  return async () => {
    const open = [...openidScopes, ...(await readOpenScopes(sql))];
    const allowed = scopes === undefined ? open : open.filter((scope) => scopes.includes(scope));
    return { grantTypes, redirectHosts, scopes: new Set(allowed) };
  };
}
