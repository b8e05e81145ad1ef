import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
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

/** Whose private half nobody has. */
const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

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

/** The first record of a list. */
async function firstOf(scene: Scene, list: string): Promise<Readonly<Record<string, unknown>>> {
  const [first] = (await scene.call(list)).body['data'] as Array<Readonly<Record<string, unknown>>>;
  if (first === undefined) throw new Error(`${list} is empty`);
  return first;
}

/** A new user in the demo's organization. */
const ofMember: Recipe = async (scene) => ({
  params: {
    sid: scene.house.demo.organization_sid,
    user_sid: String((await scene.make('createUser'))['sid']),
  },
});

/** Somebody has signed in and allowed something. */
const ofGrant: Recipe = async (scene) => {
  await tokenOfUser(scene);
  return { params: { id: String((await firstOf(scene, 'listOAuthGrants'))['id']) } };
};

const ofSession: Recipe = async (scene) => {
  await tokenOfUser(scene);
  return { params: { id: String((await firstOf(scene, 'listSessions'))['id']) } };
};

/** A client that nobody here has heard of. */
const stranger = { redirect_uris: ['https://stranger.example/callback'] };

/** It registers itself, and shows the token that it got. */
const ofStranger: Recipe = async (scene) => {
  const { body } = await scene.call('registerClient');
  return {
    params: { client_id: String(body['client_id']) },
    headers: { authorization: `Bearer ${body['registration_access_token']}` },
  };
};

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

  listOrganizations: plain,
  createOrganization: plain,
  retrieveOrganization: of('createOrganization', 'sid', 'sid'),
  updateOrganization: of('createOrganization', 'sid', 'sid'),
  suspendOrganization: of('createOrganization', 'sid', 'sid'),
  resumeOrganization: of('createOrganization', 'sid', 'sid'),
  deleteOrganization: of('createOrganization', 'sid', 'sid'),

  listMemberships: of('createOrganization', 'sid', 'sid'),
  retrieveMembership: ofMember,
  addMember: async (scene) => {
    const [organization, user] = [await scene.make('createOrganization'), await scene.make('createUser')];
    return { params: { sid: String(organization['sid']) }, body: { email: user['email'], role: 'viewer' } };
  },
  setMembership: async (scene) => ({ ...(await ofMember(scene)), body: { role: 'developer' } }),
  deleteMembership: ofMember,

  listAccounts: plain,
  createAccount: plain,
  retrieveAccount: of('createAccount', 'sid', 'sid'),
  updateAccount: of('createAccount', 'sid', 'sid'),
  suspendAccount: of('createAccount', 'sid', 'sid'),
  resumeAccount: of('createAccount', 'sid', 'sid'),
  rotateAuthToken: of('createAccount', 'sid', 'sid'),
  deleteAccount: of('createAccount', 'sid', 'sid'),

  listUsers: plain,
  createUser: async () => ({ body: { email: `${randomUUID()}@example.com` } }),
  retrieveUser: of('createUser', 'sid', 'sid'),
  updateUser: of('createUser', 'sid', 'sid'),
  suspendUser: of('createUser', 'sid', 'sid'),
  resumeUser: of('createUser', 'sid', 'sid'),
  deleteUser: of('createUser', 'sid', 'sid'),

  listApiKeys: plain,
  createApiKey: async ({ house: { demo } }) => ({
    body: { account_sid: demo['account_sid'], scopes: ['clients:read'] },
  }),
  retrieveApiKey: of('createApiKey', 'sid', 'sid'),
  updateApiKey: of('createApiKey', 'sid', 'sid'),
  revokeApiKey: of('createApiKey', 'sid', 'sid'),

  listPublicKeys: plain,
  createPublicKey: async (scene) => ({
    body: { account_sid: (await scene.make('createAccount'))['sid'], public_key: publicKey },
  }),
  retrievePublicKey: of('createPublicKey', 'sid', 'sid'),
  updatePublicKey: of('createPublicKey', 'sid', 'sid'),
  deletePublicKey: of('createPublicKey', 'sid', 'sid'),
  createAccessToken: async () => ({ body: { identity: 'alice' } }),
  verifyAccessToken: async () => ({ body: { token: 'a.b.c' } }),
  createCapabilityToken: async () => ({ body: { type: 'client', scopes: [] } }),
  verifyCapabilityToken: async () => ({ body: { token: 'a.b.c' } }),

  listOAuthGrants: plain,
  retrieveOAuthGrant: ofGrant,
  deleteOAuthGrant: ofGrant,

  listSessions: plain,
  retrieveSession: ofSession,
  deleteSession: ofSession,
  deleteUserSessions: of('createUser', 'sid', 'sid'),

  listSigningKeys: plain,
  retrieveSigningKey: async (scene) => ({ params: { kid: String((await firstOf(scene, 'listSigningKeys'))['kid']) } }),
  rotateSigningKeys: plain,
  deleteSigningKey: async (scene) => {
    const made = (await scene.call('rotateSigningKeys')).body['data'] as Array<{ kid: string }>;
    return { params: { kid: made[0]?.kid ?? '' } };
  },

  listAuditEvents: plain,
  exportAuditEvents: plain,

  token: async (scene) => ({ headers: machine(scene), body: grant }),
  tokenV1: async (scene) => ({ headers: machine(scene), body: grant }),
  tokenV2: async (scene) => ({ headers: machine(scene), body: grant }),
  introspect: aboutToken,
  revoke: aboutToken,
  pushAuthorizationRequest: async (scene) => ({ body: appRequest(scene, 'clients:read') }),
  authorize: async (scene) => ({ query: appRequest(scene, 'clients:read') }),
  authorizeV1: async (scene) => ({ query: appRequest(scene, 'clients:read') }),
  userInfo: async (scene) => ({ headers: { authorization: `Bearer ${await tokenOfUser(scene)}` } }),

  retrieveConsent: async (scene) => ({ params: { consent_token: await consentToken(scene) } }),
  answerConsent: async (scene) => ({ body: { consent_token: await consentToken(scene), allowed: true } }),

  registerClient: async () => ({ body: stranger }),
  readRegistration: ofStranger,
  updateRegistration: async (scene) => {
    const ingredients = await ofStranger(scene);
    return { ...ingredients, body: { ...stranger, client_id: ingredients.params?.['client_id'] } };
  },
  deleteRegistration: ofStranger,

  authorizationServerMetadata: plain,
  openidConfiguration: plain,
  protectedResourceMetadata: plain,
  jwks: plain,
};
