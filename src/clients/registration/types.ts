import type { JSONWebKeySet } from 'jose';
import type { Config } from '../../config/index.ts';
import type { AuthMethod, ClientGrantType } from '../types.ts';

/** What the operator allows to clients that nobody but themselves has registered. */
export type RegistrationPolicy = Pick<Config['registration'], 'grantTypes' | 'redirectHosts'> & {
  /** The scopes that such clients may have at this moment. */
  readonly scopes: ReadonlySet<string>;
};

/** Client metadata (RFC 7591 section 2) that has passed all rules, with every default filled in. */
export interface ClientMetadata {
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Origins of its redirect URIs: pages that may call the token endpoint for it. */
  readonly webOrigins: readonly string[];
  readonly grantTypes: readonly ClientGrantType[];
  readonly authMethod: AuthMethod;
  readonly applicationType: 'web' | 'native';
  readonly scopes: readonly string[];
  readonly requirePar: boolean;
  readonly requireDpop: boolean;
  readonly contacts: readonly string[];
  readonly clientUri: string | undefined;
  readonly logoUri: string | undefined;
  readonly policyUri: string | undefined;
  readonly tosUri: string | undefined;
  readonly jwks: JSONWebKeySet | undefined;
  readonly jwksUri: string | undefined;
  readonly softwareId: string | undefined;
  readonly softwareVersion: string | undefined;
}

/** A client that registered itself, as it is stored. Times in milliseconds since the epoch. */
export interface RegisteredClient extends ClientMetadata {
  readonly clientId: string;
  readonly tokenHash: Buffer;
  readonly createdAt: number;
}
