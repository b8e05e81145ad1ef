import type { AllClientMetadata } from 'oidc-provider';
import type { Client } from '../clients/index.ts';

/** The grants that this server answers at present; a client may be registered for more. */
export const offeredGrantTypes = ['client_credentials'];

/** The member under which the library's client carries our own, for the hooks that decide. */
export const recordMember = 'countersign_client_id';

const known = new WeakMap<Client, AllClientMetadata>();

function describe(client: Client): AllClientMetadata {
  const needsSecret = client.authMethod.startsWith('client_secret');
  return {
    client_id: client.clientId,
    client_name: client.name,
    application_type: client.applicationType,
    grant_types: client.allowedGrantTypes.filter((grant) => offeredGrantTypes.includes(grant)),
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: client.authMethod,
    // The library insists on a secret; comparing is done by matchesSecret on hashes, and no HS algorithm is enabled.
    ...(needsSecret ? { client_secret: 'kept as a hash' } : {}),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks as NonNullable<AllClientMetadata['jwks']> }),
  };
}

/** A client in the library's terms. Described once for each cached record, since the library asks at every request. */
export function clientMetadata(client: Client): AllClientMetadata {
  const found = known.get(client);
  if (found !== undefined) return found;
  const metadata = describe(client);
  known.set(client, metadata);
  return metadata;
}
