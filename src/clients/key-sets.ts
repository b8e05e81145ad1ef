import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { JWK } from 'jose';
import type { ProblemFault } from '../base/index.ts';
import type { ClientDraft } from './types.ts';

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Curves of the algorithms that assertions may be signed with. */
const curves = new Set(['P-256', 'P-384', 'P-521', 'Ed25519']);

const leastRsaBits = 2048;

/** A key that cannot be read, or is on no curve, would otherwise fail each time that it is to verify something. */
function strengthFault(jwk: JWK): string | undefined {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const bits = asymmetricKeyDetails?.modulusLength ?? leastRsaBits;
    return bits < leastRsaBits ? `must have at least ${leastRsaBits} bits` : undefined;
  } catch {
    return 'is no valid public key';
  }
}

const isWord = (value: unknown) => value === undefined || (typeof value === 'string' && value !== '');

function keyFault(jwk: JWK | null): string | undefined {
  if (typeof jwk !== 'object' || jwk === null) return 'is no key';
  if (privateMembers.some((member) => member in jwk)) {
    return 'is a private or symmetric key; send the public part only, and treat that key as compromised';
  }
  if (!['RSA', 'EC', 'OKP'].includes(jwk.kty ?? '')) return 'must be RSA, EC or OKP';
  if (jwk.kty !== 'RSA' && !curves.has(jwk.crv ?? '')) return `must be on one of the curves ${[...curves].join(', ')}`;
  if (![jwk.alg, jwk.kid, jwk.use].every(isWord)) return 'has an alg, kid or use that is not a string';
  const isChain = Array.isArray(jwk.x5c) && jwk.x5c.every((link) => isWord(link));
  if (jwk.x5c !== undefined && !isChain) return 'has an x5c that is not a list of strings';
  return strengthFault(jwk);
}

/** What is wrong with a client's own keys (RFC 7517). They are public, and it has them in one place only. */
export function keySetFaults({ jwks, jwksUri }: Pick<ClientDraft, 'jwks' | 'jwksUri'>): ProblemFault[] {
  if (jwks === undefined) return [];
  const wrong = (pointer: string, detail: string) => ({ pointer, code: 'invalid_value', detail });
  if (jwksUri !== undefined) return [wrong('/jwks_uri', 'and jwks exclude each other (RFC 7591 section 2)')];
  const { keys } = jwks;
  if (!Array.isArray(keys) || keys.length === 0) return [wrong('/jwks/keys', 'must hold at least one key')];
  return keys.flatMap((key, index) => {
    const detail = keyFault(key);
    return detail === undefined ? [] : [wrong(`/jwks/keys/${index}`, detail)];
  });
}
