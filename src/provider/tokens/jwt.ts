import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { hashSecret } from '../../base/index.ts';
import type { SigningAlgorithm } from '../../config/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import { holdersOf } from './holders.ts';
import type { LiveToken } from './types.ts';

/** The claims that every access token of ours has (RFC 9068 section 2.2). A missing one is a refusal, never a pass. */
interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly scope?: string;
  readonly org_id?: string;
  readonly account_sid?: string;
  /** The family, in hexadecimal. */
  readonly fam?: string;
  readonly cnf?: object;
  /** The client that the family belongs to, where another one holds the token. */
  readonly fam_client_id?: string;
  /** Who acts for the subject (RFC 8693 section 4.1). */
  readonly act?: unknown;
}

interface VerificationKey {
  readonly alg: SigningAlgorithm;
  readonly key: KeyObject;
}

/** Three parts of base64url. Anything else is looked up as an opaque token. */
const compact = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

function parsePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON, so not a token of ours: the caller answers that it is not active.
    return undefined;
  }
}

/** The header is of our own making: exactly these members, so that no `crit`, `jwk` or `jku` is ever looked at. */
function isOurHeader(header: Record<string, unknown>): boolean {
  return header['typ'] === 'at+jwt' && Object.keys(header).length === 3;
}

function isSigned({ alg, key }: VerificationKey, text: string, signature: Buffer): boolean {
  const bytes = Buffer.from(text, 'latin1');
  if (alg === 'ES256') return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
  return verify(alg === 'RS256' ? 'sha256' : null, bytes, key, signature);
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';

function isComplete(claims: Record<string, unknown>): boolean {
  return (
    ['iss', 'aud', 'sub', 'client_id', 'jti'].every((name) => isText(claims[name])) &&
    Number.isInteger(claims['iat']) &&
    Number.isInteger(claims['exp'])
  );
}

function readClaims(body: string): AccessTokenClaims | undefined {
  const claims = parsePart(body);
  return claims !== undefined && isComplete(claims) ? (claims as unknown as AccessTokenClaims) : undefined;
}

function toLiveToken(claims: AccessTokenClaims): LiveToken {
  const { fam, account_sid: account, org_id: organization } = claims;
  return {
    kind: 'access_token',
    clientId: claims.client_id,
    organizationSid: organization,
    audience: claims.aud,
    expiresAt: claims.exp,
    family: fam,
    familyClientId: claims.fam_client_id,
    withdraw: { by: 'jti', jti: claims.jti },
    revocable: {
      iat: claims.iat,
      subjects: {
        jti: claims.jti,
        ...holdersOf({
          clientId: claims.client_id,
          subject: claims.sub,
          act: claims.act,
          familyClientId: claims.fam_client_id,
        }),
        ...(fam === undefined ? {} : { family: fam }),
        ...(organization === undefined ? {} : { organization }),
        ...(account === undefined ? {} : { account }),
      },
    },
    claims: {
      ...claims,
      fam: undefined,
      fam_client_id: undefined,
      token_type: claims.cnf === undefined ? 'Bearer' : 'DPoP',
    },
  };
}

/** Whether one of our keys signed this, under a header of our making. */
type SignatureCheck = (head: string, body: string, signature: string) => boolean;

function signatureCheck(keys: KeyRing): SignatureCheck {
  const known = new Map<string, VerificationKey>(
    keys.published.map(({ kid, alg, publicJwk }) => [
      kid,
      { alg, key: createPublicKey({ key: publicJwk as never, format: 'jwk' }) },
    ]),
  );

  return (head, body, signature) => {
    const header = parsePart(head);
    const key = known.get(String(header?.['kid']));
    if (header === undefined || key === undefined || header['alg'] !== key.alg || !isOurHeader(header)) return false;
    const bytes = Buffer.from(signature, 'base64url');
    // Base64url has several spellings of the same bytes; only the one that we wrote is this token.
    return bytes.toString('base64url') === signature && isSigned(key, `${head}.${body}`, bytes);
  };
}

/** Verifies an access token in JWT form: our key, our algorithm for it, our issuer, not expired, nothing missing. */
export type JwtVerifier = (token: string, now: number) => LiveToken | undefined;

/** How good signatures are remembered. */
export interface SignatureMemory {
  /** Most tokens remembered. */
  readonly maxEntries: number;
  readonly onLookup: (outcome: 'hit' | 'miss') => void;
}

/**
 * Prepares the verification keys once for a key ring, and remembers which tokens had a good signature, by the SHA-256
 * of the whole token: the same bytes under the same keys verify the same way for ever (ADR 007). All else is decided on
 * every call. Nothing but a token that counts is remembered, so forgeries cannot push one out.
 * @returns a verifier whose `now` is in seconds since the epoch.
 */
export function jwtVerifier(keys: KeyRing, issuer: string, { maxEntries, onLookup }: SignatureMemory): JwtVerifier {
  const isGood = signatureCheck(keys);
  const verified = new LRUCache<string, true>({ max: maxEntries });

  return (token, now) => {
    const [, head, body, signature] = compact.exec(token) ?? [];
    if (head === undefined || body === undefined || signature === undefined) return undefined;
    const name = hashSecret(token).toString('latin1');
    const known = verified.get(name) === true;
    onLookup(known ? 'hit' : 'miss');
    if (!known && !isGood(head, body, signature)) return undefined;
    const claims = readClaims(body);
    if (claims?.iss !== issuer || claims.exp <= now) return undefined;
    if (!known) verified.set(name, true);
    return toLiveToken(claims);
  };
}
