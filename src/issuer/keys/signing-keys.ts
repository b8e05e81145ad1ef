import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Account, ApiKey } from '../../accounts/index.ts';
import type { Sealer } from '../../base/index.ts';

/** The secrets that sign, ready for use. */
export interface SigningKeys {
  /** Of AccessTokens. */
  ofApiKey(key: ApiKey): KeyObject;
  /** Of capability tokens: the account's auth token. */
  ofAccount(account: Account): KeyObject;
}

/**
 * Unseals a secret once for each cached record: with the record, which any change takes out of the cache, the secret is
 * gone from here too.
 */
export function createSigningKeys(sealer: Sealer): SigningKeys {
  const ready = new WeakMap<object, KeyObject>();

  function keyOf(record: { readonly sid: string }, purpose: string, sealed: Buffer): KeyObject {
    const known = ready.get(record);
    if (known !== undefined) return known;
    const key = createSecretKey(sealer.open(purpose, record.sid, sealed));
    ready.set(record, key);
    return key;
  }

  return {
    ofApiKey: (key) => keyOf(key, 'api key', key.secretSealed),
    ofAccount: (account) => keyOf(account, 'account auth token', account.authTokenSealed),
  };
}
