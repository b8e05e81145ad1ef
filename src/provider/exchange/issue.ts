import type { TokenEndpointGrantContext } from 'oidc-provider';
import type { Client } from '../../clients/index.ts';
import type { Resource } from '../../resources/index.ts';
import { decideClaims, placeClaims } from '../claims.ts';
import type { Place } from '../narrowing.ts';
import { type ResourceServerParts, serverOf } from '../resource-servers.ts';
import type { TokenType } from './request.ts';
import type { Actor } from './rules.ts';

/** A token that is to be issued. Times are seconds since the epoch. */
export interface Issued {
  readonly client: Client;
  readonly resource: Resource;
  readonly scope: string;
  readonly place: Place;
  readonly subject: string;
  readonly actor: Actor | undefined;
  readonly family: string | undefined;
  /** The client that the family belongs to, where it is another one. */
  readonly familyClientId: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly type: TokenType;
}

/** Claims beyond RFC 9068; what there is nothing to say of is left out. */
function claimsOf({ place, family, familyClientId, actor }: Issued): object {
  const claims = { ...placeClaims(place), fam: family, fam_client_id: familyClientId, act: actor };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** Makes the token by the library's models, in the resource's format, and the answer of RFC 8693 section 2.2.1. */
export async function issueToken(
  ctx: TokenEndpointGrantContext,
  issued: Issued,
  parts: Pick<ResourceServerParts, 'config' | 'keys'>,
): Promise<object> {
  const { provider, client } = ctx.oidc;
  const { resource, scope, subject, issuedAt: iat, expiresAt: exp } = issued;
  const common = { client, scope: scope === '' ? undefined : scope, iat, exp };
  const isOwn = subject === client.clientId;
  const token = isOwn
    ? new provider.ClientCredentials(common as never)
    : new provider.AccessToken({ ...common, accountId: subject } as never);
  const server = serverOf(resource, issued.client, scope, parts);
  token.resourceServer = new provider.ResourceServer(resource.identifier, server);
  decideClaims(token, claimsOf(issued));
  return {
    access_token: await token.save(),
    issued_token_type: issued.type,
    token_type: 'Bearer',
    expires_in: exp - iat,
    ...(scope === '' ? {} : { scope }),
  };
}
