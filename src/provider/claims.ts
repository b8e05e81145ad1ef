import type { AccessToken, ClientCredentials } from 'oidc-provider';
import { hashSecret } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { LookupCache } from '../store/index.ts';

/** What an access token says of a machine client beyond RFC 9068: the organization that it acts for. */
export function machineClaims(client: Client): { readonly org_id: string } {
  return { org_id: client.organizationSid };
}

/** The family that a user's access token belongs to, by the hash under which the database keeps it. */
export const familyOf = (grantId: string): string => hashSecret(grantId).toString('hex');

/** The library's hook for claims beyond its own. */
export function accessTokenClaims(clients: LookupCache<Client>) {
  return async (_ctx: unknown, token: AccessToken | ClientCredentials): Promise<Record<string, string>> => {
    const client = await clients.get(token.clientId as string);
    const claims = client === undefined ? {} : machineClaims(client);
    const { grantId } = token as AccessToken;
    return grantId === undefined ? claims : { ...claims, fam: familyOf(grantId) };
  };
}
