import type { KeyObject } from 'node:crypto';
import type { Account, TokenPolicy } from '../../accounts/index.ts';
import { fault, ok, type ProblemFault, type Result } from '../../base/index.ts';
import { applicationFaults, lifetimeFaults } from '../access-tokens/policy.ts';
import { segment, signCompact } from '../signing.ts';
import type { Policy } from './policies.ts';
import { type ScopeWish, writeScope } from './scopes.ts';

/** Making and receiving calls on a device. */
export interface ClientWish {
  readonly type: 'client';
  /** Seconds. */
  readonly ttl: number;
  readonly scopes: readonly ScopeWish[];
}

/** Acting as a worker, a task queue or a workspace of TaskRouter. */
export interface TaskRouterWish {
  readonly type: 'task_router';
  readonly workspace_sid: string;
  readonly channel_id: string;
  readonly friendly_name?: string | undefined;
  /** Seconds. */
  readonly ttl: number;
  readonly policies: readonly Policy[];
}

export type CapabilityWish = ClientWish | TaskRouterWish;

/** Bytes of claims: verifiers refuse longer tokens unread. */
const longestClaims = 10_000;

const head = segment('{"alg":"HS256","typ":"JWT"}');

/** The claims in the order of the `twilio` package. `allow: false` stays what it is, which that package forgets. */
function claimsOf(wish: CapabilityWish, iss: string, iat: number) {
  const exp = iat + wish.ttl;
  if (wish.type === 'client') return { scope: wish.scopes.map(writeScope).join(' '), iss, exp, iat };
  const { channel_id: channel, workspace_sid, friendly_name, policies } = wish;
  return {
    iss,
    exp,
    version: 'v1',
    friendly_name,
    account_sid: iss,
    channel,
    workspace_sid,
    policies,
    worker_sid: channel.startsWith('WK') ? channel : undefined,
    taskqueue_sid: channel.startsWith('WQ') ? channel : undefined,
    iat,
  };
}

/** The answer to whoever asked for a capability token. */
export interface CapabilityAnswer {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly expires_at: string;
  readonly account_sid: string;
}

/**
 * Makes a capability token.
 * @param now seconds since the epoch. @returns it, or why there is none.
 */
export function mintCapability(
  account: Account,
  secret: KeyObject,
  wish: CapabilityWish,
  now: number,
): Result<CapabilityAnswer, ProblemFault> {
  const iat = Math.floor(now);
  const claims = JSON.stringify(claimsOf(wish, account.sid, iat));
  if (Buffer.byteLength(claims) > longestClaims) {
    const detail = `must be smaller: all claims together have at most ${longestClaims} bytes as JSON`;
    return fault({ pointer: wish.type === 'client' ? '/scopes' : '/policies', code: 'invalid_value', detail });
  }
  return ok({
    token: signCompact('HS256', secret, head, segment(claims)),
    expires_in: wish.ttl,
    expires_at: new Date((iat + wish.ttl) * 1000).toISOString(),
    account_sid: account.sid,
  });
}

/** What the grants of a token policy call the two sorts. */
const grantOf = { client: 'client_capability', task_router: 'task_router_capability' } as const;

/**
 * What of a wish goes beyond the policy of the key that asks. A key whose grants are listed makes only what is among
 * them; its applications and longest lifetime hold here too.
 */
export function capabilityFaults(policy: TokenPolicy | null, wish: CapabilityWish): ProblemFault[] {
  if (policy === null) return [];
  const grant = grantOf[wish.type];
  const isAllowed = policy.grants?.includes(grant) ?? true;
  const scopes = wish.type === 'client' ? wish.scopes : [];
  return [
    ...(isAllowed ? [] : [{ pointer: '/type', detail: `is not allowed for this key, whose grants lack ${grant}` }]),
    ...lifetimeFaults(policy.max_ttl, wish.ttl),
    ...scopes.flatMap((scope, index) =>
      scope.type === 'outgoing' ? applicationFaults(policy.applications, scope, `/scopes/${index}`) : [],
    ),
  ];
}
