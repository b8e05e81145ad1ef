import { OrgsTokenManager } from '../tokens/manager.ts';
import type { TokenManagerOptions } from '../tokens/options.ts';
import type { TokenManager } from '../tokens/types.ts';
import { ProviderBuilder } from './builder.ts';
import { ClientCredentialProvider } from './client-credentials.ts';

/** The credentials of an organization's OAuth client: its tokens reach the organization and the accounts beneath it. */
export class OrgsCredentialProvider extends ClientCredentialProvider {
  protected override createTokenManager(options: TokenManagerOptions): TokenManager {
    return new OrgsTokenManager(options);
  }
}

/** Builds an `OrgsCredentialProvider` step by step. */
export class OrgsCredentialProviderBuilder extends ProviderBuilder<OrgsCredentialProvider> {
  constructor() {
    super((options) => new OrgsCredentialProvider(options));
  }
}
