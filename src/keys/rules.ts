import { type SigningAlgorithm, signingAlgorithms } from '../config/index.ts';
import type { KeyRing, SigningKey } from './types.ts';

/** The key that signs with an algorithm at a moment: of those whose time has come and not gone, the youngest. */
export function signerAt(keys: readonly SigningKey[], alg: SigningAlgorithm, now: number): SigningKey | undefined {
  return keys
    .filter((key) => key.alg === alg && key.signsFrom <= now && (key.signsUntil === undefined || key.signsUntil > now))
    .reduce<SigningKey | undefined>(
      (best, key) => (best === undefined || key.signsFrom > best.signsFrom ? key : best),
      undefined,
    );
}

/** @throws Error when an algorithm has no key to sign with: the database was tampered with or set up by hand. */
export function keyRing(keys: readonly SigningKey[], now: number): KeyRing {
  const signers = new Map<SigningAlgorithm, SigningKey>();
  for (const alg of signingAlgorithms) {
    const signer = signerAt(keys, alg, now);
    if (signer === undefined) throw new Error(`no ${alg} key may sign at present`);
    signers.set(alg, signer);
  }
  const first = [...signers.values()];
  return {
    published: [...first, ...keys.filter((key) => !first.includes(key))],
    signerOf: (alg) => (signers.get(alg) as SigningKey).kid,
  };
}
