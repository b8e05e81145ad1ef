import { requireText } from '../arguments.ts';
import type { AuthStrategy, AuthStrategyLike } from '../strategies/strategy.ts';

/** What takes part in place of a provider: ours, your own, or one of the `twilio` package. */
export interface CredentialProviderLike {
  toAuthStrategy(): AuthStrategyLike;
}

/** Credentials of one kind, and the strategy that sends them. Extend it for credentials of your own. */
export abstract class CredentialProvider implements CredentialProviderLike {
  readonly #authType: string;

  /** @throws InvalidArgumentError */
  constructor(authType: string) {
    this.#authType = requireText('authType', authType);
  }

  /** `client-credentials`, `noauth`, `basic`, or the name of your own. */
  getAuthType(): string {
    return this.#authType;
  }

  /** The strategy, always the same one for the same credentials: it holds the token. */
  abstract toAuthStrategy(): AuthStrategy;
}
