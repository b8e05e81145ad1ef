import type { JWK } from 'jose';
import type { SigningAlgorithm } from '../config/index.ts';

/** When a key signs and when it leaves the JWKS. Milliseconds since the epoch. */
export interface KeyTimes {
  readonly signsFrom: number;
  readonly signsUntil: number | undefined;
  readonly retiredAt?: number | undefined;
}

/** A signing key as the database keeps it. */
export interface SigningKey extends KeyTimes {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
}

/** The published keys and, for each algorithm, the one that signs now. */
export interface KeyRing {
  /** In the order for the JWKS: the signers first. */
  readonly published: readonly SigningKey[];
  /** The key id that signs with an algorithm. */
  signerOf(alg: SigningAlgorithm): string;
}

/** Published before it signs, signing, published after it signed, published no more. */
export type KeyState = 'announced' | 'signing' | 'retiring' | 'retired';
