import { timingSafeEqual } from 'node:crypto';
import { algorithmOf, isWhole, moment, optionsOf, refuse, secondsNow } from './checks.ts';
import { JwtDecodeError } from './errors.ts';
import { ALGORITHMS, type Algorithm, hmac, hmacKey, isHmac, type Key, rsaPublicKey, rsaVerified } from './signing.ts';

/** How to read a token. */
export interface DecodeOptions {
  /** The one algorithm that counts, whatever the token says of itself (RFC 8725, section 3.1). HS256 by default. */
  readonly algorithm?: Algorithm | undefined;
  /** Seconds by which the clocks of the two sides may differ, 0 to 600. None by default. */
  readonly leeway?: number | undefined;
  /** The present second since 1970. The clock of the machine by default. */
  readonly now?: number | undefined;
}

/** A token that was verified. */
export interface DecodedJwt {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
}

/** Longer texts are refused unread, in characters. */
const LONGEST_TOKEN = 16_384;
const LONGEST_LEEWAY = 600;

/**
 * Verifies a token and gives its payload. Signature, algorithm, `exp` and `nbf` are always checked; a token without
 * `exp` counts for ever, so ask for it where that matters.
 *
 * @param options the algorithm, or how to read the token
 * @throws JwtDecodeError when the token is refused
 * @throws InvalidArgumentError when key or options are wrong
 */
export function decode(token: string, key: Key, options?: Algorithm | DecodeOptions): Record<string, unknown> {
  return decodeComplete(token, key, options).payload;
}

/** As `decode`, with the header beside the payload. */
export function decodeComplete(token: string, key: Key, options?: Algorithm | DecodeOptions): DecodedJwt {
  const { algorithm, leeway, now } = readOptions(options);
  const [head, body, signature] = split(token);
  const header = parse(head, 'header');
  checkHeader(header, algorithm);
  checkSignature(algorithm, key, `${head}.${body}`, signature);
  const payload = parse(body, 'payload');
  checkTimes(payload, now, leeway);
  return { header, payload };
}

function readOptions(given: Algorithm | DecodeOptions | undefined) {
  const options = typeof given === 'string' ? { algorithm: given } : optionsOf(given);
  const leeway = options.leeway ?? 0;
  if (!isWhole(leeway, 0, LONGEST_LEEWAY)) {
    refuse('leeway', `must be a number of whole seconds from 0 to ${LONGEST_LEEWAY}`);
  }
  return {
    algorithm: algorithmOf(ALGORITHMS, options.algorithm ?? 'HS256'),
    leeway,
    now: moment('now', options.now) ?? secondsNow(),
  };
}

function split(token: unknown): [string, string, string] {
  if (typeof token !== 'string') throw malformed('A token must be a string');
  if (token.length > LONGEST_TOKEN) throw malformed(`A token must not be longer than ${LONGEST_TOKEN} characters`);
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined) throw malformed('Not enough segments');
  if (rest.length > 0) throw malformed('Too many segments');
  return [head, body, signature];
}

/** Bytes of a segment. Only the one spelling of them is taken, or a changed token could pass for the signed one. */
function bytes(text: string, what: string): Buffer {
  const decoded = Buffer.from(text, 'base64url');
  if (decoded.toString('base64url') !== text) throw malformed(`Invalid ${what}: not base64url`);
  return decoded;
}

function parse(text: string, what: 'header' | 'payload'): Record<string, unknown> {
  const value = parseJson(bytes(text, what), what);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`Invalid ${what}: not a JSON object`);
  }
  return value as Record<string, unknown>;
}

function parseJson(encoded: Buffer, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(encoded));
  } catch {
    throw malformed(`Invalid ${what}: not JSON`);
  }
}

function checkHeader(header: Record<string, unknown>, algorithm: Algorithm): void {
  const named = header['alg'];
  if (named !== algorithm) {
    const shown = typeof named === 'string' && /^[\w-]{1,16}$/.test(named) ? named : 'unknown';
    throw new JwtDecodeError('algorithm', `Incorrect decoding algorithm ${shown}, expecting ${algorithm}.`);
  }
  // RFC 7515, section 4.1.11: an extension that must be understood, and none is.
  if ('crit' in header) throw malformed('The token needs an extension that is not supported (crit)');
}

function checkSignature(algorithm: Algorithm, key: Key, input: string, signature: string): void {
  const good = isHmac(algorithm)
    ? equal(hmac(algorithm, hmacKey('key', key), input), signature)
    : rsaVerified(algorithm, rsaPublicKey('key', algorithm, key), input, bytes(signature, 'signature'));
  if (!good) throw new JwtDecodeError('signature', 'Signature verification failed');
}

/** Compares in a time that says nothing about where two texts differ. */
export function equal(expected: string, given: string): boolean {
  const [ours, theirs] = [Buffer.from(expected), Buffer.from(given)];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

function checkTimes(payload: Record<string, unknown>, now: number, leeway: number): void {
  const exp = timeOf(payload, 'exp');
  const nbf = timeOf(payload, 'nbf');
  timeOf(payload, 'iat');
  if (exp !== undefined && exp <= now - leeway) throw new JwtDecodeError('expired', 'Signature has expired');
  if (nbf !== undefined && nbf > now + leeway) {
    throw new JwtDecodeError('not-yet-valid', 'The token is not yet valid (nbf)');
  }
}

function timeOf(payload: Record<string, unknown>, claim: string): number | undefined {
  const value = payload[claim];
  if (value === undefined || Number.isFinite(value)) return value as number | undefined;
  throw new JwtDecodeError('claims', `Claim ${claim} must be a number of seconds since 1970`);
}

function malformed(message: string): JwtDecodeError {
  return new JwtDecodeError('malformed', message);
}
