import { hasRoom, type TokenPolicy } from '../../accounts/index.ts';
import type { ProblemFault } from '../../base/index.ts';
import { isMembers } from '../compact.ts';
import type { Members } from '../types.ts';

/** What of a token a policy decides on, whoever has made it. */
export interface Minted {
  readonly algorithm: string;
  /** Seconds. */
  readonly lifetime: number;
  /** As they stand in the token, `identity` among them or not. */
  readonly grants: Members;
}

/** So many names are repeated to whoever asked for another one. */
const mostNamed = 10;

const listed = (names: readonly string[]) =>
  names.length === 0 ? 'none' : `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ', …' : ''}`;

const wrong = (pointer: string, detail: string): ProblemFault => ({ pointer, detail });

/** A member of what may be no object at all. */
const memberOf = (value: unknown, name: string): unknown =>
  isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function grantFaults(allowed: readonly string[] | undefined, grants: Members): ProblemFault[] {
  if (allowed === undefined) return [];
  const beyond = Object.keys(grants).filter((name) => name !== 'identity' && !allowed.includes(name));
  return beyond.map((name) =>
    wrong(`/grants/${name}`, `is not allowed for this key, whose grants are ${listed(allowed)}`),
  );
}

function roomFaults(rooms: readonly string[] | undefined, grants: Members): ProblemFault[] {
  if (rooms === undefined || !Object.hasOwn(grants, 'video')) return [];
  const room = memberOf(grants['video'], 'room');
  if (typeof room === 'string' && hasRoom(rooms, room)) return [];
  return [wrong('/grants/video/room', `must be one of the rooms of this key: ${listed(rooms)}`)];
}

/** A list of applications, and the one that is named; nothing where none is. */
export function applicationFaults(
  applications: readonly string[] | undefined,
  outgoing: unknown,
  pointer: string,
): ProblemFault[] {
  if (applications === undefined || outgoing === undefined) return [];
  const named = memberOf(outgoing, 'application_sid');
  if (typeof named === 'string' && applications.includes(named)) return [];
  return [wrong(`${pointer}/application_sid`, `must be one of the applications of this key: ${listed(applications)}`)];
}

/** A lifetime beyond the longest of a key. */
export function lifetimeFaults(longest: number | undefined, lifetime: number): ProblemFault[] {
  return longest === undefined || lifetime <= longest
    ? []
    : [wrong('/ttl', `must be at most ${longest} s for this key`)];
}

/**
 * What of a token goes beyond the policy of its key, each with its place in the request for it. The same for tokens that
 * are asked for here and for those that the holder of the secret has signed: nothing of these can be relied on.
 */
export function policyFaults(policy: TokenPolicy | null, { algorithm, lifetime, grants }: Minted): ProblemFault[] {
  if (policy === null) return [];
  const { algorithms } = policy;
  const isKnown = algorithms === undefined || (algorithms as readonly string[]).includes(algorithm);
  return [
    ...(isKnown ? [] : [wrong('/algorithm', `must be one of the algorithms of this key: ${listed(algorithms)}`)]),
    ...lifetimeFaults(policy.max_ttl, lifetime),
    ...grantFaults(policy.grants, grants),
    ...roomFaults(policy.rooms, grants),
    ...applicationFaults(policy.applications, memberOf(grants['voice'], 'outgoing'), '/grants/voice/outgoing'),
  ];
}

/** The policy of a key as the directory has it. Only what passed the schema is ever stored. */
export const policyOf = ({ tokenPolicy }: { readonly tokenPolicy: unknown }): TokenPolicy | null =>
  tokenPolicy as TokenPolicy | null;
