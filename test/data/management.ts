import { generateKeyPairSync } from 'node:crypto';
import { newSecret } from '../../src/base/index.ts';
import { ValidationToken } from '../../src/sdk/jwt/index.ts';
import { type Answer, askWithForm, askWithJson, basic, grant, send, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { expectStatus, keep, type Scene } from './scene.ts';

type Fields = Readonly<Record<string, unknown>>;

const bearer = (credential: unknown) => ({ authorization: `Bearer ${credential}` });

/** The record of a good answer, whose secrets are kept. */
function recordOf({ secrets }: Scene, name: string, { status, body, text }: Answer): Fields {
  if (status >= 300) throw new Error(`${name}: ${status} ${text}`);
  const record = (body['data'] ?? body) as Fields;
  for (const member of ['client_secret', 'secret', 'key', 'auth_token', 'registration_access_token']) {
    const value = record[member];
    if (typeof value === 'string') secrets.set(`${member} of ${name}`, value);
  }
  return record;
}

/** A client registers itself, uses what it got, and changes its registration, which rotates its token. */
async function registerOneself(scene: Scene): Promise<void> {
  const { issuer, database } = scene;
  const url = `${issuer}/oauth/register`;
  const wish = {
    redirect_uris: ['https://app.example.com/callback'],
    token_endpoint_auth_method: 'client_secret_basic',
  };
  const client = recordOf(scene, 'a registered client', await askWithJson(url, wish));
  const id = String(client['client_id']);
  const code = { grant_type: 'authorization_code', code: newSecret(), redirect_uri: wish.redirect_uris[0] ?? '' };
  expectStatus(await askWithForm(`${issuer}/oauth/token`, code, basic(id, String(client['client_secret']))), 400);
  await within(
    10_000,
    async () => (await database.sql`select from last_uses where kind = 'client' and id = ${id}`).count === 1,
  );
  const managed = `${url}/${id}`;
  const headers = bearer(client['registration_access_token']);
  expectStatus(await send(managed, { headers }), 200);
  const body = JSON.stringify({ client_id: id, ...wish, client_name: 'Another name' });
  const change = { method: 'PUT', headers: { ...headers, 'content-type': 'application/json' }, body };
  recordOf(scene, 'a registered client that changed', await send(managed, change));
}

/** A client is made over REST by a request that may be repeated, gets another secret, and uses both. */
async function makeClient(scene: Scene): Promise<void> {
  const { issuer, demo, secrets } = scene;
  const as = bearer(demo['api_key']);
  const idempotency = newSecret();
  secrets.set('idempotency key', idempotency);
  const url = `${issuer}/oauth_clients`;
  const body = {
    name: 'Over REST',
    client_type: 'confidential',
    allowed_scopes: ['clients:read'],
    allowed_grant_types: ['client_credentials'],
  };
  const repeatable = { ...as, 'idempotency-key': idempotency };
  const first = await askWithJson(url, body, repeatable);
  const client = recordOf(scene, 'a client made over REST', first);
  const again = recordOf(scene, 'a client asked for again', await askWithJson(url, body, repeatable));
  if (again['client_secret'] !== client['client_secret']) throw new Error('a repeated request made another client');
  const id = String(client['client_id']);
  const rotated = recordOf(scene, 'a rotated client', await askWithJson(`${url}/${id}/secrets`, {}, as));
  for (const [name, secret] of [
    ['the first secret', client['client_secret']],
    ['the rotated secret', rotated['client_secret'] ?? rotated['secret']],
  ] as const) {
    const answer = await askWithForm(`${issuer}/oauth/token`, grant, basic(id, String(secret)));
    keep(scene, `token by ${name}`, tokenOf(answer));
  }
}

/** Tokens are minted with a key, in the express lane and beside it, and asked about. */
async function mintTokens(scene: Scene, as: Readonly<Record<string, string>>): Promise<void> {
  const wishes = [
    ['access_tokens', { identity: 'alice' }],
    ['access_tokens?a=b', { identity: 'bob' }],
    ['capability_tokens', { type: 'client', scopes: [] }],
  ] as const;
  for (const [path, wish] of wishes) {
    const answer = expectStatus(await askWithJson(`${scene.issuer}/v1/${path}`, wish, as), 201);
    const token = keep(scene, `a token of ${path}`, String(answer.body['token']));
    expectStatus(await askWithJson(`${scene.issuer}/v1/access_tokens/verify`, { token }, as), 200);
  }
}

/** An account gets another auth token, and a key that is used. */
async function makeKey(scene: Scene): Promise<void> {
  const { issuer, demo, database } = scene;
  const as = bearer(demo['api_key']);
  const account = recordOf(scene, 'an account', await askWithJson(`${issuer}/accounts`, { name: 'Over REST' }, as));
  const sid = String(account['sid']);
  recordOf(scene, 'an account that was rotated', await askWithJson(`${issuer}/accounts/${sid}/auth_token`, {}, as));
  const wish = { name: 'Over REST', account_sid: sid, scopes: ['accounts:read', 'access_tokens:write'] };
  const key = recordOf(scene, 'an API key', await askWithJson(`${issuer}/api_keys`, wish, as));
  expectStatus(await send(`${issuer}/accounts`, { headers: bearer(key['key']) }), 200);
  await mintTokens(scene, bearer(key['key']));
  await within(
    10_000,
    async () =>
      (await database.sql`select from last_uses where kind = 'api_key' and id = ${String(key['sid'])}`).count === 1,
  );
}

/** An account gets a public key, after its private half was sent by mistake, and its key signs a call. */
async function signCall(scene: Scene): Promise<void> {
  const { issuer, demo, secrets } = scene;
  const as = bearer(demo['api_key']);
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.set('exponent of a private key', String(pair.privateKey.export({ format: 'jwk' }).d));
  secrets.set('line of a private key', privateKey.split('\n')[10] ?? '');
  const add = (public_key: string) => askWithJson(`${issuer}/public_keys`, { name: 'Signer', public_key }, as);
  expectStatus(await add(privateKey), 422);
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { sid, account_sid: accountSid } = recordOf(scene, 'a public key', await add(publicKey));
  const signer = new ValidationToken({
    accountSid: String(accountSid),
    credentialSid: String(sid),
    signingKey: String(demo['api_key_sid']),
    privateKey,
  });
  const url = `${issuer}/accounts`;
  const token = signer.fromHttpRequest({ url, method: 'GET', headers: as });
  keep(scene, 'validation token', token);
  expectStatus(await send(url, { headers: { ...as, 'twilio-client-validation': token } }), 200);
  expectStatus(await send(`${url}?other`, { headers: { ...as, 'twilio-client-validation': token } }), 401);
}

/** Everything that hands out secrets over REST or to clients that register themselves, once. */
export async function managementFlows(scene: Scene): Promise<void> {
  await registerOneself(scene);
  await makeClient(scene);
  await makeKey(scene);
  await signCall(scene);
}
