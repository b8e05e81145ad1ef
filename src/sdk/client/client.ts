import { requireOptions, requireUrl } from '../arguments.ts';
import type { CredentialProviderLike } from '../credentials/provider.ts';
import { ApiKeyCredentialProvider } from '../credentials/static.ts';
import { InvalidArgumentError } from '../errors.ts';
import { parseTransport, type TransportOptions } from '../transport/settings.ts';
import { Authorizer } from './authorizer.ts';
import { Collection } from './collection.ts';
import {
  Accounts,
  AuditEvents,
  OAuthClients,
  OAuthGrants,
  Organizations,
  Sessions,
  SigningKeys,
  Users,
} from './collections.ts';
import { AccessTokens, CapabilityTokens } from './issued-tokens.ts';
import { Place } from './place.ts';
import type {
  ApiKey,
  ApiKeyWithSecret,
  CreateApiKey,
  CreatePublicKey,
  CreateResource,
  ListApiKeysQuery,
  ListPublicKeysQuery,
  ListResourcesQuery,
  PublicKey,
  Resource,
  UpdateApiKey,
  UpdatePublicKey,
  UpdateResource,
} from './records.ts';
import { type Method, type RequestOptions, Requests } from './requests.ts';
import { type RequestSigner, requireSigner } from './signing.ts';

/** Options of `countersign`. */
export interface ClientOptions extends TransportOptions {
  /** The server's address, with its prefix if it has one: https, or http on this machine. */
  readonly baseUrl: string | URL;
  /** Any credential provider: ours, your own, or one of the `twilio` package. */
  readonly credentials?: CredentialProviderLike | undefined;
  /** An API key, in place of `credentials`. */
  readonly apiKey?: string | undefined;
  /**
   * Signs every request: a `ValidationToken` of `@countersign/sdk/jwt`, for the API key of an account that requires
   * validation. `baseUrl` must then be on the server's issuer, whose host is signed.
   */
  readonly validation?: RequestSigner | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Allows http to other machines, for networks that you trust. */
  readonly allowInsecureRequests?: boolean | undefined;
}

/** A client of the management API. */
export class CountersignClient {
  readonly oauthClients: OAuthClients;
  readonly oauthGrants: OAuthGrants;
  readonly organizations: Organizations;
  readonly accounts: Accounts;
  readonly users: Users;
  /** `delete` revokes a key. */
  readonly apiKeys: Collection<ApiKey, CreateApiKey, UpdateApiKey, ListApiKeysQuery, ApiKeyWithSecret>;
  readonly publicKeys: Collection<PublicKey, CreatePublicKey, UpdatePublicKey, ListPublicKeysQuery>;
  readonly resources: Collection<Resource, CreateResource, UpdateResource, ListResourcesQuery>;
  readonly signingKeys: SigningKeys;
  readonly sessions: Sessions;
  readonly auditEvents: AuditEvents;
  readonly accessTokens: AccessTokens;
  readonly capabilityTokens: CapabilityTokens;
  readonly #requests: Requests;

  /** @throws InvalidArgumentError */
  constructor(options: ClientOptions) {
    const { baseUrl, allowInsecureRequests, headers = {} } = requireOptions('options', options);
    const requests = new Requests({
      baseUrl: requireUrl('baseUrl', baseUrl, allowInsecureRequests === true),
      authorizer: new Authorizer(credentialsOf(options)),
      transport: parseTransport(options, 30_000),
      headers,
      signer: requireSigner(options.validation),
    });
    this.#requests = requests;
    const at = (path: string) => new Place(requests, path);
    this.oauthClients = new OAuthClients(at('/oauth_clients'));
    this.oauthGrants = new OAuthGrants(at('/oauth_grants'));
    this.organizations = new Organizations(at('/organizations'));
    this.accounts = new Accounts(at('/accounts'));
    this.users = new Users(at('/users'));
    this.apiKeys = new Collection(at('/api_keys'));
    this.publicKeys = new Collection(at('/public_keys'));
    this.resources = new Collection(at('/resources'));
    this.signingKeys = new SigningKeys(at('/signing_keys'));
    this.sessions = new Sessions(at('/sessions'));
    this.auditEvents = new AuditEvents(at('/audit_events'));
    this.accessTokens = new AccessTokens(at('/v1/access_tokens'));
    this.capabilityTokens = new CapabilityTokens(at('/v1/capability_tokens'));
  }

  /**
   * Sends a request that has no method of its own here.
   * @param path from the slash after `baseUrl`.
   * @returns the JSON of the answer as it is; undefined when it is empty.
   * @throws ApiError and its subclasses by status, ApiResponseError, ConnectionError, TimeoutError, TokenError,
   *   InvalidArgumentError, or the reason of a signal.
   */
  get(path: string, options?: Omit<RequestOptions, 'body'>): Promise<unknown> {
    return this.#send('GET', path, options);
  }

  /** @throws as `get`. A repeated request is the same one to the server: it carries an `Idempotency-Key`. */
  post(path: string, body?: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#send('POST', path, { ...options, body });
  }

  /** @throws as `get`. */
  put(path: string, body?: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#send('PUT', path, { ...options, body });
  }

  /** @throws as `get`. */
  delete(path: string, options?: RequestOptions): Promise<unknown> {
    return this.#send('DELETE', path, options);
  }

  async #send(method: Method, path: string, options: RequestOptions | undefined): Promise<unknown> {
    return (await this.#requests.send(method, path, options)).body;
  }
}

function credentialsOf({ credentials, apiKey }: ClientOptions): CredentialProviderLike {
  if (credentials !== undefined && apiKey !== undefined) {
    throw new InvalidArgumentError('apiKey', 'must be left out where credentials is set.');
  }
  if (apiKey !== undefined) return new ApiKeyCredentialProvider(apiKey);
  if (credentials === undefined) throw new InvalidArgumentError('credentials', 'is required, or apiKey.');
  return credentials;
}

/**
 * A client of the management API.
 * @throws InvalidArgumentError
 */
export function countersign(options: ClientOptions): CountersignClient {
  return new CountersignClient(options);
}
