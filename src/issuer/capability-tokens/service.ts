import type { z } from 'zod';
import type { Account } from '../../accounts/index.ts';
import { type Caller, refuse } from '../../api/index.ts';
import { policyOf } from '../access-tokens/policy.ts';
import { keyOfCaller, type Minting, refuseMinting } from '../access-tokens/service.ts';
import { readCompact } from '../compact.ts';
import { accountLookUp } from '../keys/look-up.ts';
import { seenBy } from '../keys/reach.ts';
import { claimedSid, momentOf } from '../schemas.ts';
import { type CapabilityAnswer, type CapabilityWish, capabilityFaults, mintCapability } from './mint.ts';
import { type AskedRequest, type Decision, decide } from './policies.ts';
import type { readPolicy } from './schemas.ts';
import { type Capability, readCapability, verifyCapability } from './verify.ts';

/** Policies with whatever else stands in them. */
type ShownPolicies = Array<z.input<typeof readPolicy>>;

type Named = { readonly account_sid?: string | undefined };

const pointer = '/account_sid';

/** The SID of the account that signs. @throws Problem 422 where it cannot be told. */
function accountNamed(caller: Caller, own: string | undefined, named: string | undefined): string {
  if (caller.kind === 'api_key' && named !== undefined && named !== own) {
    refuse([{ pointer, code: 'invalid_value', detail: 'must be left out: it is the account of the key that calls' }]);
  }
  const sid = named ?? own;
  if (sid !== undefined) return sid;
  return refuse([{ pointer, code: 'required', detail: 'is required where no API key calls: its auth token signs' }]);
}

/** Makes a capability token for a caller. @throws Problem 401, 403, 422. */
export async function mintCapabilityFor(
  minting: Minting,
  caller: Caller,
  { account_sid: named, ...wish }: CapabilityWish & Named,
): Promise<CapabilityAnswer> {
  const { tenants, signingKeys, clock } = minting;
  const key = caller.kind === 'api_key' ? await keyOfCaller(minting, caller) : undefined;
  const sid = accountNamed(caller, key?.accountSid ?? caller.accountSid, named);
  const found = await accountLookUp(tenants, key === undefined ? seenBy(caller) : undefined)(sid);
  if (!found.ok) return refuse([{ pointer, code: 'invalid_value', detail: 'names no account that may be used' }]);
  const beyond = key === undefined ? [] : capabilityFaults(policyOf(key), wish as CapabilityWish);
  if (beyond.length > 0) refuseMinting({ kind: 'policy', faults: beyond });
  const account: Account = found.value;
  const minted = mintCapability(account, signingKeys.ofAccount(account), wish as CapabilityWish, clock() / 1000);
  return minted.ok ? minted.value : refuse([minted.fault]);
}

function decisionOn(capability: Capability | undefined, valid: boolean, request: AskedRequest): Decision {
  if (!valid) return { allowed: false, reason: 'The token is not valid.' };
  if (capability?.kind !== 'task_router_capability') {
    return { allowed: false, reason: 'The token has no policies: it is a client capability.' };
  }
  return decide(capability.policies, request);
}

/** Says whether a capability token counts, for a caller, and if not why; and what comes of a request. */
export async function explainCapability(
  minting: Minting,
  caller: Caller,
  { token, request }: { readonly token: string; readonly request?: AskedRequest | undefined },
) {
  const { tenants, clock, config, signingKeys } = minting;
  const compact = readCompact(token);
  const lookUp = accountLookUp(tenants, seenBy(caller));
  const verification = { signingKeys, leeway: config.tokens.clockTolerance };
  const verified = await verifyCapability(compact, lookUp, verification, clock() / 1000);
  const { header, payload } = compact;
  const claims = payload ?? {};
  const read = readCapability(claims);
  const capability = read.ok ? read.value : undefined;
  return {
    valid: verified.ok,
    reason: verified.ok ? null : verified.fault,
    kind: capability?.kind ?? null,
    header: header as Record<string, unknown> | null,
    payload: payload as Record<string, unknown> | null,
    account_sid: claimedSid(claims['iss'], 'AC'),
    issued_at: momentOf(claims['iat']),
    not_before: momentOf(claims['nbf']),
    expires_at: momentOf(claims['exp']),
    scopes: capability?.kind === 'client_capability' ? [...capability.scopes] : null,
    policies: capability?.kind === 'task_router_capability' ? (capability.policies as ShownPolicies) : null,
    decision: request === undefined ? null : decisionOn(capability, verified.ok, request),
  };
}
