import { Problem } from '../base/index.ts';
import type { Sql } from '../store/index.ts';
import { fromPermissions, toPermissions } from './rules.ts';
import { type ConsentRow, growConsent, insertRefusal, readConsent } from './store.ts';
import type { AudienceScopes, ConsentKey, ConsentOrigin, ConsentRecord } from './types.ts';

/** The consent records. */
export interface Grants {
  find(key: ConsentKey): Promise<ConsentRecord | undefined>;
  /** Adds to what was allowed before. @throws Problem 403 when the user is no member of the organization. */
  allow(key: ConsentKey, allowed: readonly AudienceScopes[], origin?: ConsentOrigin): Promise<ConsentRecord>;
  /** Records that a user allowed nothing. What was allowed before stays. */
  decline(who: Pick<ConsentKey, 'userSid' | 'clientId'>, origin?: ConsentOrigin): Promise<void>;
}

const toRecord = ({ permissions, ...row }: ConsentRow): ConsentRecord => ({
  ...row,
  allowed: fromPermissions(permissions),
});

/** Opens the consent records. */
export function createGrants(sql: Sql): Grants {
  return {
    async find(key) {
      const row = await readConsent(sql, key);
      return row === undefined ? undefined : toRecord(row);
    },
    async allow(key, allowed, origin = {}) {
      const scopes = [...new Set(allowed.flatMap((audience) => audience.scopes))];
      const row = await growConsent(sql, key, toPermissions(allowed), scopes, origin);
      if (row === undefined) throw new Problem('access_denied', 'The user is no member of this organization.');
      return toRecord(row);
    },
    decline: (who, origin = {}) => insertRefusal(sql, who, origin),
  };
}
