import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { draftOf, type LiveCode } from './live-code.ts';
import { payloadSeal } from './payload.ts';
import { readLiveRefreshToken, rotateRefreshToken } from './rotation.ts';
import { newSalt, successorOf } from './successor.ts';

/** A refresh token that may be rotated, and its family, as the library stored them. */
export type LiveRefresh = LiveCode;

/** Rotation in two statements, for requests that need nothing else of the library. */
export interface LiveRefreshTokens {
  /** @returns nothing where there is anything to look at more closely: the library then looks. */
  find(value: string): Promise<LiveRefresh | undefined>;
  /**
   * Spends a token and stores its successor. @param ttl seconds.
   * @returns the successor's value; nothing for whoever comes second.
   */
  rotate(value: string, found: LiveRefresh, successor: AdapterPayload, ttl: number): Promise<string | undefined>;
}

/** Opens the refresh tokens for rotation. */
export function liveRefreshTokens(sql: Sql, sealer: Sealer): LiveRefreshTokens {
  const tokens = payloadSeal(sealer, 'RefreshToken');
  const families = payloadSeal(sealer, 'Grant');
  return {
    async find(value) {
      const idHash = hashSecret(value);
      const row = await readLiveRefreshToken(sql, idHash);
      if (row === undefined) return undefined;
      const { familyHash, payloadSealed, familySealed } = row;
      return {
        familyHash,
        token: tokens.open(idHash, payloadSealed),
        family: families.open(familyHash, familySealed),
      };
    },
    async rotate(value, found, successor, ttl) {
      const salt = newSalt();
      const id = successorOf(value, salt);
      const idHash = hashSecret(id);
      const draft = draftOf(idHash, found.familyHash, successor, tokens.seal(idHash, successor), ttl);
      return (await rotateRefreshToken(sql, hashSecret(value), draft, salt)) ? id : undefined;
    },
  };
}
