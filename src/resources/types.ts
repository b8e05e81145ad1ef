import type { SigningAlgorithm } from '../config/index.ts';

/** A protected resource as the token path sees it. */
export interface Resource {
  readonly id: string;
  /** The `resource` parameter and the `aud` claim, byte for byte. */
  readonly identifier: string;
  /** As people read it. */
  readonly name: string;
  /** When it was made, in whole seconds since the epoch. An identifier can have had another owner before. */
  readonly createdAt: number;
  /** Its owner; none is the platform itself. */
  readonly organizationSid: string | undefined;
  readonly tokenFormat: 'jwt' | 'opaque';
  readonly signingAlg: SigningAlgorithm;
  /** Lifetime of its access tokens in seconds; none takes the server's default. */
  readonly accessTokenTtl: number | undefined;
  /** Whether clients that registered themselves may ask for it. */
  readonly acceptsRegisteredClients: boolean;
  readonly scopes: ReadonlySet<string>;
  /** The sentence for each scope that a person reads before consenting. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** Client ids that may introspect its tokens. */
  readonly introspectors: ReadonlySet<string>;
}

/** What a resource is made from. */
export interface ResourceDraft {
  readonly identifier: string;
  readonly name: string;
  readonly organizationSid?: string;
  readonly tokenFormat?: 'jwt' | 'opaque';
  readonly signingAlg?: SigningAlgorithm;
  readonly accessTokenTtl?: number;
  /** Default: false. */
  readonly acceptsRegisteredClients?: boolean;
  /** Client ids. Default: none. */
  readonly introspectors?: readonly string[];
  readonly scopes: ReadonlyArray<{ readonly name: string; readonly description: string }>;
}

/** A resource as those see it who manage it. */
export interface ResourceRecord {
  readonly id: string;
  readonly record_type: 'resource';
  readonly identifier: string;
  readonly name: string;
  /** None: the platform's own. */
  readonly organization_sid: string | null;
  readonly token_format: 'jwt' | 'opaque';
  readonly signing_alg: SigningAlgorithm;
  /** Seconds; none takes the server's default. */
  readonly access_token_ttl: number | null;
  readonly accepts_registered_clients: boolean;
  readonly scopes: Array<{ name: string; description: string }>;
  /** Client ids, as far as they are within the reach of who looks. */
  readonly introspectors: string[];
  readonly created_at: string;
  readonly updated_at: string;
}
