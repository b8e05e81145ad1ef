import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { createSealer, newSecret } from '../../src/base/index.ts';
import { loadKeyRing } from '../../src/keys/index.ts';
import type { TestDatabase } from '../support/database.ts';
import type { DemoFile, House } from '../support/house.ts';
import type { Person } from '../support/person.ts';
import type { ServerProcess } from '../support/process.ts';
import { openRegistry } from '../support/registry.ts';
import {
  type Answer,
  askWithForm,
  askWithJson,
  basic,
  byAssertion,
  type ClientKey,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
  tokenOf,
} from '../support/tokens.ts';
import { managementFlows } from './management.ts';
import { browserOf, keepBrowser, peopleFlows } from './people.ts';
import { authOf, type Credentials, expectStatus, keep, post, redirectUri, type Scene, type Secrets } from './scene.ts';

const opaqueResource = 'https://opaque.example.com';
const scope = 'read';

async function machineTokens(scene: Scene): Promise<void> {
  const { issuer, demo, registry, secrets } = scene;
  const [id, secret] = [demo.client_id, demo.client_secret];
  const url = `${issuer}/oauth/token`;
  keep(scene, 'token by Basic', tokenOf(await askWithForm(url, grant, basic(id, secret))));
  keep(scene, 'token by post', tokenOf(await askWithForm(url, { ...grant, client_id: id, client_secret: secret })));
  keep(scene, 'token by JSON', tokenOf(await askWithJson(url, { ...grant, client_id: id, client_secret: secret })));
  for (const alg of ['RS256', 'EdDSA'] as const) {
    const resource = `https://${alg.toLowerCase()}.example.com`;
    await registry.makeResource({ identifier: resource, signingAlg: alg });
    const client = await registry.makeClient();
    secrets.set(`secret of the ${alg} client`, client.clientSecret);
    keep(scene, `token by ${alg}`, tokenOf(await askWithForm(url, { ...grant, resource }, authOf(client))));
  }
  const key = await makeKey('ES256');
  const signer = await registry.makeClient({ jwks: { keys: [key.publicJwk] }, allowedScopes: ['clients:read'] });
  const assertion = keep(scene, 'assertion', await signAssertion(key, goodClaims(signer.clientId, issuer)));
  keep(scene, 'token by private_key_jwt', tokenOf(await askWithForm(url, byAssertion(assertion))));
  expectStatus(await askWithForm(url, byAssertion(assertion)), 401);
}

async function dpopProof(key: ClientKey, issuer: string): Promise<string> {
  return new SignJWT({ htm: 'POST', htu: `${issuer}/oauth/token`, jti: newSecret() })
    .setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk: key.publicJwk })
    .setIssuedAt()
    .sign(key.privateKey);
}

async function boundAndOpaqueTokens(scene: Scene, client: Credentials): Promise<void> {
  const { issuer, demo } = scene;
  const key = await makeKey('ES256');
  const proof = keep(scene, 'DPoP proof', await dpopProof(key, issuer));
  const bound = await post(scene, 'token', grant, { ...basic(demo.client_id, demo.client_secret), dpop: proof });
  keep(scene, 'DPoP token', tokenOf(bound));
  const ask = { ...grant, resource: opaqueResource };
  const kept = keep(scene, 'opaque token', tokenOf(await post(scene, 'token', ask, authOf(client))));
  const revoked = keep(scene, 'revoked opaque token', tokenOf(await post(scene, 'token', ask, authOf(client))));
  expectStatus(await post(scene, 'introspect', { token: kept }, authOf(client)), 200);
  expectStatus(await post(scene, 'revoke', { token: revoked }, authOf(client)), 200);
  const header = { authorization: `Bearer ${demo['api_key']}` };
  expectStatus(await post(scene, 'introspect', { token: kept }, header), 200);
  const jwt = keep(
    scene,
    'revoked JWT',
    tokenOf(await post(scene, 'token', grant, basic(demo.client_id, demo.client_secret))),
  );
  expectStatus(await post(scene, 'revoke', { token: jwt }, basic(demo.client_id, demo.client_secret)), 200);
  // The log must not keep what was sent in the wrong place either.
  await send(`${issuer}/oauth/introspect?token=${kept}`, { method: 'POST' });
  await send(`${issuer}/oauth/jwks?access_token=${kept}`, { headers: { authorization: `Bearer ${kept}` } });
}

/** A request of an app for a resource, pushed; the browser in which it is answered; and the code that comes of it. */
async function authorize(scene: Scene, app: Credentials, person: Person, resource: string): Promise<[string, string]> {
  const { secrets } = scene;
  const run = randomUUID().slice(0, 8);
  const verifier = newSecret();
  const state = newSecret();
  const pushed = await post(
    scene,
    'par',
    {
      client_id: app.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope,
      resource,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    },
    authOf(app),
  );
  const requestUri = String(expectStatus(pushed, 201).body['request_uri']);
  const url = await person.authorize({ client_id: app.clientId, request_uri: requestUri });
  const code = url.searchParams.get('code') ?? '';
  if (code === '') throw new Error(`no code: ${url}`);
  secrets.set(`verifier ${run}`, verifier).set(`state ${run}`, state);
  secrets.set(`code ${run}`, code).set(`pushed request ${run}`, requestUri.split(':').at(-1) ?? '');
  return [code, verifier];
}

async function redeem(scene: Scene, app: Credentials, [code, verifier]: [string, string]): Promise<Answer> {
  const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
  return post(scene, 'token', fields, authOf(app));
}

async function refresh(scene: Scene, app: Credentials, name: string, token: string): Promise<string> {
  const fields = { grant_type: 'refresh_token', refresh_token: token };
  const answer = await post(scene, 'token', fields, authOf(app));
  keep(scene, `access token of ${name}`, tokenOf(answer));
  return keep(scene, `refresh token of ${name}`, String(answer.body['refresh_token']));
}

async function userTokens(scene: Scene, resource: string): Promise<void> {
  const { registry, secrets } = scene;
  const app = await registry.makeClient({
    allowedGrantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [redirectUri],
  });
  secrets.set(`secret of the app for ${resource}`, app.clientSecret);
  const person = browserOf(scene);
  const received = await authorize(scene, app, person, resource);
  const first = await redeem(scene, app, received);
  keep(scene, `access token by code for ${resource}`, tokenOf(first));
  const token = keep(scene, `refresh token by code for ${resource}`, String(first.body['refresh_token']));
  const second = await refresh(scene, app, `the refresh for ${resource}`, token);
  const again = await refresh(scene, app, `the repeated refresh for ${resource}`, token);
  if (second !== again) throw new Error('a repeated refresh got another successor');
  const last = await refresh(scene, app, `the second refresh for ${resource}`, second);
  expectStatus(await post(scene, 'introspect', { token: last }, authOf(app)), 200);
  expectStatus(await post(scene, 'revoke', { token: last }, authOf(app)), 200);
  const twice = await authorize(scene, app, person, resource);
  keep(scene, `access token of a reused code for ${resource}`, tokenOf(await redeem(scene, app, twice)));
  expectStatus(await redeem(scene, app, twice), 400);
  keepBrowser(scene, person);
}

async function serverKeys({ database, dataDir, secrets }: Scene): Promise<void> {
  const text = (await readFile(join(dataDir, 'master.key'), 'utf8')).trim();
  const sealer = createSealer(Buffer.from(text, 'base64url'));
  secrets.set('master key', text).set('cookie key', sealer.fingerprint('cookie', 'signature').toString('base64url'));
  const { published } = await loadKeyRing(database.sql, sealer, Date.now);
  for (const { alg, privateJwk } of published) {
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
      const value = privateJwk[member];
      if (value !== undefined) secrets.set(`${alg} private member ${member}`, value);
    }
    const key = createPrivateKey({ key: privateJwk as never, format: 'jwk' });
    secrets.set(`${alg} PKCS #8`, key.export({ type: 'pkcs8', format: 'der' }));
  }
}

/** Everything a server can be asked for, done once. @returns what came of it that nobody else may know. */
export async function runFlows({ issuer, dataDir }: ServerProcess, database: TestDatabase): Promise<Secrets> {
  const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;
  const secrets: Secrets = new Map(
    Object.entries(demo).filter(([name]) => /secret|token|password|^api_key$/.test(name)),
  );
  const registry = await openRegistry({ database, demo } as House);
  const scene: Scene = { issuer, database, dataDir, demo, registry, secrets };
  try {
    await registry.makeResource({ identifier: opaqueResource, tokenFormat: 'opaque' });
    const resource = await registry.makeResource({ identifier: 'https://api.example.com' });
    const client = await registry.makeClient();
    await database.sql`
      insert into resource_introspectors (resource_id, client_id) values (${resource}, ${client.clientId})`;
    secrets.set('secret of the opaque client', client.clientSecret);
    await machineTokens(scene);
    await boundAndOpaqueTokens(scene, client);
    for (const resource of ['https://api.example.com', opaqueResource]) await userTokens(scene, resource);
    await peopleFlows(scene);
    await managementFlows(scene);
    secrets.set('rotated secret', await registry.rotate(client.clientId, 3600));
    await serverKeys(scene);
    return secrets;
  } finally {
    await registry.close();
  }
}
