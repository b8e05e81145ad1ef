import { hkdfSync } from 'node:crypto';
import { hashSecret, type Sealer, sameHash } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Sql } from '../store/index.ts';
import { noteOnce } from './storage/index.ts';

/** Algorithms of client assertions and DPoP proofs. No HS: secrets are kept as hashes only. */
export const proofAlgorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const;

/** The key that nonces come from, the same on all nodes. */
export const nonceSecret = (sealer: Sealer): Buffer<ArrayBuffer> => sealer.fingerprint('dpop nonce', 'key');

/** What this server's own API checks proofs of possession by (RFC 9449), so that one proof-maker suits all endpoints. */
export interface ProofRules {
  readonly algorithms: readonly string[];
  /** Whether a proof must carry a nonce of ours. */
  readonly requiresNonce: boolean;
  /** The nonce to use from now on. */
  nextNonce(): string;
  isNonce(nonce: string): boolean;
  /**
   * Notes a proof, to be refused when it comes again.
   * @param expiresAt seconds since the epoch, when it is refused for its age.
   * @returns whether it had not been seen before.
   */
  spend(thumbprint: string, jti: string, expiresAt: number): Promise<boolean>;
}

/** Seconds. */
const step = 60;

/**
 * A nonce of the library's: it makes one for each minute from a secret. A client keeps one nonce for each origin, so
 * those of the token endpoint must be good here, and the reverse; a test holds the two together.
 */
function nonceAt(secret: Buffer, minute: number): string {
  const salt = Buffer.alloc(8);
  salt.writeUInt32BE(minute, 4);
  return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url');
}

/** The minutes around this one whose nonces count. */
const window = [-2, -1, 0, 1, 2];

export interface ProofParts {
  readonly config: Pick<Config, 'tokens'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
}

/** Prepares the rules. */
export function createProofRules({ config, sql, sealer }: ProofParts): ProofRules {
  const secret = nonceSecret(sealer);
  const thisMinute = () => Math.floor(Date.now() / 1000 / step);
  return {
    algorithms: proofAlgorithms,
    requiresNonce: config.tokens.dpopNonces,
    nextNonce: () => nonceAt(secret, thisMinute() + 1),
    isNonce: (nonce) =>
      window.some((away) => sameHash(hashSecret(nonceAt(secret, thisMinute() + away)), hashSecret(nonce))),
    spend: (thumbprint, jti, expiresAt) =>
      noteOnce(sql, hashSecret(JSON.stringify(['dpop proof', thumbprint, jti])), expiresAt),
  };
}
