import { requireOptions } from '../arguments.ts';
import type { CredentialProviderLike } from '../credentials/provider.ts';
import { InvalidArgumentError } from '../errors.ts';
import type { AuthStrategyLike } from '../strategies/strategy.ts';

/** A strategy of ours can exchange a refused token; a foreign one is asked for anew. */
type Renewing = AuthStrategyLike & { renew?(refused: string): Promise<string> };

/**
 * The `Authorization` header of a client's requests. The strategy is asked for once and kept: the providers of the
 * `twilio` package make a new one each time, and with it a new token.
 */
export class Authorizer {
  readonly #provider: CredentialProviderLike;
  #strategy: Renewing;
  #question: Promise<string> | undefined;
  #renewal: Promise<string> | undefined;

  /** @throws InvalidArgumentError */
  constructor(provider: CredentialProviderLike) {
    if (typeof requireOptions('credentials', provider).toAuthStrategy !== 'function') {
      throw new InvalidArgumentError('credentials', 'must be a credential provider, with a method toAuthStrategy.');
    }
    this.#provider = provider;
    this.#strategy = provider.toAuthStrategy();
  }

  /** The header's value; empty when there is none to send. */
  current(): Promise<string> {
    return this.#strategy.renew === undefined ? this.#askOnce() : this.#strategy.getAuthString();
  }

  /**
   * The value to try after a 401; the same as the refused one when there is no other.
   * @throws what the token manager throws.
   */
  renew(refused: string): Promise<string> {
    if (this.#strategy.renew !== undefined) return this.#strategy.renew(refused);
    this.#renewal ??= this.#replace(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Those of the `twilio` package fetch a token for each caller that comes before the first one is there. */
  #askOnce(): Promise<string> {
    this.#question ??= this.#ask().finally(() => {
      this.#question = undefined;
    });
    return this.#question;
  }

  async #ask(): Promise<string> {
    const value = await this.#strategy.getAuthString();
    if (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) return value;
    throw new InvalidArgumentError('credentials', 'gave an Authorization header that cannot be sent.');
  }

  async #replace(refused: string): Promise<string> {
    const current = await this.#askOnce();
    if (current !== refused) return current;
    this.#strategy = this.#provider.toAuthStrategy();
    return this.#askOnce();
  }
}
