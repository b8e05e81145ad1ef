import { fault, hashSecret, ok, type ProblemFault, type Result, sameHash } from '../base/index.ts';
import { addressFaults, isNativeRedirect } from './addresses.ts';
import { keySetFaults } from './key-sets.ts';
import {
  type AuthMethod,
  authMethods,
  type ClientDraft,
  type CompleteDraft,
  clientGrantTypes,
  type LiveSecret,
  tokenExchange,
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

const wrong = (pointer: string, detail: string): ProblemFault => ({ pointer, code: 'invalid_value', detail });

/** Nothing by itself where the value is one of those that are known. */
function unknown(pointer: string, value: string, known: readonly string[]): ProblemFault[] {
  return known.includes(value) ? [] : [wrong(pointer, `must be one of ${known.join(', ')}`)];
}

function authFaults(draft: ClientDraft, method: AuthMethod): ProblemFault[] {
  const pointer = '/token_endpoint_auth_method';
  const faults = unknown(pointer, method, authMethods);
  if (draft.clientType === 'public' && method !== 'none')
    faults.push(wrong(pointer, 'must be none for a public client'));
  if (draft.clientType === 'confidential' && method === 'none') {
    faults.push(wrong(pointer, 'must not be none: a confidential client authenticates'));
  }
  if (method === 'private_key_jwt' && draft.jwks === undefined && draft.jwksUri === undefined) {
    faults.push(wrong('/jwks', 'or jwks_uri is needed for private_key_jwt'));
  }
  return faults;
}

/** Whoever exchanges tokens proves who it is, and somebody answers for it. */
function exchangeFault({ clientType, origin = 'managed' }: ClientDraft): string | undefined {
  if (clientType === 'public') return 'is for confidential clients, which prove who they are';
  return origin === 'managed' ? undefined : 'is not for clients that registered themselves';
}

function grantFaults(draft: ClientDraft): ProblemFault[] {
  return draft.allowedGrantTypes.flatMap((type, index) => {
    const pointer = `/allowed_grant_types/${index}`;
    const exchange = type === tokenExchange ? exchangeFault(draft) : undefined;
    return [...unknown(pointer, type, clientGrantTypes), ...(exchange === undefined ? [] : [wrong(pointer, exchange)])];
  });
}

function defaultMethod({ clientType, jwks, jwksUri }: ClientDraft): AuthMethod {
  if (clientType === 'public') return 'none';
  return jwks === undefined && jwksUri === undefined ? 'client_secret_basic' : 'private_key_jwt';
}

/** Longest lifetimes in seconds: revocations of access tokens are remembered for a day, refresh tokens live half a year. */
const longestLives = { accessTokenTtl: 86_400, refreshTokenTtl: 15_552_000 } as const;
const shortestLife = 60;

function lifetimeFaults(draft: ClientDraft): ProblemFault[] {
  const fields = { access_token_ttl: 'accessTokenTtl', refresh_token_ttl: 'refreshTokenTtl' } as const;
  return Object.entries(fields).flatMap(([field, name]) => {
    const ttl = draft[name];
    const fits = ttl === undefined || (Number.isInteger(ttl) && ttl >= shortestLife && ttl <= longestLives[name]);
    return fits ? [] : [wrong(`/${field}`, `must be whole seconds from ${shortestLife} to ${longestLives[name]}`)];
  });
}

const applicationTypeOf = ({ applicationType, redirectUris = [], postLogoutRedirectUris = [] }: ClientDraft) =>
  applicationType ?? ([...redirectUris, ...postLogoutRedirectUris].some(isNativeRedirect) ? 'native' : 'web');

/** Checks a client, new or changed, and fills in the defaults; all faults at once, each with its place in the body. */
export function completeDraft(draft: ClientDraft): Result<CompleteDraft, readonly ProblemFault[]> {
  const authMethod = draft.authMethod ?? defaultMethod(draft);
  const redirectUris = draft.redirectUris ?? [];
  const applicationType = applicationTypeOf(draft);
  const faults = [
    ...(draft.name.trim() === '' ? [wrong('/name', 'must not be empty')] : []),
    ...grantFaults(draft),
    ...authFaults(draft, authMethod),
    ...keySetFaults(draft),
    ...lifetimeFaults(draft),
    ...addressFaults(draft, applicationType),
  ];
  if (draft.allowedGrantTypes.includes('authorization_code') && redirectUris.length === 0) {
    faults.push(wrong('/redirect_uris', 'must hold at least one URI for authorization_code'));
  }
  if (faults.length > 0) return fault(faults);
  return ok({
    ...draft,
    origin: draft.origin ?? 'managed',
    authMethod,
    applicationType,
    redirectUris,
    allowedResources: draft.allowedResources ?? [],
    postLogoutRedirectUris: draft.postLogoutRedirectUris ?? [],
    webOrigins: draft.webOrigins ?? [],
    // OAuth 2.1 section 4.1.1: whoever cannot keep a secret has no other proof that a code is theirs.
    requirePkce: draft.clientType === 'public' || draft.requirePkce !== false,
    requirePar: draft.requirePar ?? false,
    requireDpop: draft.requireDpop ?? false,
  });
}
