import { type SigningAlgorithm, signingAlgorithms } from '../config/index.ts';
import type { KeyRing, KeyState, KeyTimes, SigningKey } from './types.ts';

const isPublished = ({ retiredAt }: KeyTimes, now: number) => retiredAt === undefined || retiredAt > now;

const maySign = ({ signsFrom, signsUntil }: KeyTimes, now: number) =>
  signsFrom <= now && (signsUntil === undefined || signsUntil > now);

/** Where a key stands at a moment. */
export function stateAt(key: KeyTimes, now: number): KeyState {
  if (!isPublished(key, now)) return 'retired';
  if (key.signsFrom > now) return 'announced';
  return maySign(key, now) ? 'signing' : 'retiring';
}

/** The key that signs with an algorithm at a moment: of those whose time has come and not gone, the youngest. */
export function signerAt<Key extends KeyTimes & { readonly alg: string }>(
  keys: readonly Key[],
  alg: SigningAlgorithm,
  now: number,
): Key | undefined {
  return keys
    .filter((key) => key.alg === alg && maySign(key, now))
    .reduce<Key | undefined>(
      (best, key) => (best === undefined || key.signsFrom > best.signsFrom ? key : best),
      undefined,
    );
}

/** The key that is to sign first of those whose time has not come. */
export function nextSigner<Key extends KeyTimes & { readonly alg: string }>(
  keys: readonly Key[],
  alg: SigningAlgorithm,
  now: number,
): Key | undefined {
  return keys
    .filter((key) => key.alg === alg && key.signsFrom > now)
    .toSorted((one, other) => one.signsFrom - other.signsFrom)[0];
}

/**
 * The published keys at a moment and who signs. Where the one before is gone and the next one's time has not come by this
 * node's clock, the next one signs: the clock is behind.
 * @throws Error when an algorithm has no key to sign with: the database was tampered with or set up by hand.
 */
export function keyRing(keys: readonly SigningKey[], now: number): KeyRing {
  const published = keys.filter((key) => isPublished(key, now));
  const signers = new Map<SigningAlgorithm, SigningKey>();
  for (const alg of signingAlgorithms) {
    const signer = signerAt(published, alg, now) ?? nextSigner(published, alg, now);
    if (signer === undefined) throw new Error(`no ${alg} key may sign at present`);
    signers.set(alg, signer);
  }
  const first = [...signers.values()];
  return {
    published: [...first, ...published.filter((key) => !first.includes(key))],
    signerOf: (alg) => (signers.get(alg) as SigningKey).kid,
  };
}

/** Whether two rings publish the same keys in the same order, and so sign with the same. */
export const isSameRing = (one: KeyRing, other: KeyRing): boolean =>
  one.published.map(({ kid }) => kid).join() === other.published.map(({ kid }) => kid).join();

/** When the ring of these keys changes next by itself; nothing where it does not. */
export function nextChange(keys: readonly KeyTimes[], now: number): number | undefined {
  const moments = keys
    .flatMap(({ signsFrom, signsUntil, retiredAt }) => [signsFrom, signsUntil, retiredAt])
    .filter((moment): moment is number => moment !== undefined && moment > now);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

type NamedKey = KeyTimes & { readonly kid: string; readonly alg: string };

/** The signer of an algorithm and the one that is announced in its place. */
export function lineOf<Key extends NamedKey>(keys: readonly Key[], alg: SigningAlgorithm, now: number) {
  const published = keys.filter((key) => isPublished(key, now));
  const current = signerAt(published, alg, now);
  const announced = nextSigner(published, alg, now);
  // A signer whose time has not come by the database's clock was made by a node whose clock is ahead.
  return current === undefined ? { signer: announced, announced: undefined } : { signer: current, announced };
}
