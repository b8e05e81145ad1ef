import { createHash } from 'node:crypto';
import { openPerson } from '../support/person.ts';
import { askWithForm, basic, grant, tokenOf } from '../support/tokens.ts';
import type { Recipe, Scene } from './scene.ts';

/** The schemas say it all. */
const plain: Recipe = async () => ({});

/**
 * The path names something that another operation makes first.
 * @param member of the record that was made. @param param of the path.
 */
const of =
  (maker: string, member = 'id', param = 'id'): Recipe =>
  async (scene) => ({ params: { [param]: String((await scene.make(maker))[member]) } });

/** A client that keeps a secret. */
const machineClient = {
  client_type: 'confidential',
  allowed_grant_types: ['client_credentials'],
  allowed_scopes: ['clients:read'],
};

const machine = ({ house: { demo } }: Scene) => basic(demo.client_id, demo.client_secret);

async function tokenOfMachine(scene: Scene): Promise<string> {
  return tokenOf(await askWithForm(`${scene.house.address}/oauth/token`, grant, machine(scene)));
}

/** The client as itself, and a token of its own. */
const aboutToken: Recipe = async (scene) => ({
  headers: machine(scene),
  body: { token: await tokenOfMachine(scene) },
});

const verifier = 'a-verifier-of-more-than-forty-three-characters-in-length';

/** What the demo's app asks for, whose users are people. */
const appRequest = ({ house: { demo } }: Scene, scope: string) => ({
  response_type: 'code',
  client_id: demo['app_client_id'] ?? '',
  redirect_uri: demo['app_redirect_uri'] ?? '',
  scope,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});

/** An authorization request that waits for somebody's answer. */
async function consentToken(scene: Scene): Promise<string> {
  const query = new URLSearchParams(appRequest(scene, 'clients:read'));
  const answer = await fetch(`${scene.house.address}/oauth/authorize?${query}`, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('consent_token') ?? '';
}

/** An access token for no resource, which is good for the claims about its user. */
async function tokenOfUser(scene: Scene): Promise<string> {
  const { house } = scene;
  const { demo } = house;
  const person = openPerson(house, { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' });
  const callback = await person.authorize(appRequest(scene, 'openid email'));
  const form = {
    grant_type: 'authorization_code',
    client_id: demo['app_client_id'] ?? '',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: demo['app_redirect_uri'] ?? '',
    code_verifier: verifier,
  };
  return tokenOf(await askWithForm(`${house.address}/oauth/token`, form));
}

/** How each operation of the document is called, by its operationId. */
export const recipes: Readonly<Record<string, Recipe>> = {
  listResources: plain,
  createResource: plain,
  retrieveResource: of('createResource'),
  updateResource: of('createResource'),
  deleteResource: of('createResource'),

  listOAuthClients: plain,
  createOAuthClient: async () => ({ body: machineClient }),
  retrieveOAuthClient: of('createOAuthClient', 'client_id'),
  updateOAuthClient: of('createOAuthClient', 'client_id'),
  deleteOAuthClient: of('createOAuthClient', 'client_id'),
  disableOAuthClient: of('createOAuthClient', 'client_id'),
  enableOAuthClient: of('createOAuthClient', 'client_id'),
  createOAuthClientSecret: of('createOAuthClient', 'client_id'),
  deleteOAuthClientSecret: async (scene) => {
    const client = (await scene.make('createOAuthClientSecret')) as {
      client_id: string;
      secrets: Array<{ id: string; expires_at: string | null }>;
    };
    const older = client.secrets.find(({ expires_at: end }) => end !== null);
    return { params: { id: client.client_id, secret_id: older?.id ?? '' } };
  },

  token: async (scene) => ({ headers: machine(scene), body: grant }),
  introspect: aboutToken,
  revoke: aboutToken,
  pushAuthorizationRequest: async (scene) => ({ body: appRequest(scene, 'clients:read') }),
  authorize: async (scene) => ({ query: appRequest(scene, 'clients:read') }),
  userInfo: async (scene) => ({ headers: { authorization: `Bearer ${await tokenOfUser(scene)}` } }),

  retrieveConsent: async (scene) => ({ params: { consent_token: await consentToken(scene) } }),
  answerConsent: async (scene) => ({ body: { consent_token: await consentToken(scene), allowed: true } }),

  authorizationServerMetadata: plain,
  openidConfiguration: plain,
  protectedResourceMetadata: plain,
  jwks: plain,
};
