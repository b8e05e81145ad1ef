import type { ApiKey } from '../../accounts/index.ts';
import { type Caller, refuse } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { isMembers, readCompact } from '../compact.ts';
import { explainingKeyLookUp } from '../keys/look-up.ts';
import { seenBy } from '../keys/reach.ts';
import type { SigningKeys } from '../keys/signing-keys.ts';
import { claimedSid, momentOf } from '../schemas.ts';
import type { IssuerParts } from '../types.ts';
import { accessTokenType, type MintFault, mintAccessToken, type TokenAnswer, type TokenWish } from './mint.ts';
import { identityIn, verifyAccessToken } from './verify.ts';

/** What minting and verifying work with. */
export interface Minting extends IssuerParts {
  readonly signingKeys: SigningKeys;
}

const pointer = '/api_key_sid';

/** The key of a caller, which may have been revoked a moment ago. @throws Problem 401. */
export async function keyOfCaller({ tenants }: Minting, { id }: Caller): Promise<ApiKey> {
  const key = await tenants.apiKey(id);
  if (key === undefined) throw new Problem('invalid_token', 'The API key is not valid here.');
  return key;
}

/** The key that signs for a caller. @throws Problem 401, 422. */
async function signerFor(minting: Minting, caller: Caller, named: string | undefined): Promise<ApiKey> {
  if (caller.kind === 'api_key') {
    if (named === undefined || named === caller.id) return keyOfCaller(minting, caller);
    refuse([{ pointer, code: 'invalid_value', detail: 'must be left out: the key that calls signs itself' }]);
  }
  if (named === undefined) {
    refuse([{ pointer, code: 'required', detail: 'is required where no API key calls: it names the key that signs' }]);
  }
  const key = await minting.tenants.apiKey(named);
  if (key !== undefined && seenBy(caller)(key)) return key;
  return refuse([{ pointer, code: 'invalid_value', detail: 'names no API key that may be used' }]);
}

/** @throws Problem 403 where the policy of the key does not allow it, 422. */
export function refuseMinting({ kind, faults }: MintFault): never {
  if (kind === 'value') refuse(faults);
  const sentences = faults.map(({ pointer: place = '', detail }) => `${place.slice(1).replaceAll('/', '.')} ${detail}`);
  throw new Problem('access_denied', `${sentences.join('; ')}.`, { faults });
}

/** Makes an AccessToken for a caller. @throws Problem 401, 403, 422. */
export async function mintFor(
  minting: Minting,
  caller: Caller,
  { api_key_sid: named, ...wish }: TokenWish & { readonly api_key_sid?: string | undefined },
): Promise<TokenAnswer> {
  const key = await signerFor(minting, caller, named);
  const minted = mintAccessToken(key, minting.signingKeys.ofApiKey(key), wish, minting.clock() / 1000);
  return minted.ok ? minted.value : refuseMinting(minted.fault);
}

/** Says whether a token counts, for a caller, and if not why. */
export async function explainAccessToken(minting: Minting, caller: Caller, token: string) {
  const { clock, config, signingKeys } = minting;
  const compact = readCompact(token);
  const lookUp = explainingKeyLookUp(minting, seenBy(caller));
  const verification = { signingKeys, leeway: config.tokens.clockTolerance };
  const verified = await verifyAccessToken(compact, lookUp, verification, clock() / 1000);
  const { header, payload } = compact;
  const claims = isMembers(payload) ? payload : {};
  return {
    valid: verified.ok,
    reason: verified.ok ? null : verified.fault,
    kind: header?.['cty'] === accessTokenType ? ('access_token' as const) : null,
    header: header as Record<string, unknown> | null,
    payload: payload as Record<string, unknown> | null,
    api_key_sid: claimedSid(claims['iss'], 'SK'),
    account_sid: claimedSid(claims['sub'], 'AC'),
    identity: identityIn(claims['grants']) ?? null,
    issued_at: momentOf(claims['iat']),
    not_before: momentOf(claims['nbf']),
    expires_at: momentOf(claims['exp']),
  };
}
