import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { hashSecret } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { LookupCache } from '../store/index.ts';
import { translated } from './failures.ts';
import { type Narrow, outOfReach, type Place, readNarrowing } from './narrowing.ts';

/** What an access token says beyond RFC 9068 of what it reaches. */
export interface PlaceClaims {
  readonly org_id?: string;
  readonly account_sid?: string;
}

/** A place as a token says it. */
export const placeClaims = ({ organizationSid, accountSid }: Place): PlaceClaims => ({
  ...(organizationSid === undefined ? {} : { org_id: organizationSid }),
  ...(accountSid === undefined ? {} : { account_sid: accountSid }),
});

/** The family that a user's access token belongs to, by the hash under which the database keeps it. */
export const familyOf = (grantId: string): string => hashSecret(grantId).toString('hex');

/** A parameter of the request as it came: the library knows nothing of ours, and takes them out of its own copy. */
export const asSent =
  (ctx: KoaContextWithOIDC | undefined) =>
  (parameter: string): unknown =>
    ctx?.oidc.body?.[parameter];

/** Claims of tokens that were decided on before the library makes them. */
const decided = new WeakMap<object, object>();

/** Says what a token will claim beyond RFC 9068. */
export function decideClaims(token: object, claims: object): void {
  decided.set(token, claims);
}

export interface ClaimParts {
  readonly clients: LookupCache<Client>;
  readonly narrow: Narrow;
}

/**
 * The library's hook for claims beyond its own: a user's token is for the organization that the user chose; a machine's
 * for its client's, or for as much of it as the request narrows it to. It sees the request itself, so no way through the
 * library leads past the narrowing.
 */
export function accessTokenClaims({ clients, narrow }: ClaimParts) {
  async function ofMachine(ctx: KoaContextWithOIDC | undefined, client: Client | undefined): Promise<PlaceClaims> {
    const place = { organizationSid: client?.organizationSid };
    const wish = readNarrowing(asSent(ctx));
    const narrowed = wish === undefined ? place : await narrow(place, wish);
    if (narrowed === undefined) throw outOfReach();
    return placeClaims(narrowed);
  }

  return (ctx: KoaContextWithOIDC | undefined, token: AccessToken | ClientCredentials): Promise<object> =>
    translated(async () => {
      const known = decided.get(token);
      if (known !== undefined) return known;
      const client = await clients.get(token.clientId as string);
      const { grantId } = token as AccessToken;
      if (grantId === undefined) return ofMachine(ctx, client);
      const { organizationSid } = (ctx?.oidc.entities.Grant ?? {}) as { readonly organizationSid?: string };
      const place = { organizationSid: organizationSid ?? client?.organizationSid };
      return { ...placeClaims(place), fam: familyOf(grantId) };
    });
}
