import type { ApiKey, TenantDirectory } from '../accounts/index.ts';
import type { Credentials } from '../api/index.ts';
import type { Gate } from '../limits/index.ts';
import { readCredential } from './credential.ts';
import { effectiveScopes } from './rules.ts';
import { scopeNames, scopesOfKey } from './scopes.ts';

export interface PlainKeyParts {
  readonly tenants: Pick<TenantDirectory, 'authenticate' | 'knownRoleOf'>;
  /** Counts, for each address, credentials that are not valid. */
  readonly failures: Gate;
}

/**
 * Finds the API key whose call needs nothing but its secret and a scope, all from memory: for an express lane. Nothing
 * where there is anything to decide or to refuse, which is left to the usual way.
 */
export function plainKeyFinder({ tenants, failures }: PlainKeyParts, scope: string) {
  async function mayCall(key: ApiKey): Promise<boolean> {
    const role = await tenants.knownRoleOf(key.userSid, key.organizationSid);
    const scopes = effectiveScopes(scopesOfKey(key), role, true, scopeNames);
    return scopes.has('admin') || scopes.has(scope);
  }

  /** @throws Problem 429 for an address that has presented too many wrong ones. */
  return async (credentials: Credentials): Promise<ApiKey | undefined> => {
    const { address, headers } = credentials;
    const { authorization = '', 'twilio-client-validation': signed } = headers;
    if (signed !== undefined) return undefined;
    failures.check(() => ({ address }));
    const presented = readCredential(authorization);
    if (presented === undefined || presented.scheme === 'dpop') return undefined;
    // An account that wants its calls signed finds this one unsigned.
    const found = await tenants.authenticate(presented.credential, credentials);
    return found.ok && (await mayCall(found.value)) ? found.value : undefined;
  };
}
