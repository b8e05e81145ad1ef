/** The algorithms that AccessTokens are signed with, the default first. */
export const tokenAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

/** No AccessToken lives longer than a day. Seconds. */
export const longestAccessToken = 86_400;

/** What a grant can be called. */
export const grantName = /^[a-z][a-z0-9_]{0,63}$/;

/** What AccessTokens a key may mint, as it is stored and as it goes over the wire. What is left out is not restricted. */
export interface TokenPolicy {
  readonly grants?: readonly string[] | undefined;
  /** Names, or beginnings of names with a star behind them. */
  readonly rooms?: readonly string[] | undefined;
  readonly applications?: readonly string[] | undefined;
  /** Seconds. */
  readonly max_ttl?: number | undefined;
  readonly algorithms?: readonly TokenAlgorithm[] | undefined;
}

/** Whether a list of rooms has a room. */
export const hasRoom = (rooms: readonly string[], room: string): boolean =>
  rooms.some((name) => (name.endsWith('*') ? room.startsWith(name.slice(0, -1)) : room === name));

/** A beginning of names lies within another one, and never within a name. */
const coversRoom = (rooms: readonly string[]) => (room: string) =>
  room.endsWith('*')
    ? rooms.some((name) => name.endsWith('*') && room.startsWith(name.slice(0, -1)))
    : hasRoom(rooms, room);

const among = (list: readonly string[]) => (name: string) => list.includes(name);

/** Whether a list lies within a limit, where there is one. A list that is left out is everything. */
const isListWithin = (
  list: readonly string[] | undefined,
  limit: readonly string[] | undefined,
  covers: (limit: readonly string[]) => (name: string) => boolean = among,
) => limit === undefined || (list?.every(covers(limit)) ?? false);

/** Whether whatever a policy allows is allowed by another one too. Null allows all. */
export function isWithinPolicy(policy: TokenPolicy | null, limit: TokenPolicy | null): boolean {
  if (limit === null) return true;
  const inner = policy ?? {};
  return (
    isListWithin(inner.grants, limit.grants) &&
    isListWithin(inner.rooms, limit.rooms, coversRoom) &&
    isListWithin(inner.applications, limit.applications) &&
    isListWithin(inner.algorithms, limit.algorithms) &&
    (inner.max_ttl ?? longestAccessToken) <= (limit.max_ttl ?? longestAccessToken)
  );
}

/** Characters of a policy that the audit log keeps. */
const longestDetail = 1_000;

/** What the audit log says of a policy that was given. */
export const policyDetail = (policy: TokenPolicy | null): { readonly token_policy?: string } =>
  policy === null ? {} : { token_policy: JSON.stringify(policy).slice(0, longestDetail) };
