import { createPrivateKey, KeyObject, type webcrypto } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Clock, SealError, type Sealer, StartupError } from '../base/index.ts';
import { type SigningAlgorithm, signingAlgorithms } from '../config/index.ts';
import type { Sql } from '../store/index.ts';
import { keyRing } from './rules.ts';
import { insertFirstKeys, readPublishedKeys, type SigningKeyDraft, type SigningKeyRow } from './store.ts';
import type { KeyRing, SigningKey } from './types.ts';

/** The purpose under which private keys are sealed; the context is the kid. */
const purpose = 'signing key';

/** A new key pair that signs from a moment on. @param signsFrom milliseconds since the epoch. */
export async function makeKey(alg: SigningAlgorithm, sealer: Sealer, signsFrom: number): Promise<SigningKeyDraft> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  const der = KeyObject.from(privateKey as webcrypto.CryptoKey).export({ type: 'pkcs8', format: 'der' });
  return {
    kid,
    alg,
    publicJwk: { ...bare, kid, alg, use: 'sig' },
    privateSealed: sealer.seal(purpose, kid, der),
    signsFrom: new Date(signsFrom),
  };
}

function unseal(row: SigningKeyRow, sealer: Sealer): SigningKey {
  const der = sealer.open(purpose, row.kid, row.privateSealed);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const privateJwk = { ...(key.export({ format: 'jwk' }) as JWK), kid: row.kid, alg: row.alg, use: 'sig' };
  return {
    kid: row.kid,
    alg: row.alg,
    publicJwk: row.publicJwk,
    privateJwk,
    signsFrom: row.signsFrom.getTime(),
    signsUntil: row.signsUntil?.getTime(),
    retiredAt: row.retiredAt?.getTime(),
  };
}

/**
 * Makes sure that there is a signing key for each algorithm: the first node on an empty database makes them.
 * @returns whether this call made them.
 */
export async function ensureSigningKeys(sql: Sql, sealer: Sealer, clock: Clock): Promise<boolean> {
  const there = await readPublishedKeys(sql);
  if (there.length > 0) return false;
  return insertFirstKeys(sql, () => Promise.all(signingAlgorithms.map((alg) => makeKey(alg, sealer, clock()))));
}

/**
 * Reads the published keys.
 * @throws StartupError when they were sealed under another master key.
 */
export async function loadKeys(sql: Sql, sealer: Sealer): Promise<readonly SigningKey[]> {
  const rows = await readPublishedKeys(sql);
  try {
    return rows.map((row) => unseal(row, sealer));
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    const remedy = error.wrongKey
      ? `MASTER_KEY does not fit this database: ${error.message}. Set the key that sealed it, or list it in MASTER_KEYS_PREVIOUS`
      : `the signing keys in the database cannot be opened: ${error.message}`;
    throw new StartupError([remedy], { cause: error });
  }
}

/**
 * Reads the published keys and decides who signs now.
 * @throws StartupError when they were sealed under another master key.
 */
export async function loadKeyRing(sql: Sql, sealer: Sealer, clock: Clock): Promise<KeyRing> {
  return keyRing(await loadKeys(sql, sealer), clock());
}
