/**
 * The plain cases of the token endpoint, answered without the library: a machine with a secret, the codes and
 * refresh tokens of plain OAuth clients. Only successes are answered here; whatever is special or to be refused is the library's, and a
 * differential test holds the two together.
 */
import type { KeyRing } from '../../keys/index.ts';
import { plainClientCredentials } from './client-credentials.ts';
import { plainRedemption } from './code.ts';
import { parameter } from './credentials.ts';
import { plainRefresh, type StoredTokenParts } from './refresh.ts';
import type { PlainToken } from './types.ts';

export type { PlainToken } from './types.ts';

/** Prepares the plain cases for one set of keys. */
export function plainTokens(parts: StoredTokenParts, keys: KeyRing): PlainToken {
  // A map: an object would know grant types like __proto__.
  const byGrantType: ReadonlyMap<string | undefined, PlainToken> = new Map([
    ['client_credentials', plainClientCredentials(parts, keys)],
    ['authorization_code', plainRedemption(parts, keys)],
    ['refresh_token', plainRefresh(parts, keys)],
  ]);
  return async (headers, parameters) => byGrantType.get(parameter(parameters, 'grant_type'))?.(headers, parameters);
}
