import { createHash } from 'node:crypto';
import { newSecret } from '../../src/base/index.ts';
import { openPerson, type Person } from '../support/person.ts';
import { askWithJson, send, tokenOf } from '../support/tokens.ts';
import { authOf, type Credentials, expectStatus, keep, post, redirectUri, type Scene } from './scene.ts';

const resource = 'https://api.example.com';

/** A browser of the demo's user. */
export const browserOf = ({ issuer, demo }: Scene): Person =>
  openPerson({ issuer }, { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' });

/** Parameters of addresses, and fields of forms, that let whoever knows them act. */
const telling = ['consent_token', 'note', 'csrf', 'xsrf'];

/**
 * Everything that a browser was given to keep to itself: cookies (one of which names the request), seals of
 * forms, consent tokens.
 */
export function keepBrowser({ secrets }: Scene, { trail }: Person): void {
  const found: Array<[string, string]> = [];
  for (const { url, setCookies, forms } of trail) {
    const fields = forms.flatMap((form) => form.fields);
    const named = [...url.searchParams, ...fields].filter(([name]) => telling.includes(name));
    const cookies = setCookies.map((line): [string, string] => {
      const [name = '', ...value] = (line.split(';')[0] ?? '').split('=');
      return [`cookie ${name}`, decodeURIComponent(value.join('='))];
    });
    found.push(...named.map(([name, value]): [string, string] => [name, value]), ...cookies);
  }
  const known = new Set(secrets.values());
  for (const [name, value] of found) {
    if (value === '' || known.has(value)) continue;
    known.add(value);
    secrets.set(`${name} ${secrets.size}`, value);
  }
}

interface Request {
  readonly parameters: Readonly<Record<string, string>>;
  readonly verifier: string;
}

function requestOf({ secrets }: Scene, app: Credentials, more: Readonly<Record<string, string>>): Request {
  const verifier = newSecret();
  const state = newSecret();
  secrets.set(`verifier ${secrets.size}`, verifier).set(`state ${secrets.size}`, state);
  const parameters = {
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  return { parameters, verifier };
}

/** Redeems a callback's code and keeps all that comes of it. */
async function redeem(scene: Scene, app: Credentials, name: string, url: URL, verifier: string) {
  const code = url.searchParams.get('code') ?? '';
  scene.secrets.set(`code ${name}`, code);
  const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
  const answer = expectStatus(await post(scene, 'token', fields, authOf(app)), 200);
  const access = keep(scene, `access token ${name}`, tokenOf(answer));
  for (const kind of ['id_token', 'refresh_token']) {
    const token = answer.body[kind];
    if (typeof token === 'string') keep(scene, `${kind} ${name}`, token);
  }
  return { access, idToken: String(answer.body['id_token']) };
}

/** Somebody mistypes their password, signs in, consents, is known again, and signs out. */
async function signInAndOut(scene: Scene, app: Credentials): Promise<void> {
  const { issuer, secrets, demo } = scene;
  const person = browserOf(scene);
  const wish = { nonce: newSecret(), scope: 'openid profile email org offline_access', prompt: 'consent' };
  const { parameters, verifier } = requestOf(scene, app, wish);
  const mistyped = `mistyped ${newSecret()}`;
  secrets.set('mistyped password', mistyped);
  const login = await person.begin(parameters);
  const again = await person.send(login, 'login', [
    ['email', demo['user_email'] ?? ''],
    ['password', mistyped],
  ]);
  const end = await person.answer(again);
  const { access, idToken } = await redeem(scene, app, 'by OpenID Connect', end.url, verifier);
  expectStatus(await send(`${issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${access}` } }), 200);
  const silent = requestOf(scene, app, { scope: 'openid', prompt: 'none', id_token_hint: idToken });
  await redeem(scene, app, 'by nobody’s answer', await person.authorize(silent.parameters), silent.verifier);
  await person.signOut({ id_token_hint: idToken });
  keepBrowser(scene, person);
}

/** A frontend of somebody else asks in place of the pages. */
async function allowElsewhere(scene: Scene, app: Credentials): Promise<void> {
  const { issuer, demo } = scene;
  const person = browserOf(scene);
  const { parameters, verifier } = requestOf(scene, app, { scope: 'read', resource });
  const page = await person.begin(parameters);
  const token = page.url.searchParams.get('consent_token') ?? '';
  const headers = { authorization: `Bearer ${demo['api_key']}` };
  expectStatus(await send(`${issuer}/oauth/consent/${token}`, { headers }), 200);
  const body = { allowed: true, consent_token: token };
  const answer = expectStatus(await askWithJson(`${issuer}/oauth/grants`, body, headers), 200);
  await redeem(scene, app, 'by a frontend', new URL(String(answer.body['redirect_uri'])), verifier);
  keepBrowser(scene, person);
}

/** Everything that people do, once. */
export async function peopleFlows(scene: Scene): Promise<void> {
  const { registry, secrets } = scene;
  const app = await registry.makeClient({
    allowedGrantTypes: ['authorization_code', 'refresh_token'],
    allowedScopes: ['openid', 'profile', 'email', 'org', 'offline_access', 'read'],
    redirectUris: [redirectUri],
  });
  secrets.set('secret of the app of people', app.clientSecret);
  await signInAndOut(scene, app);
  await allowElsewhere(scene, app);
}
