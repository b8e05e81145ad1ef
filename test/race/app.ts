import { type Answer, askWithForm } from '../support/tokens.ts';
import { type App, type Cluster, redirectUri, scopes } from './cluster.ts';

/** The tokens of a good answer to a code or a refresh token. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** An authorization that the user has just given: its family, and the code that waits to be redeemed. */
export interface Authorization {
  readonly grantId: string;
  readonly code: string;
  readonly verifier: string;
}

export function tokensOf({ status, text, body }: Answer): Tokens {
  const { access_token: access, refresh_token: refresh } = body;
  if (status !== 200 || typeof access !== 'string' || typeof refresh !== 'string') {
    throw new Error(`no tokens: ${status} ${text}`);
  }
  return { access, refresh };
}

const credentials = ({ clientId, clientSecret }: App) => ({ client_id: clientId, client_secret: clientSecret });

/** Consents as the user. */
export async function authorize({ desk, user }: Cluster, app: App): Promise<Authorization> {
  const scope = scopes.join(' ');
  const grantId = await desk.makeGrant(app.clientId, user, scope);
  return { grantId, ...(await desk.makeCode({ clientId: app.clientId, user, grantId, scope, redirectUri })) };
}

/** Redeems a code at a node. */
export function redeem(address: string, app: App, { code, verifier }: Authorization): Promise<Answer> {
  return askWithForm(`${address}/oauth/token`, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    ...credentials(app),
  });
}

/** Refreshes at a node. @param more further parameters. */
export function refresh(
  address: string,
  app: App,
  token: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return askWithForm(`${address}/oauth/token`, {
    grant_type: 'refresh_token',
    refresh_token: token,
    ...credentials(app),
    ...more,
  });
}

/** Consents and redeems: a family with its first tokens. */
export async function startFamily(cluster: Cluster, app: App): Promise<Tokens> {
  return tokensOf(await redeem(cluster.addresses[0], app, await authorize(cluster, app)));
}

/** Whether a token counts, as a node tells its own client. */
export async function isActive(address: string, app: App, token: string): Promise<boolean> {
  const answer = await askWithForm(`${address}/oauth/introspect`, { token, ...credentials(app) });
  if (typeof answer.body['active'] !== 'boolean') throw new Error(`no verdict: ${answer.status} ${answer.text}`);
  return answer.body['active'];
}

/** Whether a token counts nowhere. */
export async function isDeadEverywhere({ addresses }: Cluster, app: App, token: string): Promise<boolean> {
  const verdicts = await Promise.all(addresses.map((address) => isActive(address, app, token)));
  return !verdicts.includes(true);
}
