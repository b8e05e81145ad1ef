import type { TokenManagerOptions } from '../tokens/options.ts';
import type { ClientAuthentication, TokenFetcher, TokenManager } from '../tokens/types.ts';

/** What a builder has gathered. */
type Draft = Partial<TokenManagerOptions> & { readonly tokenManager?: TokenManager | TokenFetcher | undefined };

/** The setters that the builders of all client credentials share. */
export abstract class ProviderBuilder<Provider> {
  readonly #make: (draft: Draft) => Provider;
  #draft: Draft = {};

  constructor(make: (draft: Draft) => Provider) {
    this.#make = make;
  }

  setClientId(clientId: string): this {
    return this.setOptions({ clientId });
  }

  setClientSecret(clientSecret: string): this {
    return this.setOptions({ clientSecret });
  }

  /** Takes the place of client id, secret and token URL. */
  setTokenManager(tokenManager: TokenManager | TokenFetcher): this {
    this.#draft = { ...this.#draft, tokenManager };
    return this;
  }

  /** The token endpoint: https, or http on this machine. */
  setTokenUrl(tokenUrl: string | URL): this {
    return this.setOptions({ tokenUrl });
  }

  /** Scopes, separated by spaces. */
  setScope(scope: string): this {
    return this.setOptions({ scope });
  }

  setAudience(audience: string): this {
    return this.setOptions({ audience });
  }

  /** What the token is for (RFC 8707). */
  setResource(resource: string | readonly string[]): this {
    return this.setOptions({ resource });
  }

  /** In place of the secret: `privateKeyJwt(...)`, `clientSecretBasic(...)`. */
  setClientAuthentication(clientAuthentication: ClientAuthentication): this {
    return this.setOptions({ clientAuthentication });
  }

  /** Any other options of the token manager: timeouts, retries, `fetch`, `cacheTtl`. */
  setOptions(options: Partial<TokenManagerOptions>): this {
    this.#draft = { ...this.#draft, ...options };
    return this;
  }

  /** A provider of its own for each call. @throws InvalidArgumentError for what is missing or cannot be right. */
  build(): Provider {
    return this.#make(this.#draft);
  }
}
