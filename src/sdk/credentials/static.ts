import { requireText } from '../arguments.ts';
import { BasicAuthStrategy } from '../strategies/basic.ts';
import { NoAuthStrategy } from '../strategies/no-auth.ts';
import type { AuthStrategy } from '../strategies/strategy.ts';
import { TokenAuthStrategy } from '../strategies/token.ts';
import { CredentialProvider } from './provider.ts';

/** No credentials. */
export class NoAuthCredentialProvider extends CredentialProvider {
  readonly #strategy = new NoAuthStrategy();

  constructor() {
    super('noauth');
  }

  toAuthStrategy(): AuthStrategy {
    return this.#strategy;
  }
}

/** HTTP Basic: an API key's SID and its secret. */
export class BasicCredentialProvider extends CredentialProvider {
  readonly #strategy: AuthStrategy;

  /** @throws InvalidArgumentError */
  constructor(username: string, password: string) {
    super('basic');
    this.#strategy = new BasicAuthStrategy(username, password);
  }

  toAuthStrategy(): AuthStrategy {
    return this.#strategy;
  }
}

/** An API key as a Bearer token, in one string. */
export class ApiKeyCredentialProvider extends CredentialProvider {
  readonly #strategy: AuthStrategy;

  /** @throws InvalidArgumentError */
  constructor(apiKey: string) {
    super('api-key');
    const token = Promise.resolve(requireText('apiKey', apiKey));
    this.#strategy = new TokenAuthStrategy({ getToken: () => token });
  }

  toAuthStrategy(): AuthStrategy {
    return this.#strategy;
  }
}
