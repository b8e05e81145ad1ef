import { Problem, type Sealer } from '../base/index.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../config/index.ts';
import type { ManagementTransaction } from '../store/index.ts';
import { lineOf, stateAt } from './rules.ts';
import { makeKey } from './service.ts';
import { insertKey, type KeyRow, lockKeys, readKeysIn, setTimes } from './store.ts';
import type { KeyState } from './types.ts';

/** How long a key stays published after its last signature: the longest access token, and an hour for clocks. Seconds. */
const keptAfterwards = 25 * 3_600;

/** Most keys of one algorithm that are published at a time: the JWKS is fetched by everybody. */
const mostPublished = 8;

const after = (moment: number, seconds: number) => new Date(moment + seconds * 1000);

/** What is needed to exchange keys, in the caller's transaction. */
export interface RotationParts {
  readonly transaction: ManagementTransaction;
  readonly sealer: Sealer;
}

export interface Rotated {
  readonly key: KeyRow;
  /** The key that it takes the place of. */
  readonly replaces: string | undefined;
}

/** Seconds until the new key signs. */
interface Notice {
  readonly signsIn: number;
}

async function rotateOne({ transaction, sealer }: RotationParts, alg: SigningAlgorithm, { signsIn }: Notice) {
  const draft = await makeKey(alg, sealer, 0);
  const now = await lockKeys(transaction);
  const keys = await readKeysIn(transaction, alg, now);
  if (keys.length >= mostPublished) {
    throw new Problem('unprocessable', `There are ${keys.length} ${alg} keys already. Delete one that signs no more.`);
  }
  const { signer, announced } = lineOf(keys, alg, now);
  // It has signed nothing, and would come between the signer and the new one.
  if (announced !== undefined) {
    await setTimes(transaction, announced.kid, { signsUntil: new Date(announced.signsFrom), retiredAt: new Date(now) });
  }
  const signsFrom = after(now, signsIn);
  if (signer !== undefined) {
    const retiredAt = after(signsFrom.getTime(), keptAfterwards);
    await setTimes(transaction, signer.kid, { signsUntil: signsFrom, retiredAt });
  }
  const key = await insertKey(transaction, { ...draft, signsFrom }, new Date(now));
  return { key, replaces: signer?.kid } satisfies Rotated;
}

/**
 * Announces a new key for an algorithm, or for each. It signs when its notice is over; the one before signs until then,
 * and stays published until the last token that it signed has expired. One that is announced already gives way.
 * @throws Problem 422 when too many keys are published.
 */
export async function rotateKeys(
  parts: RotationParts,
  { alg, ...notice }: Notice & { readonly alg?: SigningAlgorithm | undefined },
): Promise<readonly Rotated[]> {
  const rotated: Rotated[] = [];
  for (const each of alg === undefined ? signingAlgorithms : [alg]) rotated.push(await rotateOne(parts, each, notice));
  return rotated;
}

/**
 * Takes a key out of the JWKS now: no token of it counts any more. Where it signs, the one that is announced signs at
 * once; where it is announced, the signer goes on.
 * @param match called with the key, locked, before anything is changed.
 * @returns the state that it was in; `retired` changes nothing.
 * @throws Problem 404, or 422 when nobody else could sign.
 */
export async function retireKey(
  transaction: ManagementTransaction,
  kid: string,
  match: (key: KeyRow) => void,
): Promise<KeyState> {
  const now = await lockKeys(transaction);
  const keys = await readKeysIn(transaction, undefined, now);
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Problem('not_found', 'There is no published signing key with this id.');
  match(key);
  const { signer, announced } = lineOf(keys, key.alg, now);
  if (signer?.kid === kid) {
    if (announced === undefined) {
      throw new Problem(
        'unprocessable',
        'No other key could sign. Rotate with signs_in 0 first, then delete this one.',
      );
    }
    await setTimes(transaction, announced.kid, { signsFrom: new Date(now) });
  } else if (announced?.kid === kid && signer !== undefined) {
    await setTimes(transaction, signer.kid, { signsUntil: null, retiredAt: null });
  }
  const ended = announced?.kid === kid ? key.signsFrom : Math.min(key.signsUntil ?? now, now);
  await setTimes(transaction, kid, { signsUntil: new Date(ended), retiredAt: new Date(now) });
  return stateAt(key, now);
}
