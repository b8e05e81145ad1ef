import type { Desk } from '../support/protocol.ts';
import type { Registry } from '../support/registry.ts';
import { askWithForm, tokenOf } from '../support/tokens.ts';
import { asClient, type SecretClient } from './questions.ts';

/** What a person's consent gave a client. */
export interface Authorization {
  readonly user: string;
  /** The library's name of the family; the database keeps its hash. */
  readonly grantId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A client that acts for people. */
export function makeWebClient(registry: Registry, wish: Parameters<Registry['makeClient']>[0] = {}) {
  return registry.makeClient({
    allowedGrantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['https://app.example/callback'],
    ...wish,
  });
}

/** Refreshes at a node. */
export function refresh(address: string, client: SecretClient, refreshToken: string) {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
  return askWithForm(`${address}/oauth/token`, fields, asClient(client).headers);
}

/** What a person allowed a client, before the client has refreshed for the first time. */
export type Consent = Omit<Authorization, 'accessToken'>;

/** Lets a user allow a client the scope `read` at a resource. */
export async function consent(desk: Desk, clientId: string, resource: string, user?: string): Promise<Consent> {
  const { provider } = desk;
  const accountId = user ?? (await desk.makeUser());
  const grant = new provider.Grant({ clientId, accountId });
  grant.addResourceScope(resource, 'read');
  const grantId = await grant.save();
  const client = await provider.Client.find(clientId);
  if (client === undefined) throw new Error('there is no such client');
  const iiat = Math.floor(Date.now() / 1000);
  const details = {
    client,
    accountId,
    grantId,
    resource,
    scope: 'read',
    gty: 'authorization_code',
    iiat,
    rotations: 0,
  };
  return { user: accountId, grantId, refreshToken: await new provider.RefreshToken(details as never).save() };
}

/** The same, and gets the tokens from a node. */
export async function authorize(
  desk: Desk,
  address: string,
  client: SecretClient,
  resource: string,
  user?: string,
): Promise<Authorization> {
  const given = await consent(desk, client.clientId, resource, user);
  const answer = await refresh(address, client, given.refreshToken);
  return { ...given, accessToken: tokenOf(answer), refreshToken: answer.body['refresh_token'] as string };
}
