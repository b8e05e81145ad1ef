/**
 * The records of the management API, what they are made and changed from, and what their lists can be asked for.
 * Generated from the server's OpenAPI document by `npm run types:sdk`: change the schemas of the server instead.
 */

/** Why a request was refused, for the twilio clients and for OAuth clients. */
export interface TwilioError {
  /** Stable. What each means is on the page /reference/errors. */
  readonly code: number;
  readonly message: string;
  /** Where it is explained. */
  readonly more_info: string;
  /** The status of the answer. */
  readonly status: number;
  /** The code under which OAuth clients know it. */
  readonly error: string;
  readonly error_description: string;
  /** One for each fault. */
  readonly errors: ReadonlyArray<{
    /** Stable. What each means is on the page /reference/errors. */
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly source?:
      | {
          /** Where in the body (RFC 6901). */
          readonly pointer: string;
        }
      | {
          /** Which query parameter. */
          readonly parameter: string;
        };
  }>;
  readonly [member: string]: unknown;
}

/** The record `oauth_client`. */
export interface OAuthClient {
  readonly record_type: 'oauth_client';
  readonly client_id: string;
  readonly name: string;
  /** Its owner; null for a client that registered itself. */
  readonly org_id: string | null;
  /** Who made it; null for a machine and for a client that registered itself. */
  readonly user_id: string | null;
  readonly client_type: 'public' | 'confidential';
  /** Only in the answer that made it, else null. */
  readonly client_secret: string | null;
  readonly require_pkce: boolean;
  readonly allowed_scopes: ReadonlyArray<string>;
  readonly allowed_grant_types: ReadonlyArray<string>;
  readonly redirect_uris: ReadonlyArray<string>;
  readonly logo_uri: string | null;
  readonly tos_uri: string | null;
  readonly policy_uri: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly verified: boolean;
  readonly status: 'active' | 'suspended';
  /** Made by an admin, by itself, or from its document. */
  readonly origin: 'managed' | 'registered' | 'document';
  readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  readonly application_type: 'web' | 'native';
  readonly allowed_resources: ReadonlyArray<string>;
  readonly web_origins: ReadonlyArray<string>;
  readonly post_logout_redirect_uris: ReadonlyArray<string>;
  readonly require_pushed_authorization_requests: boolean;
  readonly dpop_bound_access_tokens: boolean;
  readonly access_token_ttl: number | null;
  readonly refresh_token_ttl: number | null;
  readonly jwks: {
    readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>;
    readonly [member: string]: unknown;
  } | null;
  readonly jwks_uri: string | null;
  /** The live secrets, oldest first, without the secrets themselves. The one without an end is the current one. */
  readonly secrets: ReadonlyArray<{
    readonly id: string;
    readonly created_at: string;
    readonly expires_at: string | null;
  }>;
}

export interface OAuthClientCreate {
  /** What people read on the consent page. */
  readonly name: string;
  /** RFC 6749 section 2.1. */
  readonly client_type: 'public' | 'confidential';
  /** The scopes that it may ask for. */
  readonly allowed_scopes: ReadonlyArray<string>;
  /** The grant types that it may use. */
  readonly allowed_grant_types: ReadonlyArray<
    'authorization_code' | 'client_credentials' | 'refresh_token' | 'urn:ietf:params:oauth:grant-type:token-exchange'
  >;
  /** Its owner. Default: the organization of the caller. */
  readonly org_id?: string;
  /** Where codes may be sent, compared exactly. Needed for authorization_code. */
  readonly redirect_uris?: ReadonlyArray<string>;
  /** Whether codes need PKCE. Default: true; always so for public clients. */
  readonly require_pkce?: boolean;
  /** A picture for the consent page. */
  readonly logo_uri?: string;
  /** Its privacy policy. */
  readonly policy_uri?: string;
  /** Its terms of service. */
  readonly tos_uri?: string;
  /**
   * How it authenticates (RFC 7591). Default: none for public clients, private_key_jwt with keys, else
   * client_secret_basic.
   */
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  /** Default: native where a redirect URI is on the user’s own machine, else web. */
  readonly application_type?: 'web' | 'native';
  /** The resources it may ask tokens for. Empty: those of the platform and of its organization. */
  readonly allowed_resources?: ReadonlyArray<string>;
  /** Origins whose pages may call the token endpoint for it. */
  readonly web_origins?: ReadonlyArray<string>;
  /** Where users may be sent after signing out. */
  readonly post_logout_redirect_uris?: ReadonlyArray<string>;
  /** RFC 9126 section 6. */
  readonly require_pushed_authorization_requests?: boolean;
  /** RFC 9449 section 5.2. */
  readonly dpop_bound_access_tokens?: boolean;
  /** The public keys of the client (RFC 7517), for private_key_jwt. */
  readonly jwks?: {
    readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>;
    readonly [member: string]: unknown;
  };
  /** Where its public keys are fetched from, in place of jwks. */
  readonly jwks_uri?: string;
  /** Lifetime of its access tokens. A shorter one of the resource goes first. */
  readonly access_token_ttl?: number;
  /** Longest lifetime of its refresh tokens, counted from the first of a family. */
  readonly refresh_token_ttl?: number;
}

/** Only what is to change. An empty body changes nothing. */
export interface OAuthClientUpdate {
  /** What people read on the consent page. */
  readonly name?: string;
  /** The scopes that it may ask for. */
  readonly allowed_scopes?: ReadonlyArray<string>;
  /** The grant types that it may use. */
  readonly allowed_grant_types?: ReadonlyArray<
    'authorization_code' | 'client_credentials' | 'refresh_token' | 'urn:ietf:params:oauth:grant-type:token-exchange'
  >;
  /** Where codes may be sent, compared exactly. Needed for authorization_code. */
  readonly redirect_uris?: ReadonlyArray<string>;
  /** Whether codes need PKCE. Default: true; always so for public clients. */
  readonly require_pkce?: boolean;
  /** A picture for the consent page. */
  readonly logo_uri?: string;
  /** Its privacy policy. */
  readonly policy_uri?: string;
  /** Its terms of service. */
  readonly tos_uri?: string;
  /**
   * How it authenticates (RFC 7591). Default: none for public clients, private_key_jwt with keys, else
   * client_secret_basic.
   */
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  /** Default: native where a redirect URI is on the user’s own machine, else web. */
  readonly application_type?: 'web' | 'native';
  /** The resources it may ask tokens for. Empty: those of the platform and of its organization. */
  readonly allowed_resources?: ReadonlyArray<string>;
  /** Origins whose pages may call the token endpoint for it. */
  readonly web_origins?: ReadonlyArray<string>;
  /** Where users may be sent after signing out. */
  readonly post_logout_redirect_uris?: ReadonlyArray<string>;
  /** RFC 9126 section 6. */
  readonly require_pushed_authorization_requests?: boolean;
  /** RFC 9449 section 5.2. */
  readonly dpop_bound_access_tokens?: boolean;
  readonly jwks?: {
    readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>;
    readonly [member: string]: unknown;
  } | null;
  readonly jwks_uri?: string | null;
  readonly access_token_ttl?: number | null;
  readonly refresh_token_ttl?: number | null;
  /** Whether an operator has looked at it. Operators only. */
  readonly verified?: boolean;
}

/** A tenant: its keys and tokens reach it and those beneath it. */
export interface Organization {
  readonly sid: string;
  readonly record_type: 'organization';
  readonly name: string;
  /** Null for a root, and where the one above is not in reach. */
  readonly parent_sid: string | null;
  readonly status: 'active' | 'suspended';
  readonly created_at: string;
  readonly updated_at: string;
}

/** A person’s place in an organization; it counts in those beneath too. */
export interface Membership {
  readonly record_type: 'membership';
  readonly organization_sid: string;
  readonly user_sid: string;
  readonly email: string;
  readonly name: string;
  /**
   * From all (`owner`) to looking only (`viewer`). Only owners make and unmake owners. What concerns an owner or an
   * admin takes the scope `admin`.
   */
  readonly role: 'owner' | 'admin' | 'developer' | 'viewer';
  readonly created_at: string;
}

/** A sub-division of an organization, with a SID and an auth token of its own. */
export interface Account {
  readonly sid: string;
  readonly record_type: 'account';
  readonly organization_sid: string;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  /** Whether calls with its API keys count only when one of its public keys has signed them. */
  readonly require_validation: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

/** An account in the one answer that shows its auth token. */
export interface AccountWithToken {
  readonly sid: string;
  readonly record_type: 'account';
  readonly organization_sid: string;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  /** Whether calls with its API keys count only when one of its public keys has signed them. */
  readonly require_validation: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  /** Signs capability tokens. In this answer and never again. */
  readonly auth_token: string;
}

/** A person, who may be a member of several organizations. */
export interface User {
  readonly sid: string;
  readonly record_type: 'user';
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  /** Whether they can sign in with a password. */
  readonly has_password: boolean;
  readonly status: 'active' | 'suspended';
  readonly created_at: string;
  readonly updated_at: string;
}

/** A key of a user to an account. It does what its scopes say, as far as the role of its user goes. */
export interface ApiKey {
  readonly sid: string;
  readonly record_type: 'api_key';
  readonly name: string;
  readonly organization_sid: string;
  readonly account_sid: string;
  readonly user_sid: string;
  readonly scopes: ReadonlyArray<string>;
  /** Null: any. */
  readonly token_policy: TokenPolicy | null;
  readonly status: 'active' | 'revoked';
  /** To the minute. */
  readonly last_used_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/**
 * What AccessTokens a key may mint, here and with an SDK alike: a token beyond it is not valid. What is left out is
 * not restricted.
 */
export interface TokenPolicy {
  /**
   * The grants that a token may have. Capability tokens are made only where `client_capability` or
   * `task_router_capability` is among them.
   */
  readonly grants?: ReadonlyArray<string>;
  /** The rooms of a video grant, which must then name one. `sales-*` is all that begin so. */
  readonly rooms?: ReadonlyArray<string>;
  /** The applications that outgoing calls go to. */
  readonly applications?: ReadonlyArray<string>;
  /** The longest lifetime in seconds. */
  readonly max_ttl?: number;
  readonly algorithms?: ReadonlyArray<'HS256' | 'HS384' | 'HS512'>;
}

/** An API key in the one answer that shows its secret. */
export interface ApiKeyWithSecret {
  readonly sid: string;
  readonly record_type: 'api_key';
  readonly name: string;
  readonly organization_sid: string;
  readonly account_sid: string;
  readonly user_sid: string;
  readonly scopes: ReadonlyArray<string>;
  /** Null: any. */
  readonly token_policy: TokenPolicy | null;
  readonly status: 'active' | 'revoked';
  /** To the minute. */
  readonly last_used_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** For HTTP Basic, after the SID. In this answer and never again. */
  readonly secret: string;
  /** SID and secret in one, for `Authorization: Bearer`. */
  readonly key: string;
}

/**
 * A public key of an account. The private half signs calls with the account’s API keys: its SID is the `kid` of a
 * ValidationToken.
 */
export interface PublicKey {
  readonly sid: string;
  readonly record_type: 'public_key';
  readonly name: string;
  readonly organization_sid: string;
  readonly account_sid: string;
  /** PEM of SubjectPublicKeyInfo, however it was sent. */
  readonly public_key: string;
  /** SHA-256 of its DER, in hexadecimal. */
  readonly fingerprint: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A protected resource: what an access token is for. */
export interface Resource {
  readonly id: string;
  readonly record_type: 'resource';
  /** The `resource` parameter (RFC 8707) and the `aud` of tokens, byte for byte. */
  readonly identifier: string;
  readonly name: string;
  /** Its owner; null is the platform's own. */
  readonly organization_sid: string | null;
  /** Whether access tokens are JWTs (RFC 9068) or mean nothing to whoever reads them. */
  readonly token_format: 'jwt' | 'opaque';
  /** JWS algorithm of access tokens that are JWTs. */
  readonly signing_alg: 'ES256' | 'RS256' | 'EdDSA';
  /** Lifetime of access tokens in seconds; null takes the server's default. */
  readonly access_token_ttl: number | null;
  /** Whether clients that registered themselves may ask for it. */
  readonly accepts_registered_clients: boolean;
  readonly scopes: ReadonlyArray<{
    readonly name: string;
    readonly description: string;
  }>;
  /** Of its introspecting clients those within your reach. */
  readonly introspectors: ReadonlyArray<string>;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface CreateResource {
  /** An absolute URI without fragment. It cannot be changed later. */
  readonly identifier: string;
  readonly name: string;
  /** Its owner. Default: the caller's organization; null, for operators, is the platform. */
  readonly organization_sid?: string | null;
  /** Whether access tokens are JWTs (RFC 9068) or mean nothing to whoever reads them. Default: "jwt". */
  readonly token_format?: 'jwt' | 'opaque';
  /** JWS algorithm of access tokens that are JWTs. Default: "ES256". */
  readonly signing_alg?: 'ES256' | 'RS256' | 'EdDSA';
  /** Lifetime of access tokens in seconds; null takes the server's default. Default: null. */
  readonly access_token_ttl?: number | null;
  /** Whether clients that registered themselves may ask for it. Default: false. */
  readonly accepts_registered_clients?: boolean;
  /** Its scopes: on a change, all that there are from then on. Default: []. */
  readonly scopes?: ReadonlyArray<ResourceScope>;
  /** Clients that may introspect its tokens. Default: []. */
  readonly introspectors?: ReadonlyArray<string>;
}

/** A scope, and the sentence that a person reads before consenting to it. */
export interface ResourceScope {
  readonly name: string;
  readonly description: string;
}

export interface UpdateResource {
  readonly name?: string;
  /** Whether access tokens are JWTs (RFC 9068) or mean nothing to whoever reads them. */
  readonly token_format?: 'jwt' | 'opaque';
  /** JWS algorithm of access tokens that are JWTs. */
  readonly signing_alg?: 'ES256' | 'RS256' | 'EdDSA';
  /** Lifetime of access tokens in seconds; null takes the server's default. */
  readonly access_token_ttl?: number | null;
  /** Whether clients that registered themselves may ask for it. */
  readonly accepts_registered_clients?: boolean;
  /** Its scopes: on a change, all that there are from then on. */
  readonly scopes?: ReadonlyArray<ResourceScope>;
  /** Clients that may introspect its tokens. */
  readonly introspectors?: ReadonlyArray<string>;
}

/** What a user allowed a client in an organization. It grows by consent. */
export interface OAuthGrant {
  readonly id: string;
  readonly record_type: 'oauth_grant';
  readonly client_id: string;
  readonly user_id: string;
  readonly org_id: string;
  /** Every scope that was allowed, once. */
  readonly scopes: ReadonlyArray<string>;
  /** The same by resource. */
  readonly permissions: ReadonlyArray<{
    /** Identifier of a protected resource; null is OpenID Connect. */
    readonly resource: string | null;
    readonly scopes: ReadonlyArray<string>;
  }>;
  readonly created_at: string;
  /** When the user last allowed something. */
  readonly updated_at: string;
  /** When the client last got a token by it, to the minute. */
  readonly last_used_at: string | null;
}

/** A browser in which a user is signed in. */
export interface Session {
  /** Names the session and is good for nothing else: a one-way hash of what its tokens name it by. */
  readonly id: string;
  readonly record_type: 'session';
  readonly user_id: string;
  readonly created_at: string;
  readonly expires_at: string;
}

/** A key that signs tokens. Its private half never leaves the server. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly record_type: 'signing_key';
  readonly alg: 'ES256' | 'RS256' | 'EdDSA';
  /**
   * announced: in the JWKS, does not sign yet. signing: signs now. retiring: signs no more, stays in the JWKS until
   * its last token has expired. retired: gone from the JWKS, its tokens no longer count.
   */
  readonly state: 'announced' | 'signing' | 'retiring' | 'retired';
  /** The public key (RFC 7517). */
  readonly public_jwk: Readonly<Record<string, unknown>>;
  /** In the JWKS from here on. */
  readonly created_at: string;
  readonly signs_from: string;
  /** null while no successor is set. */
  readonly signs_until: string | null;
  /** When it leaves the JWKS; null while no successor is set. */
  readonly retires_at: string | null;
}

export interface RotateSigningKeys {
  /** Which algorithm gets a new key. Default: each of them. */
  readonly alg?: 'ES256' | 'RS256' | 'EdDSA';
  /**
   * Seconds until the new key signs; until then it is only published. Default: twice JWKS_MAX_AGE, at least 60, so
   * that everybody who caches the JWKS has seen it. 0 is for an emergency.
   */
  readonly signs_in?: number;
}

/** An AccessToken. It is kept nowhere. */
export interface MintedAccessToken {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly expires_at: string;
  readonly identity: string;
}

/** A short-lived token for a browser or a phone. */
export interface AccessTokenWish {
  /** Who the holder is. */
  readonly identity: string;
  /** Seconds until it expires. Default: 3600. */
  readonly ttl?: number;
  /** The second since 1970 before which it does not count. Before its end. */
  readonly nbf?: number;
  /** The region whose servers are to take it. */
  readonly region?: string;
  /** Default: "HS256". */
  readonly algorithm?: 'HS256' | 'HS384' | 'HS512';
  /** What the holder may do, by the name of the grant. A name that is not known is a grant of your own. */
  readonly grants?: {
    readonly video?: {
      readonly room?: string;
    };
    readonly chat?: {
      readonly service_sid?: string;
      readonly endpoint_id?: string;
      readonly deployment_role_sid?: string;
      readonly push_credential_sid?: string;
    };
    readonly data_sync?: {
      readonly service_sid?: string;
      readonly endpoint_id?: string;
    };
    readonly voice?: {
      readonly incoming?: {
        readonly allow: boolean;
      };
      readonly outgoing?: {
        readonly application_sid: string;
        readonly params?: Readonly<Record<string, unknown>>;
      };
      readonly push_credential_sid?: string;
      readonly endpoint_id?: string;
    };
    readonly task_router?: {
      readonly workspace_sid?: string;
      readonly worker_sid?: string;
      readonly role?: string;
    };
    readonly player?: Readonly<Record<string, unknown>>;
    readonly [member: string]: unknown;
  };
  /** The key that signs. A key that calls signs itself; every other caller names one. */
  readonly api_key_sid?: string;
}

/** Whether an AccessToken counts, the one reason why not, and what it says. */
export interface AccessTokenVerdict {
  readonly valid: boolean;
  /** The one reason why it does not count; null where it does. */
  readonly reason: TokenReason | null;
  /** As it stands in the token; null where it cannot be read. */
  readonly header: Readonly<Record<string, unknown>> | null;
  /** As it stands in the token; null where it cannot be read. */
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** As the token says. Only a valid one is to be believed. */
  readonly account_sid: string | null;
  readonly issued_at: string | null;
  readonly not_before: string | null;
  readonly expires_at: string | null;
  /** Null where it announces another sort of token. */
  readonly kind: 'access_token' | null;
  /** As the token says. Only a valid one is to be believed. */
  readonly api_key_sid: string | null;
  readonly identity: string | null;
}

/** Why a token does not count: a word for programs, and a sentence. */
export interface TokenReason {
  readonly code:
    | 'malformed'
    | 'wrong_type'
    | 'wrong_algorithm'
    | 'unknown_key'
    | 'revoked_key'
    | 'user_suspended'
    | 'unknown_account'
    | 'account_suspended'
    | 'organization_suspended'
    | 'algorithm_not_allowed'
    | 'wrong_signature'
    | 'wrong_account'
    | 'expired'
    | 'not_yet_valid'
    | 'lifetime_too_long'
    | 'beyond_policy';
  readonly message: string;
}

/** A capability token. It is kept nowhere. */
export interface MintedCapabilityToken {
  readonly token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly expires_at: string;
  readonly account_sid: string;
}

/** The older token of a device, or one for TaskRouter. */
export type CapabilityTokenWish =
  | {
      readonly type: 'client';
      /** Seconds until it expires. Default: 3600. */
      readonly ttl?: number;
      readonly scopes: ReadonlyArray<
        | {
            readonly type: 'incoming';
            readonly client_name: string;
          }
        | {
            readonly type: 'outgoing';
            readonly application_sid: string;
            readonly client_name?: string;
            readonly params?: Readonly<Record<string, string | number | boolean>>;
          }
        | {
            readonly type: 'events';
            readonly filters?: Readonly<Record<string, string | number | boolean>>;
          }
      >;
      /** Whose auth token signs. An API key has one account; every other caller names one. */
      readonly account_sid?: string;
    }
  | {
      readonly type: 'task_router';
      readonly workspace_sid: string;
      readonly channel_id: string;
      readonly friendly_name?: string;
      /** Seconds until it expires. Default: 3600. */
      readonly ttl?: number;
      /** Default: []. */
      readonly policies?: ReadonlyArray<{
        /** `*` stands for one segment of the path, `**` at its end for all that lies below. */
        readonly url: string;
        /** Default: "GET". */
        readonly method?: string;
        /** Default: {}. */
        readonly query_filter?: Readonly<Record<string, unknown>>;
        /** Parameters by name, `{"ActivitySid": {"required": true}}`. Empty: any. Default: {}. */
        readonly post_filter?: Readonly<Record<string, unknown>>;
        /** False denies, whatever else allows. Default: true. */
        readonly allow?: boolean;
      }>;
      /** Whose auth token signs. An API key has one account; every other caller names one. */
      readonly account_sid?: string;
    };

/** Whether a capability token counts, and what it lets its holder do. */
export interface CapabilityTokenVerdict {
  readonly valid: boolean;
  /** The one reason why it does not count; null where it does. */
  readonly reason: TokenReason | null;
  /** As it stands in the token; null where it cannot be read. */
  readonly header: Readonly<Record<string, unknown>> | null;
  /** As it stands in the token; null where it cannot be read. */
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** As the token says. Only a valid one is to be believed. */
  readonly account_sid: string | null;
  readonly issued_at: string | null;
  readonly not_before: string | null;
  readonly expires_at: string | null;
  readonly kind: 'client_capability' | 'task_router_capability' | null;
  /** Of a client capability, taken apart. */
  readonly scopes: ReadonlyArray<
    | {
        readonly type: 'incoming';
        readonly client_name: string | null;
      }
    | {
        readonly type: 'outgoing';
        readonly application_sid: string | null;
        readonly client_name: string | null;
        readonly params: Readonly<Record<string, string>> | null;
      }
    | {
        readonly type: 'events';
        readonly path: string | null;
        readonly filters: Readonly<Record<string, string>> | null;
      }
    | {
        readonly type: 'other';
        readonly scope: string;
        readonly parameters: Readonly<Record<string, string>>;
      }
  > | null;
  /** Of a TaskRouter capability. */
  readonly policies: ReadonlyArray<{
    readonly url: string;
    readonly method: string;
    readonly query_filter: Readonly<Record<string, unknown>>;
    readonly post_filter: Readonly<Record<string, unknown>>;
    readonly allow: boolean;
    readonly [member: string]: unknown;
  }> | null;
  /** What comes of the request, where there was one. */
  readonly decision: {
    readonly allowed: boolean;
    readonly reason: string;
  } | null;
}

/** Who did what to which thing, from where. Nobody can change or delete it. */
export interface AuditEvent {
  /** Grows with time. Digits, more than a JavaScript number may hold. */
  readonly id: string;
  readonly record_type: 'audit_event';
  /** For example grant.revoked. */
  readonly action: string;
  readonly actor: {
    readonly type: 'system' | 'user' | 'api_key' | 'client';
    /** null for the server itself, and for somebody who was not recognized. */
    readonly id: string | null;
  };
  readonly target: {
    readonly type: string;
    readonly id: string;
  };
  readonly org_id: string | null;
  /** Where the request came from. */
  readonly address: string | null;
  /** Leads to the access log. */
  readonly request_id: string | null;
  /** What else there is to say; never a secret. */
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly created_at: string;
}

/** List OAuth clients: the query. */
export interface ListOAuthClientsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly client_type?: 'public' | 'confidential';
    readonly verified?: boolean;
    readonly allowed_grant_types?: {
      readonly contains?:
        | 'authorization_code'
        | 'client_credentials'
        | 'refresh_token'
        | 'urn:ietf:params:oauth:grant-type:token-exchange';
    };
    /** The whole name. */
    readonly name?:
      | string
      | {
          /** A part of the name, in capitals or not. */
          readonly contains?: string;
        };
    readonly client_id?: string;
  };
}

/** List organizations: the query. */
export interface ListOrganizationsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly parent_sid?: string;
    readonly name?: string;
  };
}

/** Create an organization: the body. */
export interface CreateOrganization {
  readonly name: string;
  /** What it lies beneath. Default: the organization of the caller. Null makes a root: for operators. */
  readonly parent_sid?: string | null;
}

/** Update an organization: the body. */
export interface UpdateOrganization {
  readonly name?: string;
  /** Moves it, with all beneath it. */
  readonly parent_sid?: string | null;
}

/** List the members of an organization: the query. */
export interface ListMembershipsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
}

/** Add somebody by e-mail: the body. */
export interface AddMember {
  /** Kept in lower case. */
  readonly email: string;
  /**
   * From all (`owner`) to looking only (`viewer`). Only owners make and unmake owners. What concerns an owner or an
   * admin takes the scope `admin`. Default: "viewer".
   */
  readonly role?: 'owner' | 'admin' | 'developer' | 'viewer';
}

/** Add a member or change their role: the body. */
export interface SetMembership {
  /**
   * From all (`owner`) to looking only (`viewer`). Only owners make and unmake owners. What concerns an owner or an
   * admin takes the scope `admin`.
   */
  readonly role: 'owner' | 'admin' | 'developer' | 'viewer';
}

/** List accounts: the query. */
export interface ListAccountsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly organization_sid?: string;
    readonly name?: string;
    readonly status?: 'active' | 'suspended';
  };
}

/** Create an account: the body. */
export interface CreateAccount {
  readonly name: string;
  /** Default: the organization of the caller. */
  readonly organization_sid?: string;
}

/** Update an account: the body. */
export interface UpdateAccount {
  readonly name?: string;
  /**
   * Whether every call with an API key of this account must carry a valid Twilio-Client-Validation header. Takes a
   * public key of the account. Other credentials that may change the account can always turn it off again.
   */
  readonly require_validation?: boolean;
}

/** List users: the query. */
export interface ListUsersQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly email?: string;
    readonly organization_sid?: string;
  };
}

/** Create a user: the body. */
export interface CreateUser {
  /** Kept in lower case. */
  readonly email: string;
  readonly name: string;
  /** Without one nobody signs in as this user until it is set by an update. */
  readonly password?: string;
  /** Default: false. Only an operator sets it to true. */
  readonly email_verified?: boolean;
  /** Where they become a member. Default: the organization of the caller. */
  readonly organization_sid?: string;
  /**
   * From all (`owner`) to looking only (`viewer`). Only owners make and unmake owners. What concerns an owner or an
   * admin takes the scope `admin`. Default: "viewer".
   */
  readonly role?: 'owner' | 'admin' | 'developer' | 'viewer';
}

/** Update a user: the body. */
export interface UpdateUser {
  readonly name?: string;
  /** Another one counts as not verified. */
  readonly email?: string;
  /** Only an operator sets it to true. */
  readonly email_verified?: boolean;
  /** Ends all sessions and tokens of the user. */
  readonly password?: string;
}

/** List API keys: the query. */
export interface ListApiKeysQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly account_sid?: string;
    readonly user_sid?: string;
    readonly status?: 'active' | 'revoked';
  };
}

/** Create an API key: the body. */
export interface CreateApiKey {
  readonly name: string;
  readonly account_sid: string;
  /** Nobody gives scopes that they do not have. */
  readonly scopes: ReadonlyArray<string>;
  /** Null: any. A key with a policy gives none that is wider than its own. */
  readonly token_policy?: TokenPolicy | null;
  /** Default: the user of the caller. A machine client has none and must name one. */
  readonly user_sid?: string;
}

/** Update an API key: the body. */
export interface UpdateApiKey {
  readonly name?: string;
  /** Fewer, or such as the caller has. */
  readonly scopes?: ReadonlyArray<string>;
  /** Null lifts it. Whoever acts with a key that has one gives none that is wider. */
  readonly token_policy?: TokenPolicy | null;
}

/** List public keys: the query. */
export interface ListPublicKeysQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly account_sid?: string;
  };
}

/** Create a public key: the body. */
export interface CreatePublicKey {
  readonly name: string;
  /** Default: the account of the calling API key. Any other caller must name one. */
  readonly account_sid?: string;
  /** An RSA key of 2048 to 8192 bits as PEM, SubjectPublicKeyInfo or PKCS#1. Never send a private key. */
  readonly public_key: string;
}

/** Rename a public key: the body. */
export interface UpdatePublicKey {
  readonly name?: string;
}

/** List protected resources: the query. */
export interface ListResourcesQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly identifier?: string;
    readonly organization_sid?: string;
  };
}

/** List OAuth grants: the query. */
export interface ListOAuthGrantsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly client_id?: string;
    readonly user_id?: string;
  };
}

/** List sessions: the query. */
export interface ListSessionsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly user_id?: string;
  };
}

/** List signing keys: the query. */
export interface ListSigningKeysQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly alg?: 'ES256' | 'RS256' | 'EdDSA';
  };
}

/** Verify an AccessToken: the body. */
export interface VerifyAccessToken {
  readonly token: string;
}

/** Verify a capability token: the body. */
export interface VerifyCapabilityToken {
  readonly token: string;
  /** What the holder of a TaskRouter capability is about to do. */
  readonly request?: {
    readonly url: string;
    readonly method: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly post?: Readonly<Record<string, string>>;
  };
}

/** List audit events: the query. */
export interface ListAuditEventsQuery {
  readonly page?: {
    /** The page, from 1 on. Beyond the last one is an empty page. Default: 1. */
    readonly number?: number;
    /** Records on a page. Default: 20. */
    readonly size?: number;
  };
  readonly filter?: {
    readonly action?: string;
    readonly actor_id?: string;
    readonly target_id?: string;
    readonly target_type?: string;
    readonly org_id?: string;
    /** This moment or later (RFC 3339). */
    readonly since?: string;
    /** Before this moment (RFC 3339). */
    readonly until?: string;
  };
  /** -created_at: the newest first. Default: "created_at". */
  readonly sort?: 'created_at' | '-created_at';
}

/** Export audit events as JSON lines: the query. */
export interface ExportAuditEventsQuery {
  readonly filter?: {
    readonly action?: string;
    readonly actor_id?: string;
    readonly target_id?: string;
    readonly target_type?: string;
    readonly org_id?: string;
    /** This moment or later (RFC 3339). */
    readonly since?: string;
    /** Before this moment (RFC 3339). */
    readonly until?: string;
  };
}
