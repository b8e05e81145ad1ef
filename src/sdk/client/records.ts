/**
 * The records of the management API, written by hand. This file is the one place for them: types generated from the
 * server's OpenAPI document go here.
 */

/** What every record has. Members that are not named here are there as the server sends them. */
export interface ManagementRecord {
  readonly record_type?: string;
  readonly [member: string]: unknown;
}

/** An OAuth client. */
export interface OAuthClientRecord extends ManagementRecord {
  readonly client_id: string;
  readonly name: string;
  readonly org_id: string | null;
  readonly user_id: string | null;
  readonly client_type: 'public' | 'confidential';
  readonly require_pkce: boolean;
  readonly allowed_scopes: readonly string[];
  readonly allowed_grant_types: readonly string[];
  readonly redirect_uris: readonly string[];
  /** Told once, when the client is made. */
  readonly client_secret?: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What a user allowed a client. */
export interface OAuthGrantRecord extends ManagementRecord {
  readonly id: string;
  readonly client_id: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly last_used_at: string | null;
}

/** What a new client is made from. */
export interface OAuthClientDraft {
  readonly name: string;
  readonly client_type: 'public' | 'confidential';
  readonly allowed_scopes: readonly string[];
  readonly allowed_grant_types: readonly string[];
  readonly redirect_uris?: readonly string[];
  readonly require_pkce?: boolean;
  readonly logo_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly [member: string]: unknown;
}

/** What a record of any other kind is made or changed from. */
export type Draft = Readonly<Record<string, unknown>>;
