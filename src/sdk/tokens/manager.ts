import { requireOptions } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { CachedTokenManager } from './cache.ts';
import { parseTokenRequest, type TokenManagerOptions } from './options.ts';
import { TokenEndpoint } from './request.ts';
import type { TokenFetcher, TokenManager } from './types.ts';

/**
 * Gets tokens from a token endpoint and keeps the current one. Make one for each client and use it everywhere: any
 * number of callers share one request, and a new token is fetched beside their work before the old one ends.
 *
 * It also fits the `twilio` package, wherever that takes a token manager.
 */
export class ApiTokenManager extends CachedTokenManager {
  /** @throws InvalidArgumentError for an option that cannot be right, naming it. */
  constructor(options: TokenManagerOptions) {
    const endpoint = new TokenEndpoint(parseTokenRequest(options));
    super(() => endpoint.ask(), options);
  }
}

/**
 * The same for the client of an organization. The organization is not an option: the token carries that of its client,
 * and reaches the accounts beneath it.
 */
export class OrgsTokenManager extends ApiTokenManager {}

/**
 * Takes any token manager: one with `getToken` as it is, one that only fetches with a cache around it.
 * @throws InvalidArgumentError
 */
export function requireTokenManager(field: string, given: TokenManager | TokenFetcher): TokenManager {
  const manager = requireOptions(field, given) as Partial<TokenManager & TokenFetcher>;
  if (typeof manager.getToken === 'function') return manager as TokenManager;
  if (typeof manager.fetchToken !== 'function') {
    throw new InvalidArgumentError(field, 'must have a method getToken or fetchToken.');
  }
  const fetcher = manager as TokenFetcher;
  return new CachedTokenManager(async () => ({ accessToken: await fetcher.fetchToken() }));
}
