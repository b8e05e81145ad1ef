import { TokenResponseError } from '../tokens/errors.ts';
import { requireTokenManager } from '../tokens/manager.ts';
import { isSendable } from '../tokens/rules.ts';
import type { TokenFetcher, TokenManager } from '../tokens/types.ts';
import { AuthStrategy } from './strategy.ts';

/** Milliseconds within which a new token that is refused too is not exchanged again: the token is not the trouble. */
const futile = 10_000;

/** `Authorization: Bearer`, with the tokens of a manager. */
export class TokenAuthStrategy extends AuthStrategy {
  readonly #manager: TokenManager;
  /** The last token that was looked at. */
  #sendable = '';
  #renewal: Promise<string> | undefined;
  /** The last token that was fetched because one was refused. */
  #renewed = { token: '', at: 0 };

  /** @param tokenManager ours, your own, or one of the `twilio` package. @throws InvalidArgumentError */
  constructor(tokenManager: TokenManager | TokenFetcher) {
    super('token');
    this.#manager = requireTokenManager('tokenManager', tokenManager);
  }

  async getAuthString(): Promise<string> {
    return `Bearer ${await this.#current()}`;
  }

  requiresAuthentication(): boolean {
    return true;
  }

  /**
   * To be called when an API answered 401: fetches one new token, however many requests were refused with the old one.
   * @param refused the value of the `Authorization` header that was refused.
   * @returns the value to try instead; the same one when a new token would change nothing.
   * @throws what the token manager throws.
   */
  async renew(refused: string): Promise<string> {
    this.#renewal ??= this.#renew(refused).finally(() => {
      this.#renewal = undefined;
    });
    return `Bearer ${await this.#renewal}`;
  }

  async #renew(refused: string): Promise<string> {
    const current = await this.#current();
    if (`Bearer ${current}` !== refused) return current;
    const { token, at } = this.#renewed;
    if (current === token && performance.now() - at < futile) return current;
    const fresh = this.#checked(await this.#fetch());
    this.#renewed = { token: fresh, at: performance.now() };
    return fresh;
  }

  async #current(): Promise<string> {
    return this.#checked(await this.#manager.getToken());
  }

  /** A manager of the user may give anything, and `Bearer undefined` helps nobody. */
  #checked(token: string): string {
    if (token !== '' && token === this.#sendable) return token;
    if (!isSendable(token)) {
      throw new TokenResponseError('The token manager gave no token that can be sent in a header.');
    }
    this.#sendable = token;
    return token;
  }

  async #fetch(): Promise<string> {
    const manager = this.#manager;
    if (manager.refreshToken !== undefined) return manager.refreshToken();
    await manager.clearToken?.();
    return manager.getToken();
  }
}
