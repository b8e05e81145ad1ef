import {
  algorithmOf,
  isWhole,
  lifetime,
  moment,
  optionalText,
  record,
  refuse,
  requiredText,
  secondsNow,
  sharedSecret,
  sid,
} from './checks.ts';
import { InvalidArgumentError } from './errors.ts';
import { ChatGrant } from './grants/chat-grant.ts';
import { Grant, type GrantLike, grantKey } from './grants/grant.ts';
import { PlaybackGrant } from './grants/playback-grant.ts';
import { SyncGrant } from './grants/sync-grant.ts';
import { TaskRouterGrant } from './grants/task-router-grant.ts';
import { VideoGrant } from './grants/video-grant.ts';
import { VoiceGrant } from './grants/voice-grant.ts';
import { HMAC_ALGORITHMS, type HmacAlgorithm, hmac, segment } from './signing.ts';

/** What an AccessToken is made of, beside the account and the key. */
export interface AccessTokenOptions {
  /** Who the holder is: text, or a whole number that becomes text. */
  readonly identity: string | number;
  /** Lifetime in seconds, 1 to 86,400. An hour by default. */
  readonly ttl?: number | null | undefined;
  /** The second since 1970 before which the token does not count. Left out by default. */
  readonly nbf?: number | null | undefined;
  /** The region whose servers are to take the token. */
  readonly region?: string | null | undefined;
}

/**
 * A short-lived token for a browser or a phone: who it is and what it may do, signed with an API key's secret. The
 * token is equal, byte for byte, to what the `twilio` package makes of the same values in the same second. Two tokens
 * of one key in one second share their `jti`, so it is no name for a token.
 */
export class AccessToken {
  static readonly DEFAULT_ALGORITHM = 'HS256';
  static readonly ALGORITHMS: readonly HmacAlgorithm[] = HMAC_ALGORITHMS;
  static readonly Grant = Grant;
  static readonly ChatGrant = ChatGrant;
  static readonly ConversationsGrant = ChatGrant;
  static readonly PlaybackGrant = PlaybackGrant;
  static readonly SyncGrant = SyncGrant;
  static readonly TaskRouterGrant = TaskRouterGrant;
  static readonly VideoGrant = VideoGrant;
  static readonly VoiceGrant = VoiceGrant;

  accountSid: string;
  keySid: string;
  identity: string | number;
  ttl: number;
  nbf: number | undefined;
  region: string | undefined;
  grants: GrantLike[] = [];
  #secret: string;

  /**
   * @param accountSid the account that the token acts in, `AC...`
   * @param keySid the API key that signs, `SK...`
   * @param secret the secret of that key
   * @throws InvalidArgumentError naming the field and the rule
   */
  constructor(accountSid: string, keySid: string, secret: string, options: AccessTokenOptions) {
    this.accountSid = sid('accountSid', accountSid, ['AC']);
    this.keySid = sid('keySid', keySid, ['SK']);
    this.#secret = sharedSecret('secret', secret);
    const given = record('options', options ?? {}) as Partial<AccessTokenOptions>;
    this.identity = identityOf(given.identity);
    this.ttl = lifetime('ttl', given.ttl, 3600);
    this.nbf = moment('nbf', given.nbf);
    this.region = regionOf(given.region);
  }

  /** The secret of the API key. It is no field, so that printing a token object does not show it. */
  get secret(): string {
    return this.#secret;
  }

  set secret(secret: string) {
    this.#secret = sharedSecret('secret', secret);
  }

  /** Adds a grant. Of two grants with one key the later counts. */
  addGrant(grant: GrantLike): void {
    const given = record('grant', grant);
    grantKey('grant.key', given['key']);
    if (typeof given['toPayload'] !== 'function') refuse('grant', 'must have a method toPayload');
    this.grants.push(grant);
  }

  /**
   * Signs the token. Every call signs anew, with the fields and the clock of that moment.
   *
   * @throws InvalidArgumentError when the algorithm is none of `ALGORITHMS`, or a field was set to nonsense meanwhile
   */
  toJwt(algorithm?: HmacAlgorithm | null): string {
    const alg = algorithmOf(AccessToken.ALGORITHMS, algorithm ?? AccessToken.DEFAULT_ALGORITHM);
    const iat = secondsNow();
    const iss = sid('keySid', this.keySid, ['SK']);
    // The order of the members is that of the twilio package; JSON leaves out what is undefined.
    const payload = {
      jti: `${iss}-${iat}`,
      grants: this.#grantPayloads(),
      nbf: moment('nbf', this.nbf),
      iat,
      exp: iat + lifetime('ttl', this.ttl, 3600),
      iss,
      sub: sid('accountSid', this.accountSid, ['AC']),
    };
    const header = { alg, typ: 'JWT', cty: 'twilio-fpa;v=1', twr: regionOf(this.region) };
    const input = `${segment(header)}.${segment(payload)}`;
    return `${input}.${hmac(alg, this.#secret, input)}`;
  }

  #grantPayloads(): Record<string, unknown> {
    const payloads: Record<string, unknown> = { identity: String(identityOf(this.identity)) };
    for (const grant of this.grants) payloads[grantKey('grant.key', grant.key)] = grant.toPayload();
    return payloads;
  }
}

/** The types of the grants under the names that they have as values. */
export declare namespace AccessToken {
  export type ChatGrant = InstanceType<typeof AccessToken.ChatGrant>;
  export type ConversationsGrant = InstanceType<typeof AccessToken.ConversationsGrant>;
  export type PlaybackGrant = InstanceType<typeof AccessToken.PlaybackGrant>;
  export type SyncGrant = InstanceType<typeof AccessToken.SyncGrant>;
  export type TaskRouterGrant = InstanceType<typeof AccessToken.TaskRouterGrant>;
  export type VideoGrant = InstanceType<typeof AccessToken.VideoGrant>;
  export type VoiceGrant = InstanceType<typeof AccessToken.VoiceGrant>;
}

function identityOf(value: unknown): string | number {
  if (isWhole(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) && value !== 0) return value;
  const missing = 'identity is required to be specified in options';
  if (value === 0) throw new InvalidArgumentError('identity', missing);
  if (typeof value === 'string' || value === undefined || value === null) {
    return requiredText('identity', value, missing);
  }
  return refuse('identity', 'must be a string or a whole number');
}

function regionOf(value: unknown): string | undefined {
  const region = optionalText('region', value);
  if (region === undefined || /^[\w-]{1,64}$/.test(region)) return region;
  return refuse('region', 'must be letters, digits and hyphens, as in us1');
}
