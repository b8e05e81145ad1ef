import { type CompactVerifyGetKey, compactVerify, errors } from 'jose';
import type { Claims } from './claims.ts';
import { VerificationError } from './errors.ts';
import type { Fault } from './faults.ts';

/** The shape of a compact JWS (RFC 7515 section 3.1). */
const compact = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Longer tokens are refused unread, in characters. */
export const longestToken = 16_384;

/** Whether a text has the shape of a JWT, good or bad. */
export const looksLikeJwt = (token: string): boolean => compact.test(token);

/** The last characters of base64url whose unused bits are zero, by how many characters are beyond groups of four. */
const lastCharacters: Readonly<Record<number, string | undefined>> = { 2: 'AQgw', 3: 'AEIMQUYcgkosw048' };

/**
 * Whether the signature is written in the one way that there is. Decoders ignore the unused bits at its end, so a token
 * changed there would pass for the signed one.
 */
function hasOneSpelling(token: string): boolean {
  const beyond = (token.length - token.lastIndexOf('.') - 1) % 4;
  return beyond === 0 || lastCharacters[beyond]?.includes(token.at(-1) ?? '') === true;
}

/** A JWT whose signature is good. Nothing of it is judged yet but its type. */
export interface SignedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
}

/** What a signature must be like. */
export interface SignatureRules {
  readonly algorithms: readonly string[];
  /** The `typ` of the header, in lower case (RFC 8725 section 3.11). */
  readonly typ: string;
  readonly key: CompactVerifyGetKey;
  /** Makes the refusal in the caller's terms. */
  fault(reason: SignatureReason, description: string): Fault;
}

type SignatureReason = 'malformed' | 'type' | 'algorithm' | 'key' | 'signature';
type Refuse = (reason: SignatureReason, description: string, cause?: unknown) => VerificationError;

const reasons: Readonly<Record<string, readonly [SignatureReason, string]>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: ['algorithm', 'The algorithm of the signature is not taken here.'],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: ['signature', 'The signature is wrong.'],
  ERR_JWKS_NO_MATCHING_KEY: ['key', 'The issuer has no such key.'],
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: ['key', 'The key is not named.'],
};

/**
 * Checks shape, algorithm, key, signature and type of a JWT.
 * @throws VerificationError
 */
export async function verifySignature(token: string, rules: SignatureRules): Promise<SignedJwt> {
  const refuse: Refuse = (reason, description, cause) =>
    new VerificationError(rules.fault(reason, description), undefined, { cause });
  if (!looksLikeJwt(token) || !hasOneSpelling(token)) throw refuse('malformed', 'This is not a well-formed JWT.');
  const { protectedHeader, payload } = await signed(token, rules, refuse);
  if (typeName(protectedHeader.typ) !== rules.typ) throw refuse('type', `The JWT is not of the type ${rules.typ}.`);
  // RFC 7515 section 4.1.11, RFC 7797: extensions that change what is signed, and none is known here.
  if (protectedHeader.crit !== undefined)
    throw refuse('malformed', 'The JWT needs an extension that is not known here.');
  const claims = parseObject(payload);
  if (claims === undefined) throw refuse('malformed', 'The payload is not a JSON object.');
  return { header: protectedHeader, claims };
}

async function signed(token: string, { algorithms, key }: SignatureRules, refuse: Refuse) {
  try {
    return await compactVerify(token, key, { algorithms: [...algorithms] });
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    if (!(error instanceof errors.JOSEError)) throw refuse('key', 'The key of this token cannot be used.', error);
    const [reason, description] = reasons[error.code] ?? (['malformed', 'This is not a well-formed JWT.'] as const);
    throw refuse(reason, description, error);
  }
}

/** RFC 7515 section 4.1.9: `application/` may be left out, and case says nothing. */
function typeName(typ: unknown): string {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
}

function parseObject(payload: Uint8Array): Claims | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
