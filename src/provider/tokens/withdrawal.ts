import { hashSecret } from '../../base/index.ts';
import type { Revocations } from '../../revocations/index.ts';
import type { Sql } from '../../store/index.ts';
import { deleteArtifact, revokeFamily } from '../storage/store.ts';
import type { Inspector } from './inspector.ts';
import { readRefreshTokenOrigin } from './store.ts';
import type { LiveToken } from './types.ts';

/** Takes a token back for the client it was issued to. Unknown and foreign tokens are left alone, without a word. */
export type Withdrawal = (token: string, clientId: string) => Promise<void>;

/**
 * RFC 7009 section 2.1: a refresh token takes its family along, with every access token in it; an access token goes
 * alone. A JWT cannot be unissued, so it is remembered as revoked until it expires.
 */
export function createWithdrawal(sql: Sql, inspector: Inspector, revocations: Revocations): Withdrawal {
  async function endFamily(family: string): Promise<void> {
    await revokeFamily(sql, Buffer.from(family, 'hex'));
    revocations.noteFamily(family);
  }

  async function withdraw(token: string, live: LiveToken): Promise<void> {
    if (live.kind === 'refresh_token' && live.family !== undefined) {
      await endFamily(live.family);
    } else if (live.withdraw.by === 'jti') {
      await revocations.revokeToken(live.withdraw.jti, live.expiresAt * 1000);
    } else {
      await deleteArtifact(sql, live.withdraw.model, hashSecret(token));
    }
  }

  /** A refresh that came first, or whose answer was lost, spent the token: the one that took its place must end too. */
  async function withdrawSuccessors(token: string, clientId: string): Promise<void> {
    const origin = await readRefreshTokenOrigin(sql, hashSecret(token));
    if (origin?.clientId === clientId) await endFamily(origin.family);
  }

  return async (token, clientId) => {
    const live = await inspector.find(token);
    if (live === undefined) await withdrawSuccessors(token, clientId);
    else if (live.clientId === clientId) await withdraw(token, live);
  };
}
