import { fault, hashSecret, ok, type Result, sameHash } from '../base/index.ts';
import { addressFaults, isNativeRedirect } from './addresses.ts';
import {
  type AuthMethod,
  authMethods,
  type ClientDraft,
  type CompleteDraft,
  clientGrantTypes,
  type LiveSecret,
} from './types.ts';

/**
 * Whether a presented secret is one of the live ones. Every live secret is compared, in constant time, so the time
 * taken tells neither how many there are nor which one fits. Times in milliseconds since the epoch.
 */
export function matchesSecret(presented: string, secrets: readonly LiveSecret[], now: number): boolean {
  const hash = hashSecret(presented);
  return secrets.reduce((matched, secret) => {
    const live = secret.expiresAt === undefined || secret.expiresAt > now;
    return (sameHash(hash, secret.hash) && live) || matched;
  }, false);
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

function jwksFaults(draft: ClientDraft): string[] {
  if (draft.jwks === undefined) return [];
  const { keys } = draft.jwks;
  if (!Array.isArray(keys) || keys.length === 0) return ['jwks: must hold at least one key'];
  if (keys.some((key) => privateMembers.some((member) => member in key))) {
    return ['jwks: holds a private or symmetric key; send the public part only, and treat that key as compromised'];
  }
  return keys.some((key) => !['RSA', 'EC', 'OKP'].includes(key.kty ?? '')) ? ['jwks: keys must be RSA, EC or OKP'] : [];
}

function listFaults(field: string, given: readonly string[], known: readonly string[]): string[] {
  return given
    .filter((entry) => !known.includes(entry))
    .map((entry) => `${field}: "${entry}" is not one of ${known.join(', ')}`);
}

function authFaults(draft: ClientDraft, method: AuthMethod): string[] {
  const faults = listFaults('authMethod', [method], authMethods);
  if (draft.clientType === 'public' && method !== 'none') faults.push('authMethod: a public client has none');
  if (draft.clientType === 'confidential' && method === 'none') {
    faults.push('authMethod: a confidential client must authenticate');
  }
  if (method === 'private_key_jwt' && draft.jwks === undefined)
    faults.push('jwks: private_key_jwt needs the public keys');
  return faults;
}

function defaultMethod(draft: ClientDraft): AuthMethod {
  if (draft.clientType === 'public') return 'none';
  return draft.jwks === undefined ? 'client_secret_basic' : 'private_key_jwt';
}

const defaults = {
  allowedResources: [],
  postLogoutRedirectUris: [],
  webOrigins: [],
  requirePkce: true,
  requirePar: false,
  requireDpop: false,
  logoUri: undefined,
  policyUri: undefined,
  tosUri: undefined,
};

/** Checks a new client and fills in the defaults; all faults at once, each naming its field. */
export function completeDraft(draft: ClientDraft): Result<CompleteDraft, readonly string[]> {
  const authMethod = draft.authMethod ?? defaultMethod(draft);
  const redirectUris = draft.redirectUris ?? [];
  const faults = [
    ...(draft.name.trim() === '' ? ['name: must not be empty'] : []),
    ...listFaults('allowedGrantTypes', draft.allowedGrantTypes, clientGrantTypes),
    ...authFaults(draft, authMethod),
    ...jwksFaults(draft),
    ...addressFaults(draft),
  ];
  if (draft.allowedGrantTypes.includes('authorization_code') && redirectUris.length === 0) {
    faults.push('redirectUris: authorization_code needs at least one');
  }
  if (faults.length > 0) return fault(faults);
  return ok({
    ...defaults,
    ...draft,
    authMethod,
    redirectUris,
    applicationType: redirectUris.some(isNativeRedirect) ? 'native' : 'web',
    jwks: draft.jwks,
  });
}
