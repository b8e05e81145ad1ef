import { requireOptions, requireUrl } from '../arguments.ts';
import type { CredentialProviderLike } from '../credentials/provider.ts';
import { ApiKeyCredentialProvider } from '../credentials/static.ts';
import { InvalidArgumentError } from '../errors.ts';
import { parseTransport, type TransportOptions } from '../transport/settings.ts';
import { Authorizer } from './authorizer.ts';
import { Collection } from './collection.ts';
import type { ManagementRecord, OAuthClientDraft, OAuthClientRecord, OAuthGrantRecord } from './records.ts';
import { type RequestOptions, Requests } from './requests.ts';

/** Options of `countersign`. */
export interface ClientOptions extends TransportOptions {
  /** The server's address, with its prefix if it has one: https, or http on this machine. */
  readonly baseUrl: string | URL;
  /** Any credential provider: ours, your own, or one of the `twilio` package. */
  readonly credentials?: CredentialProviderLike | undefined;
  /** An API key, in place of `credentials`. */
  readonly apiKey?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Allows http to other machines, for networks that you trust. */
  readonly allowInsecureRequests?: boolean | undefined;
}

/** What can be done with a kind of record that is not made or changed by its name. */
type ReadOnly<Item extends ManagementRecord> = Pick<Collection<Item>, 'list' | 'retrieve'>;
type Removable<Item extends ManagementRecord> = Pick<Collection<Item>, 'list' | 'retrieve' | 'delete'>;

/** A client of the management API. */
export class CountersignClient {
  readonly oauthClients: Collection<OAuthClientRecord, OAuthClientDraft>;
  readonly oauthGrants: Removable<OAuthGrantRecord>;
  readonly organizations: Collection<ManagementRecord>;
  readonly accounts: Collection<ManagementRecord>;
  readonly users: Collection<ManagementRecord>;
  readonly apiKeys: Collection<ManagementRecord>;
  readonly resources: Collection<ManagementRecord>;
  readonly signingKeys: Collection<ManagementRecord>;
  readonly sessions: Removable<ManagementRecord>;
  readonly auditEvents: ReadOnly<ManagementRecord>;
  readonly #requests: Requests;

  /** @throws InvalidArgumentError */
  constructor(options: ClientOptions) {
    const { baseUrl, allowInsecureRequests, headers = {} } = requireOptions('options', options);
    const requests = new Requests({
      baseUrl: requireUrl('baseUrl', baseUrl, allowInsecureRequests === true),
      authorizer: new Authorizer(credentialsOf(options)),
      transport: parseTransport(options, 30_000),
      headers,
    });
    this.#requests = requests;
    const send = requests.send.bind(requests);
    this.oauthClients = new Collection(send, '/oauth_clients');
    this.oauthGrants = new Collection(send, '/oauth_grants');
    this.organizations = new Collection(send, '/organizations');
    this.accounts = new Collection(send, '/accounts');
    this.users = new Collection(send, '/users');
    this.apiKeys = new Collection(send, '/api_keys');
    this.resources = new Collection(send, '/resources');
    this.signingKeys = new Collection(send, '/signing_keys');
    this.sessions = new Collection(send, '/sessions');
    this.auditEvents = new Collection(send, '/audit_events');
  }

  /**
   * Sends a request that has no method of its own here.
   * @param path from the slash after `baseUrl`.
   * @returns the JSON of the answer as it is; undefined when it is empty.
   * @throws ApiError and its subclasses by status, ApiResponseError, ConnectionError, TimeoutError, TokenError,
   *   InvalidArgumentError, or the reason of a signal.
   */
  get(path: string, options?: Omit<RequestOptions, 'body'>): Promise<unknown> {
    return this.#requests.send('GET', path, options);
  }

  /** @throws as `get`. A repeated request is the same one to the server: it carries an `Idempotency-Key`. */
  post(path: string, body?: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#requests.send('POST', path, { ...options, body });
  }

  /** @throws as `get`. */
  put(path: string, body?: unknown, options: RequestOptions = {}): Promise<unknown> {
    return this.#requests.send('PUT', path, { ...options, body });
  }

  /** @throws as `get`. */
  delete(path: string, options?: RequestOptions): Promise<unknown> {
    return this.#requests.send('DELETE', path, options);
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
