import {
  optionalFunction,
  optionalText,
  requireNumber,
  requireOptions,
  requireText,
  requireUrl,
} from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { type DpopOptions, type DpopSettings, parseDpop } from './dpop-settings.ts';
import { type IntrospectionOptions, type IntrospectionSettings, parseIntrospection } from './introspection-settings.ts';
import type { Requirements } from './requirements.ts';
import { parseWire, publicUrl, type Wire, type WireOptions } from './wire.ts';

/** The algorithms of access tokens that are taken. No HMAC and no `none`, whatever a token says of itself. */
export const tokenAlgorithms = ['ES256', 'RS256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

/** How the issuer's documents are kept. Milliseconds. */
export interface KeyCacheOptions {
  /** How long keys are used at most without asking again; the issuer's `Cache-Control` may say less. Default 600,000. */
  readonly maxAge?: number | undefined;
  /** How long keys are used while the issuer is away, from when they were read. Default 86,400,000. */
  readonly staleFor?: number | undefined;
  /** The shortest time between two requests because of an unknown key. Default 30,000. */
  readonly cooldown?: number | undefined;
}

/** What a verifier is made from. */
export interface VerifierOptions extends Requirements, WireOptions {
  /** The issuer, to the byte as tokens name it. */
  readonly issuer: string;
  /** What this resource server is called in tokens; of several names one must be there. */
  readonly audience: string | readonly string[];
  /** Where the keys are. By default the issuer's metadata says it (RFC 8414). */
  readonly jwksUri?: string | undefined;
  /** Default: all of ES256, RS256 and EdDSA. */
  readonly algorithms?: readonly TokenAlgorithm[] | undefined;
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockTolerance?: number | undefined;
  readonly keys?: KeyCacheOptions | undefined;
  readonly dpop?: DpopOptions | undefined;
  /** Asks the issuer about tokens: for opaque ones, or to learn of revocations. Off by default. */
  readonly introspection?: IntrospectionOptions | undefined;
  /**
   * Scheme and host under which clients call this server. Proofs are checked against it and never against `Host`,
   * which a client chooses. Default: the origin of `audience`, when that is a URL.
   */
  readonly origin?: string | undefined;
  /** Stands in challenges. */
  readonly realm?: string | undefined;
  /** The address of this server's RFC 9728 document, for challenges. */
  readonly resourceMetadata?: string | undefined;
  /** The time in milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: (() => number) | undefined;
}

export interface Settings {
  readonly issuer: string;
  readonly audience: ReadonlySet<string>;
  readonly jwksUri: URL | undefined;
  readonly algorithms: readonly TokenAlgorithm[];
  readonly clockTolerance: number;
  readonly keys: { readonly maxAge: number; readonly staleFor: number; readonly cooldown: number };
  readonly dpop: DpopSettings;
  readonly introspection: IntrospectionSettings | undefined;
  readonly origin: string | undefined;
  readonly realm: string | undefined;
  readonly resourceMetadata: string | undefined;
  readonly wire: Wire;
  readonly now: () => number;
}

const day = 86_400_000;

const milliseconds = (field: string, value: number, max: number, min = 1): number =>
  requireNumber(field, value, { unit: 'milliseconds', min, max });

/** @throws InvalidArgumentError that names the option and the rule. */
export function parseSettings(given: VerifierOptions): Settings {
  const options = requireOptions('options', given);
  const wire = parseWire(options);
  const audience = parseAudience(options.audience);
  const now = optionalFunction('now', options.now) ?? Date.now;
  return {
    issuer: parseIssuer(options.issuer, wire),
    audience: new Set(audience),
    jwksUri: options.jwksUri === undefined ? undefined : publicUrl('jwksUri', options.jwksUri, wire),
    algorithms: parseAlgorithms('algorithms', options.algorithms, tokenAlgorithms),
    clockTolerance: parseTolerance(options.clockTolerance),
    keys: parseKeys(options.keys ?? {}),
    dpop: parseDpop(options.dpop ?? {}, now),
    introspection: options.introspection === undefined ? undefined : parseIntrospection(options.introspection, wire),
    origin: options.origin === undefined ? originOf(audience) : parseOrigin(options.origin),
    realm: quotable('realm', options.realm),
    resourceMetadata: quotable('resourceMetadata', options.resourceMetadata),
    wire,
    now,
  };
}

/** The identifier is compared to the byte, so it is kept as it was written. */
function parseIssuer(issuer: string, wire: Wire): string {
  requireUrl('issuer', issuer, wire.allowInsecureRequests);
  return issuer;
}

function parseAudience(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [requireText('audience', value)];
  if (value.length === 0) throw new InvalidArgumentError('audience', 'must name at least one audience.');
  return value.map((one, index) => requireText(`audience[${index}]`, one));
}

/** Some of the algorithms, or all of them where nothing is said. */
export function parseAlgorithms<Name extends string>(
  field: string,
  value: readonly Name[] | undefined,
  known: readonly Name[],
): readonly Name[] {
  if (value === undefined) return known;
  const isKnown = Array.isArray(value) && value.length > 0 && value.every((name) => known.includes(name));
  if (!isKnown) throw new InvalidArgumentError(field, `must be some of ${known.join(', ')}.`);
  return [...value];
}

/** @returns seconds. */
export function parseTolerance(value = 5): number {
  return requireNumber('clockTolerance', value, { unit: 'seconds', min: 0, max: 600 });
}

function parseKeys(given: KeyCacheOptions): Settings['keys'] {
  const { maxAge = 600_000, staleFor = day, cooldown = 30_000 } = requireOptions('keys', given);
  return {
    maxAge: milliseconds('keys.maxAge', maxAge, day),
    staleFor: milliseconds('keys.staleFor', staleFor, 30 * day, 0),
    cooldown: milliseconds('keys.cooldown', cooldown, day, 0),
  };
}

/** Scheme, host and port alone. */
function parseOrigin(value: unknown): string {
  const text = requireText('origin', value);
  const [origin] = [originOf([text])];
  if (origin === undefined || new URL(text).href !== `${origin}/`) {
    throw new InvalidArgumentError('origin', 'must be scheme and host alone, as in https://api.example.com.');
  }
  return origin;
}

function originOf(names: readonly string[]): string | undefined {
  const url = names.filter((name) => URL.canParse(name)).map((name) => new URL(name));
  return url.find(({ protocol }) => protocol === 'https:' || protocol === 'http:')?.origin;
}

/** What stands between the quotes of a challenge. */
function quotable(field: string, value: unknown): string | undefined {
  const text = optionalText(field, value);
  if (text === undefined || /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) return text;
  throw new InvalidArgumentError(field, 'must be ASCII, without quotes and backslashes.');
}
