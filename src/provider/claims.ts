import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { LookupCache } from '../store/index.ts';

/** What an access token says of a machine client beyond RFC 9068: the organization that it acts for. */
export function machineClaims({ organizationSid }: Client): { readonly org_id?: string } {
  return organizationSid === undefined ? {} : { org_id: organizationSid };
}

/** The family that a user's access token belongs to, by the hash under which the database keeps it. */
export const familyOf = (grantId: string): string => hashSecret(grantId).toString('hex');

/**
 * The library's hook for claims beyond its own: a user's token is for the organization that the user chose, a machine's
 * for its client's.
 */
export function accessTokenClaims(clients: LookupCache<Client>) {
  return async (
    ctx: KoaContextWithOIDC | undefined,
    token: AccessToken | ClientCredentials,
  ): Promise<Record<string, string>> => {
    const client = await clients.get(token.clientId as string);
    const claims = client === undefined ? {} : machineClaims(client);
    const { grantId } = token as AccessToken;
    if (grantId === undefined) return claims;
    const { organizationSid } = (ctx?.oidc.entities.Grant ?? {}) as { readonly organizationSid?: string };
    const organization = organizationSid === undefined ? claims : { org_id: organizationSid };
    return { ...organization, fam: familyOf(grantId) };
  };
}
