import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { fault, ok, type Result } from '../../base/index.ts';

/** Keys that one account may have: enough for as many machines in turn, and few to look at for each node. */
export const mostKeys = 20;

/** Bits. Below, RFC 7518 section 3.3 refuses; above, a signature takes longer to check than it is worth. */
const smallest = 2_048;
const largest = 8_192;

/** 65537 is what everybody uses. A larger exponent makes each check dearer and nothing safer. */
const largestExponent = 2n ** 32n - 1n;

/** One block and nothing else: what stands around it might be anything, a private key too. */
const onePublicBlock = /^\s*-----BEGIN (RSA PUBLIC KEY|PUBLIC KEY)-----\s[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;

/** A public key in the one form in which it is kept. */
export interface ReadKey {
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
  /** SHA-256 of its DER, in hexadecimal. */
  readonly fingerprint: string;
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    // What cannot be read is no key; the caller says so.
    return undefined;
  }
}

/** Why a key will not do, if it will not. */
function faultOf(key: KeyObject): string | undefined {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa') return 'must be an RSA key';
  if (modulusLength < smallest || modulusLength > largest) return `must have ${smallest} to ${largest} bits`;
  if (publicExponent < 3n || publicExponent > largestExponent || publicExponent % 2n === 0n) {
    return 'must have an odd public exponent from 3 to 4294967295; 65537 is usual';
  }
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  return (modulus.at(-1) ?? 0) % 2 === 0 ? 'must have an odd modulus' : undefined;
}

/** Reads an RSA public key from a PEM, SubjectPublicKeyInfo or PKCS#1 (RFC 7468 section 13, RFC 8017 appendix A.1.1). */
export function readPublicKey(given: string): Result<ReadKey, string> {
  if (/PRIVATE KEY/i.test(given)) {
    return fault(
      'is a private key, which must never be sent to anybody: nothing of it has been kept; make a new pair and send ' +
        'the public key alone',
    );
  }
  const key = onePublicBlock.test(given) ? parse(given) : undefined;
  if (key === undefined) return fault('must be the PEM of one public key: BEGIN PUBLIC KEY or BEGIN RSA PUBLIC KEY');
  const reason = faultOf(key);
  if (reason !== undefined) return fault(reason);
  const der = key.export({ type: 'spki', format: 'der' });
  return ok({
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex'),
  });
}
