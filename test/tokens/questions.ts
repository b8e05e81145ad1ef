import type { House } from '../support/house.ts';
import { type Answer, askWithForm, basic, tokenOf } from '../support/tokens.ts';

type Text = Readonly<Record<string, string>>;

/** How somebody who asks about a token says who they are. */
export interface Credentials {
  readonly headers?: Text;
  readonly fields?: Text;
}

/** A client with a secret. */
export interface SecretClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A client by HTTP Basic. */
export const asClient = ({ clientId, clientSecret }: SecretClient): Credentials => ({
  headers: basic(clientId, clientSecret),
});

/** An API key, which is SID and secret in one string. */
export const asApiKey = (key: string): Credentials => ({ headers: { authorization: `Bearer ${key}` } });

/** `POST /oauth/introspect`. @param address of the node that is asked. */
export function introspect(address: string, token: string, who: Credentials): Promise<Answer> {
  return askWithForm(`${address}/oauth/introspect`, { token, ...who.fields }, who.headers);
}

/** `POST /oauth/revoke`. */
export function revoke(address: string, token: string, who: Credentials, more: Text = {}): Promise<Answer> {
  return askWithForm(`${address}/oauth/revoke`, { token, ...more, ...who.fields }, who.headers);
}

/** Whether a node says that a token is active. @throws Error when it says anything else. */
export async function isActive(address: string, token: string, who: Credentials): Promise<boolean> {
  const { status, body, text } = await introspect(address, token, who);
  const { active } = body;
  if (status !== 200 || typeof active !== 'boolean') throw new Error(`no introspection: ${status} ${text}`);
  if (!active && text !== '{"active":false}') throw new Error(`an inactive token is described: ${text}`);
  return active;
}

/** A machine client's access token. @param more further parameters, such as `resource`. */
export async function machineToken(address: string, client: SecretClient, more: Text = {}): Promise<string> {
  const { headers } = asClient(client);
  return tokenOf(await askWithForm(`${address}/oauth/token`, { grant_type: 'client_credentials', ...more }, headers));
}

/** The clients of the demo. */
export function demoClients({ demo }: House): { readonly machine: SecretClient; readonly tenant: SecretClient } {
  return {
    machine: { clientId: demo.client_id, clientSecret: demo.client_secret },
    tenant: { clientId: demo.org_client_id, clientSecret: demo.org_client_secret },
  };
}
