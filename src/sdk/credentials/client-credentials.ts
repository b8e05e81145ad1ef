import { TokenAuthStrategy } from '../strategies/token.ts';
import { ApiTokenManager } from '../tokens/manager.ts';
import type { TokenManagerOptions } from '../tokens/options.ts';
import type { TokenFetcher, TokenManager } from '../tokens/types.ts';
import { ProviderBuilder } from './builder.ts';
import { CredentialProvider } from './provider.ts';

/** Options of the providers for OAuth clients: those of the token manager, or a token manager in their place. */
export interface ClientCredentialOptions extends Partial<Omit<TokenManagerOptions, 'grantType'>> {
  /** Takes the place of all other options. */
  readonly tokenManager?: TokenManager | TokenFetcher | undefined;
}

/** The credentials of an OAuth client: tokens by the grant `client_credentials`. */
export class ClientCredentialProvider extends CredentialProvider {
  readonly grantType = 'client_credentials';
  clientId: string;
  /** Made on first use unless it was set. Changing it changes the strategy. */
  tokenManager: TokenManager | TokenFetcher | null;
  readonly #options: ClientCredentialOptions;
  /** Kept apart from the visible fields, so that a printed provider does not show it. */
  #clientSecret: string;
  #strategy: { readonly of: TokenManager | TokenFetcher; readonly strategy: TokenAuthStrategy } | undefined;

  /**
   * @param options checked at once. Without them set the fields, as with the `twilio` package: those are checked at the
   *   first use.
   * @throws InvalidArgumentError for an option that is missing or cannot be right.
   */
  constructor(options?: ClientCredentialOptions) {
    super('client-credentials');
    const { clientId = '', clientSecret = '', tokenManager = null, ...rest } = options ?? {};
    this.clientId = clientId;
    this.#clientSecret = clientSecret;
    this.tokenManager = tokenManager;
    this.#options = rest;
    if (options !== undefined) this.toAuthStrategy();
  }

  get clientSecret(): string {
    return this.#clientSecret;
  }

  set clientSecret(clientSecret: string) {
    this.#clientSecret = clientSecret;
  }

  /** @throws InvalidArgumentError for an option that is missing or cannot be right. */
  toAuthStrategy(): TokenAuthStrategy {
    this.tokenManager ??= this.createTokenManager(this.#managerOptions());
    if (this.#strategy?.of !== this.tokenManager) {
      this.#strategy = { of: this.tokenManager, strategy: new TokenAuthStrategy(this.tokenManager) };
    }
    return this.#strategy.strategy;
  }

  /** Which manager gets the tokens of this provider. */
  protected createTokenManager(options: TokenManagerOptions): TokenManager {
    return new ApiTokenManager(options);
  }

  #managerOptions(): TokenManagerOptions {
    const clientSecret = this.#clientSecret === '' ? undefined : this.#clientSecret;
    const { clientId, grantType } = this;
    // The manager refuses what is missing, by name.
    return { ...this.#options, clientId, clientSecret, grantType } as TokenManagerOptions;
  }
}

/** Builds a `ClientCredentialProvider` step by step. */
export class ClientCredentialProviderBuilder extends ProviderBuilder<ClientCredentialProvider> {
  constructor() {
    super((options) => new ClientCredentialProvider(options));
  }
}
