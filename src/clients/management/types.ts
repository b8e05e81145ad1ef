import type { JSONWebKeySet } from 'jose';
import type { AuthMethod, ClientGrantType, ClientOrigin } from '../types.ts';

/** A client as management reads it: with its standing, its dates and the names of its live secrets. */
export interface ManagedClient {
  readonly clientId: string;
  readonly name: string;
  readonly organizationSid: string | null;
  readonly userSid: string | null;
  readonly origin: ClientOrigin;
  readonly clientType: 'public' | 'confidential';
  readonly authMethod: AuthMethod;
  readonly applicationType: 'web' | 'native';
  readonly allowedGrantTypes: readonly ClientGrantType[];
  readonly allowedScopes: readonly string[];
  readonly allowedResources: readonly string[];
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly webOrigins: readonly string[];
  readonly requirePkce: boolean;
  readonly requirePar: boolean;
  readonly requireDpop: boolean;
  readonly verified: boolean;
  readonly standing: 'active' | 'suspended';
  readonly logoUri: string | null;
  readonly policyUri: string | null;
  readonly tosUri: string | null;
  readonly jwks: JSONWebKeySet | null;
  readonly jwksUri: string | null;
  readonly accessTokenTtl: number | null;
  readonly refreshTokenTtl: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly secrets: readonly ManagedSecret[];
}

/** A live secret without the secret. Times as PostgreSQL writes them in JSON. */
export interface ManagedSecret {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/** What of the clients is asked for. */
export interface ClientFilters {
  readonly clientType?: 'public' | 'confidential' | undefined;
  readonly verified?: boolean | undefined;
  readonly grantType?: ClientGrantType | undefined;
  readonly name?: string | undefined;
  readonly namePart?: string | undefined;
  readonly clientId?: string | undefined;
}
