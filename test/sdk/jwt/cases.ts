import twilio from 'twilio';
import * as ours from '../../../src/sdk/jwt/index.ts';

/** One token, in values that both packages take. */
export interface AccessCase {
  readonly identity: string | number;
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly ttl?: number;
  readonly nbf?: number;
  readonly region?: string;
  readonly grants: readonly GrantCase[];
}

export interface GrantCase {
  readonly kind: GrantKind;
  readonly options?: object;
}

export type GrantKind = keyof typeof ourGrants;

export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const keySid = 'SK0123456789abcdef0123456789abcdef';
export const secret = 'a secret of an API key, Schlüssel';

const ourGrants = {
  video: (options?: object) => new ours.VideoGrant(options),
  chat: (options?: object) => new ours.ChatGrant(options),
  conversations: (options?: object) => new ours.ConversationsGrant(options),
  sync: (options?: object) => new ours.SyncGrant(options),
  voice: (options?: object) => new ours.VoiceGrant(options),
  taskRouter: (options?: object) => new ours.TaskRouterGrant(options),
  playback: (options?: object) => new ours.PlaybackGrant(options),
};

const { AccessToken } = twilio.jwt;
const theirGrants: Record<GrantKind, (options?: object) => { key: string; toPayload(): object }> = {
  video: (options) => new AccessToken.VideoGrant(options),
  chat: (options) => new AccessToken.ChatGrant(options),
  conversations: (options) => new AccessToken.ChatGrant(options),
  sync: (options) => new AccessToken.SyncGrant(options as never),
  voice: (options) => new AccessToken.VoiceGrant(options),
  taskRouter: (options) => new AccessToken.TaskRouterGrant(options),
  playback: (options) => new AccessToken.PlaybackGrant(options),
};

/** Who signs. */
export interface Credentials {
  readonly accountSid: string;
  readonly keySid: string;
  readonly secret: string;
}

const credentials: Credentials = { accountSid, keySid, secret };

/** The token by this package. */
export function mintOurs({ algorithm, grants, ...options }: AccessCase, key = credentials): string {
  const token = new ours.AccessToken(key.accountSid, key.keySid, key.secret, options);
  for (const { kind, options } of grants) token.addGrant(ourGrants[kind](options));
  return token.toJwt(algorithm);
}

/** The token by the `twilio` package. */
export function mintTheirs({ algorithm, grants, ...options }: AccessCase, key = credentials): string {
  const token = new AccessToken(key.accountSid, key.keySid, key.secret, options as never);
  for (const { kind, options } of grants) token.addGrant(theirGrants[kind](options));
  return token.toJwt(algorithm);
}

/** Every choice of the members of an object, from none to all. */
export function subsets(full: Record<string, unknown>): Record<string, unknown>[] {
  return Object.entries(full).reduce<Record<string, unknown>[]>(
    (sets, [name, value]) => sets.flatMap((set) => [set, { ...set, [name]: value }]),
    [{}],
  );
}

/** Header and payload of a token as their JSON stands in it, order and all. */
export function written(token: string): string[] {
  return token
    .split('.')
    .slice(0, 2)
    .map((part) => Buffer.from(part, 'base64url').toString());
}
