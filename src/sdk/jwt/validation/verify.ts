import { algorithmOf, lifetime, record, secondsNow } from '../checks.ts';
import { type DecodedJwt, decodeComplete, equal } from '../decode.ts';
import { JwtDecodeError } from '../errors.ts';
import { type Key, RSA_ALGORITHMS, type RsaAlgorithm } from '../signing.ts';
import { type HttpRequest, headerOf, queryPairs, requestLine } from './http-request.ts';
import { RequestCanonicalizer } from './request-canonicalizer.ts';

/** What the receiver of a signed request knows of its sender. Every SID that is given must be the token's. */
export interface ValidationExpectations {
  /** The RSA public key that the sender uploaded: PEM text or a key object. */
  readonly publicKey: Key;
  /** The one algorithm that counts. RS256 by default. */
  readonly algorithm?: RsaAlgorithm | undefined;
  readonly accountSid?: string | undefined;
  readonly credentialSid?: string | undefined;
  readonly signingKey?: string | undefined;
  /** Seconds by which the clocks may differ, 0 to 600. None by default. */
  readonly leeway?: number | undefined;
  /** The longest lifetime that counts, in whole seconds, 1 to 86,400, which is also the default. */
  readonly maxLifetime?: number | undefined;
  /** The present second since 1970. The clock of the machine by default. */
  readonly now?: number | undefined;
}

/** The claims of a request that is as its sender signed it. */
export interface ValidationClaims {
  readonly signingKey: string;
  readonly accountSid: string;
  readonly credentialSid: string;
  /** The second since 1970 at which the token ends. */
  readonly expiresAt: number;
}

/** No validation token counts for longer, in seconds. */
const LONGEST_LIFETIME = 86_400;

/** The claims, and when the token began to count, as far as it says. */
interface Claims extends ValidationClaims {
  readonly issuedAt: number | undefined;
}

/**
 * Verifies the `Twilio-Client-Validation` token of an incoming request: signature, times, and that method, host, path,
 * query, Authorization header and body are those that were signed.
 *
 * @param request the request as it arrived: `url` absolute, `data` the body as text or bytes, before any parsing
 * @throws JwtDecodeError when the token or the request is refused
 * @throws InvalidArgumentError when the request or the key are wrong
 */
export function verifyValidationToken(
  token: string,
  request: HttpRequest,
  expected: ValidationExpectations,
): ValidationClaims {
  record('expected', expected);
  const { publicKey, leeway, now } = expected;
  const algorithm = algorithmOf(RSA_ALGORITHMS, expected.algorithm ?? 'RS256');
  const decoded = decodeComplete(token, publicKey, { algorithm, leeway, now });
  const { issuedAt, ...claims } = claimsOf(decoded);
  const longest = lifetime('maxLifetime', expected.maxLifetime, LONGEST_LIFETIME);
  // Whoever does not say when a token began is taken to have made it just now.
  const began = Math.min(issuedAt ?? Infinity, now ?? secondsNow());
  if (claims.expiresAt > began + longest + (leeway ?? 0)) {
    throw refused(`exp must not be more than ${longest} seconds ahead`);
  }
  for (const name of ['accountSid', 'credentialSid', 'signingKey'] as const) {
    const wanted = expected[name] ?? claims[name];
    if (wanted !== claims[name]) throw refused(`The token is not of this ${name}`);
  }
  checkRequest(request, decoded.payload);
  return claims;
}

function claimsOf({ header, payload }: DecodedJwt): Claims {
  if (header['cty'] !== 'twilio-pkrv;v=1') throw refused('The token is no validation token (cty)');
  const expiresAt = payload['exp'];
  if (typeof expiresAt !== 'number') throw refused('Claim exp is required');
  return {
    signingKey: textOf('iss', payload['iss']),
    accountSid: textOf('sub', payload['sub']),
    credentialSid: textOf('kid', header['kid']),
    expiresAt,
    issuedAt: (payload['iat'] ?? payload['nbf']) as number | undefined,
  };
}

function checkRequest(request: HttpRequest, payload: Record<string, unknown>): void {
  const { method, url } = requestLine(record('request', request) as HttpRequest);
  const signed = signedHeaders(request, url, textOf('hrh', payload['hrh']));
  const query = queryPairs(url, request.params);
  const canonicalizer = new RequestCanonicalizer(method, url.pathname, query, request.data, signed);
  if (!equal(canonicalizer.create(), textOf('rqh', payload['rqh']))) {
    throw refused('The request is not the one that was signed (rqh)');
  }
}

/** The headers that the token names. The host must be among them, and Authorization where the request has it. */
function signedHeaders(request: HttpRequest, url: URL, hrh: string): Record<string, string | undefined> {
  if (!/^[a-z0-9-]{1,64}(;[a-z0-9-]{1,64}){0,31}$/.test(hrh)) throw refused('Claim hrh must name headers');
  const names = hrh.split(';');
  const unsigned = (name: string) => refused(`The header ${name} must be signed (hrh)`);
  if (!names.includes('host')) throw unsigned('host');
  if (!names.includes('authorization') && headerOf(request.headers, 'authorization')) throw unsigned('authorization');
  return Object.fromEntries(names.map((name) => [name, name === 'host' ? url.host : headerOf(request.headers, name)]));
}

function textOf(claim: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw refused(`Claim ${claim} must be a string`);
}

function refused(message: string): JwtDecodeError {
  return new JwtDecodeError('claims', message);
}
