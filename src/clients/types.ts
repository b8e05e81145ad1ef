import type { JSONWebKeySet } from 'jose';

/** RFC 7591 `token_endpoint_auth_method`, as far as it is offered. */
export const authMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export type AuthMethod = (typeof authMethods)[number];

/** The scopes of OpenID Connect, and our own `org`. */
export const openidScopes: ReadonlySet<string> = new Set(['openid', 'offline_access', 'profile', 'email', 'org']);

/** RFC 8693 section 2.1. */
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const clientGrantTypes = ['authorization_code', 'client_credentials', 'refresh_token', tokenExchange] as const;
export type ClientGrantType = (typeof clientGrantTypes)[number];

/** A live secret: its SHA-256 and, for the older of two, its end in milliseconds since the epoch. */
export interface LiveSecret {
  readonly hash: Buffer;
  readonly expiresAt: number | undefined;
}

/**
 * managed: made by an admin. registered: by itself (RFC 7591). document: its id is the URL of a client ID metadata
 * document.
 */
export type ClientOrigin = 'managed' | 'registered' | 'document';

/** An OAuth client as the token path sees it. Suspended ones are not among them. */
export interface Client {
  readonly clientId: string;
  readonly name: string;
  /** Its owner; none for one that registered itself. */
  readonly organizationSid: string | undefined;
  readonly origin: ClientOrigin;
  readonly clientType: 'public' | 'confidential';
  readonly authMethod: AuthMethod;
  readonly applicationType: 'web' | 'native';
  readonly allowedGrantTypes: readonly ClientGrantType[];
  readonly allowedScopes: ReadonlySet<string>;
  /** Empty: the platform's resources and those of its organization. */
  readonly allowedResources: ReadonlySet<string>;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Origins whose pages may call the token endpoint for it. */
  readonly webOrigins: ReadonlySet<string>;
  /** Always for public clients, whatever is said here. */
  readonly requirePkce: boolean;
  /** Only pushed authorization requests (RFC 9126 section 6). */
  readonly requirePar: boolean;
  /** Only sender-constrained tokens (RFC 9449 section 5.2). */
  readonly requireDpop: boolean;
  /** An operator has looked at it. */
  readonly verified: boolean;
  readonly logoUri: string | null;
  readonly policyUri: string | null;
  readonly tosUri: string | null;
  readonly jwks: JSONWebKeySet | undefined;
  /** Where its public keys are fetched from, in place of `jwks`. */
  readonly jwksUri: string | undefined;
  /** Lifetimes in seconds, in place of the server's; a shorter one of the resource goes first. */
  readonly accessTokenTtl: number | undefined;
  readonly refreshTokenTtl: number | undefined;
  readonly secrets: readonly LiveSecret[];
  /** Until when its metadata document need not be fetched again, in milliseconds since the epoch. */
  readonly freshUntil: number | undefined;
}

/** What a client is made from. */
export interface ClientDraft {
  readonly name: string;
  /** Its owner; none for a client that registered itself. */
  readonly organizationSid: string | undefined;
  /** Who made it; none for a client that registered itself, and for one that a machine made. */
  readonly userSid: string | undefined;
  /** Default: `managed`. */
  readonly origin?: ClientOrigin | undefined;
  readonly clientType: 'public' | 'confidential';
  /** Default: `none` for public clients, `private_key_jwt` with keys of its own, else `client_secret_basic`. */
  readonly authMethod?: AuthMethod | undefined;
  /** Default: `native` where a redirect URI is on the user's own machine, else `web`. */
  readonly applicationType?: 'web' | 'native' | undefined;
  readonly allowedGrantTypes: readonly ClientGrantType[];
  readonly allowedScopes: readonly string[];
  readonly allowedResources?: readonly string[] | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly postLogoutRedirectUris?: readonly string[] | undefined;
  readonly webOrigins?: readonly string[] | undefined;
  /** Default: true. False is honoured for confidential clients only. */
  readonly requirePkce?: boolean | undefined;
  readonly requirePar?: boolean | undefined;
  readonly requireDpop?: boolean | undefined;
  readonly logoUri?: string | undefined;
  readonly policyUri?: string | undefined;
  readonly tosUri?: string | undefined;
  readonly jwks?: JSONWebKeySet | undefined;
  /** Where its public keys are fetched from, in place of `jwks`. */
  readonly jwksUri?: string | undefined;
  /** Lifetimes in seconds, in place of the server's. */
  readonly accessTokenTtl?: number | undefined;
  readonly refreshTokenTtl?: number | undefined;
}

type Settled = 'origin' | 'authMethod' | 'applicationType' | 'requirePkce' | 'requirePar' | 'requireDpop';
type Lists = 'allowedResources' | 'redirectUris' | 'postLogoutRedirectUris' | 'webOrigins';

/** A draft with every default filled in. */
export type CompleteDraft = Omit<ClientDraft, Settled | Lists> & {
  readonly [Name in Settled | Lists]: NonNullable<ClientDraft[Name]>;
};
