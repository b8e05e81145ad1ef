import type { JWK } from 'jose';
import type { SigningAlgorithm } from '../config/index.ts';

/** A signing key as the database keeps it. Times are milliseconds since the epoch. */
export interface SigningKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly signsFrom: number;
  readonly signsUntil: number | undefined;
}

/** The published keys and, for each algorithm, the one that signs now. */
export interface KeyRing {
  /** In the order for the JWKS: the signers first. */
  readonly published: readonly SigningKey[];
  /** The key id that signs with an algorithm. */
  signerOf(alg: SigningAlgorithm): string;
}
