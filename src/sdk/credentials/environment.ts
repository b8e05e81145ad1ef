import { InvalidArgumentError } from '../errors.ts';
import type { AuthStrategy } from '../strategies/strategy.ts';
import { ClientCredentialProvider } from './client-credentials.ts';
import { CredentialProvider } from './provider.ts';
import { ApiKeyCredentialProvider } from './static.ts';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's own environment, where there is one: a browser has none. */
function processEnvironment(): Environment {
  const { process } = globalThis as { readonly process?: { readonly env?: Environment } };
  return process?.env ?? {};
}

function tokenUrlOf(environment: Environment): string | undefined {
  const given = environment['COUNTERSIGN_TOKEN_URL'];
  const server = environment['COUNTERSIGN_URL'];
  return given || (server ? `${server.replace(/\/+$/, '')}/oauth/token` : undefined);
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new InvalidArgumentError(name, 'must be set in the environment, or COUNTERSIGN_API_KEY.');
  return value;
}

function clientOf(environment: Environment): CredentialProvider {
  const tokenUrl = tokenUrlOf(environment);
  if (tokenUrl === undefined) {
    throw new InvalidArgumentError('COUNTERSIGN_TOKEN_URL', 'or COUNTERSIGN_URL must be set in the environment.');
  }
  return new ClientCredentialProvider({
    tokenUrl,
    clientId: required(environment, 'COUNTERSIGN_CLIENT_ID'),
    clientSecret: required(environment, 'COUNTERSIGN_CLIENT_SECRET'),
    scope: environment['COUNTERSIGN_SCOPE'] || undefined,
    audience: environment['COUNTERSIGN_AUDIENCE'] || undefined,
    resource: environment['COUNTERSIGN_RESOURCE'] || undefined,
  });
}

/**
 * Credentials from the environment: `COUNTERSIGN_API_KEY`, or else `COUNTERSIGN_CLIENT_ID` and
 * `COUNTERSIGN_CLIENT_SECRET` with `COUNTERSIGN_TOKEN_URL` or `COUNTERSIGN_URL`, the server's own address. Optional:
 * `COUNTERSIGN_SCOPE`, `COUNTERSIGN_AUDIENCE`, `COUNTERSIGN_RESOURCE`. An empty variable is the same as none.
 */
export class EnvironmentCredentialProvider extends CredentialProvider {
  readonly #strategy: AuthStrategy;

  /**
   * @param environment in place of `process.env`, for platforms without one.
   * @throws InvalidArgumentError naming the variable that is missing or cannot be right.
   */
  constructor(environment: Environment = processEnvironment()) {
    const apiKey = environment['COUNTERSIGN_API_KEY'];
    const provider = apiKey ? new ApiKeyCredentialProvider(apiKey) : clientOf(environment);
    super(provider.getAuthType());
    this.#strategy = provider.toAuthStrategy();
  }

  toAuthStrategy(): AuthStrategy {
    return this.#strategy;
  }
}
