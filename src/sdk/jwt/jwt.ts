import { algorithmOf, optionsOf, record, refuse } from './checks.ts';
import { decode, decodeComplete } from './decode.ts';
import {
  ALGORITHMS,
  type Algorithm,
  hmac,
  hmacKey,
  isHmac,
  type Key,
  rsaPrivateKey,
  rsaSignature,
  segment,
} from './signing.ts';

/**
 * Signs a payload as it is given; no claim is added. `exp`, `nbf` and `iat` are in seconds since 1970 (RFC 7519,
 * section 4.1) and must be numbers when they are there.
 *
 * @param headers more members of the header; `alg` is not among them
 * @throws InvalidArgumentError naming the argument and the rule
 */
function encode(
  payload: Record<string, unknown>,
  key: Key,
  algorithm: Algorithm = 'HS256',
  headers?: Record<string, unknown>,
): string {
  const chosen = algorithmOf(ALGORITHMS, algorithm);
  const claims = checkedClaims(payload);
  const more = optionsOf(headers, 'headers');
  if ('alg' in more) refuse('headers', 'must not hold alg: it is the third argument');
  const input = `${segment({ alg: chosen, typ: 'JWT', ...more })}.${segment(claims)}`;
  const signature = isHmac(chosen)
    ? hmac(chosen, hmacKey('key', key), input)
    : rsaSignature(chosen, rsaPrivateKey('key', chosen, key), input);
  return `${input}.${signature}`;
}

function checkedClaims(payload: unknown): Record<string, unknown> {
  const claims = record('payload', payload);
  for (const name of ['exp', 'nbf', 'iat']) {
    const value = claims[name];
    if (value !== undefined && !(Number.isFinite(value) && (value as number) >= 0)) {
      refuse(`payload.${name}`, 'must be a number of seconds since 1970');
    }
  }
  return claims;
}

/** Plain JWTs: sign, and open what was signed. There is no way to read a token here without verifying it. */
export const Jwt = { encode, decode, decodeComplete };
