import { type Caller, reachesAccount } from '../../api/index.ts';
import type { Sees } from '../types.ts';

/** What there is for a caller: what its organization has and those beneath, or the one account that it is narrowed to. */
export const seenBy =
  (caller: Caller): Sees =>
  ({ organizationSid, accountSid }) =>
    reachesAccount(caller, { sid: accountSid, organizationSid });
