import { requireOptions } from '../arguments.ts';
import { type PrivateKeyJwtOptions, privateKeyJwt } from '../tokens/private-key-jwt.ts';
import { type ClientCredentialOptions, ClientCredentialProvider } from './client-credentials.ts';

/** Options of `PrivateKeyJwtCredentialProvider`: those of the token manager, with a key in the place of the secret. */
export interface PrivateKeyCredentialOptions
  extends Omit<ClientCredentialOptions, 'clientSecret' | 'clientAuthentication' | 'tokenManager'>,
    PrivateKeyJwtOptions {}

/** The credentials of an OAuth client that signs in with a private key (RFC 7523): there is no secret to leak. */
export class PrivateKeyJwtCredentialProvider extends ClientCredentialProvider {
  /** @throws InvalidArgumentError for an option that is missing or cannot be right. */
  constructor(options: PrivateKeyCredentialOptions) {
    const { privateKey, algorithm, keyId, issuer, lifetime, ...rest } = requireOptions('options', options);
    super({ ...rest, clientAuthentication: privateKeyJwt({ privateKey, algorithm, keyId, issuer, lifetime }) });
  }
}
