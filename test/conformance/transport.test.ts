import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressOf } from '../race/cluster.ts';
import { createDatabase } from '../support/database.ts';
import { type DemoFile, openHouse } from '../support/house.ts';
import { endProcesses, startServer } from '../support/process.ts';
import {
  type Answer,
  askWithForm,
  askWithJson,
  basic,
  byAssertion,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
} from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { type App, callback, openScene, type Scene } from './scene.ts';
import { formsOf, formTo, locationOf, openVisitor, toldBy, verifier } from './visitor.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const outcome = ({ status, body }: Answer) => [status, body['error']];
const metadata = async () => (await send(`${scene.house.issuer}/.well-known/oauth-authorization-server`)).body;
const tokenUrl = () => `${scene.house.issuer}/oauth/token`;

describe('what is not there', () => {
  it('51: no grant takes a password of a person', async () => {
    const { house, app } = scene;
    expect((await metadata())['grant_types_supported']).not.toContain('password');
    const credentials = { username: house.demo['user_email'] ?? '', password: house.demo['user_password'] ?? '' };
    const asked = { grant_type: 'password', ...credentials, scope: 'clients:read' };
    const answer = await askWithForm(tokenUrl(), asked, basic(app.clientId, app.clientSecret));
    expect(outcome(answer)).toEqual([400, 'unsupported_grant_type']);
    const made = scene.makeApp({ allowedGrantTypes: ['password' as never] }).then(() => 'registered');
    await expect(made).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it('52: under https every answer tells browsers to stay there, and cookies go nowhere else', async () => {
    const house = await openHouse({ ISSUER: 'https://auth.example' });
    try {
      const query = new URLSearchParams(
        scene.request({ client_id: house.demo['app_client_id'] ?? '', redirect_uri: 'http://127.0.0.1/callback' }),
      );
      const begun = await send(`${house.address}/oauth/authorize?${query}`, { headers: { accept: 'text/html' } });
      const paths = ['/oauth/jwks', '/oauth/logout', '/nowhere', '/oauth/token'];
      const answers = [begun, ...(await Promise.all(paths.map((path) => send(house.address + path))))];
      for (const { headers } of answers) {
        expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
      }
      expect(locationOf(begun)).toMatch(/^https:\/\/auth\.example\/oauth\/interaction\?/);
      const cookies = begun.headers.getSetCookie();
      expect(cookies.length).toBeGreaterThanOrEqual(2);
      expect(cookies.filter((cookie) => !/; secure/i.test(cookie) || !/; httponly/i.test(cookie))).toEqual([]);
    } finally {
      await house.close();
    }
  });

  it('53: headers that a proxy would set are nobody’s credential and nobody’s address', async () => {
    const { house, app } = scene;
    const claimed = {
      'x-forwarded-client-cert': `Hash=abc;Subject="CN=${app.clientId}"`,
      'x-ssl-client-cert': 'MIIB',
      'x-ssl-client-verify': 'SUCCESS',
      'x-ssl-client-s-dn': `CN=${app.clientId}`,
      'x-remote-user': house.demo['user_email'] ?? '',
      'x-forwarded-user': house.demo['user_email'] ?? '',
      'x-forwarded-for': '192.0.2.77',
      'x-real-ip': '192.0.2.77',
    };
    const named = { ...grant, client_id: house.demo.client_id };
    expect(outcome(await askWithForm(tokenUrl(), named, claimed))).toEqual([401, 'invalid_client']);
    expect(outcome(await send(`${house.issuer}/oauth/userinfo`, { headers: claimed }))[0]).toBe(401);
    const members = Object.keys(await metadata()).filter((name) => /mtls|tls_client|certificate/.test(name));
    expect(members).toEqual([]);
    const person = openVisitor(house);
    const begun = await person.get(`/oauth/authorize?${new URLSearchParams(scene.request())}`, claimed);
    const page = await person.get(locationOf(begun) ?? '', claimed);
    const credentials = { email: house.demo['user_email'] ?? '', password: 'wrong' };
    await person.send(formTo(page, '/login'), credentials, { origin: house.issuer, ...claimed });
    const rows = await house.database.sql<Array<{ address: string }>>`
      select distinct address from audit_events where address is not null`;
    expect(rows.map(({ address }) => address)).toEqual(['127.0.0.1']);
  });
});

describe('the metadata', () => {
  const basicOf = ({ clientId, clientSecret }: App) => basic(clientId, clientSecret);

  /** A token by each way of authenticating. */
  async function waysIn(): Promise<Readonly<Record<string, () => Promise<Answer>>>> {
    const { house, registry, person, request, redeem } = scene;
    const key = await makeKey('ES256');
    const secret = await registry.makeClient();
    const { clientId } = await registry.makeClient({ jwks: { keys: [key.publicJwk] } });
    const { clientId: client_id, clientSecret: client_secret } = secret;
    const open = { client_id: house.demo['app_client_id'] ?? '', redirect_uri: 'http://127.0.0.1/callback' };
    return {
      client_secret_basic: () => askWithForm(tokenUrl(), grant, basicOf(secret)),
      client_secret_post: () => askWithForm(tokenUrl(), { ...grant, client_id, client_secret }),
      private_key_jwt: async () =>
        askWithForm(tokenUrl(), byAssertion(await signAssertion(key, goodClaims(clientId, house.issuer)))),
      none: async () => redeem((await person.authorize(request(open))).told['code'] ?? '', open),
    };
  }

  it('54: names the ways to authenticate and the grants that work, and those that it does not name do not', async () => {
    const known = await metadata();
    const ways = await waysIn();
    expect(new Set(known['token_endpoint_auth_methods_supported'] as string[])).toEqual(new Set(Object.keys(ways)));
    for (const [way, ask] of Object.entries(ways)) expect([way, (await ask()).status]).toEqual([way, 200]);
    const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
    const grants = ['authorization_code', 'client_credentials', 'refresh_token', exchange];
    expect(new Set(known['grant_types_supported'] as string[])).toEqual(new Set(grants));
    const absent = ['device_code', 'jwt-bearer', 'saml2-bearer'].map(
      (name) => `urn:ietf:params:oauth:grant-type:${name}`,
    );
    for (const type of ['implicit', 'urn:openid:params:grant-type:ciba', ...absent]) {
      const answer = await askWithForm(tokenUrl(), { grant_type: type }, basicOf(scene.app));
      expect(outcome(answer)).toEqual([400, 'unsupported_grant_type']);
    }
  });

  it('54: names endpoints that answer, and no parameter of the authorization endpoint that is not read', async () => {
    const { house, request } = scene;
    const known = await metadata();
    const endpoints = Object.entries(known).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
    expect(endpoints.length).toBeGreaterThanOrEqual(8);
    for (const [name, url] of endpoints) {
      const statuses = await Promise.all(
        ['GET', 'POST'].map(async (method) => (await send(String(url), { method })).status),
      );
      expect([name, statuses.every((status) => status === 404 || status === 405)]).toEqual([name, false]);
    }
    const absent = ['request_parameter_supported', 'request_uri_parameter_supported', 'claims_parameter_supported'];
    expect(absent.filter((name) => known[name] === true)).toEqual([]);
    const refused = {
      request: 'request_not_supported',
      request_uri: 'request_uri_not_supported',
      registration: 'registration_not_supported',
      response_mode: 'unsupported_response_mode',
    };
    for (const [name, error] of Object.entries(refused)) {
      const query = new URLSearchParams(request({ [name]: 'https://app.example/e30.e30.' }));
      const answer = await openVisitor(house).get(`/oauth/authorize?${query}`);
      expect([name, toldBy(answer, callback)['error']]).toEqual([name, error]);
    }
  });
});

/** What an answer hands to a browser that nobody else should see: cookies, seals of forms, codes and tokens in URLs. */
function secretsIn(answer: Answer): readonly string[] {
  const cookies = answer.headers.getSetCookie().map((line) => /^[^=]+=([^;]*)/.exec(line)?.[1] ?? '');
  const seals = formsOf(answer).flatMap(({ fields }) => fields.map(([, value]) => value));
  const inUrl = [...new URL(locationOf(answer) ?? 'about:blank').searchParams].map(([, value]) => value);
  return [...cookies, ...seals, ...inUrl].filter((value) => /^[\w-]{40,}$/.test(value));
}

describe('failures and logs', () => {
  it('55: an error says nothing of statements, files or causes', async () => {
    const { house, person, request } = scene;
    const { sql } = house.database;
    const asApp = basic(scene.app.clientId, scene.app.clientSecret);
    const code = await scene.code();
    const begun = locationOf(await openVisitor(house).get(`/oauth/authorize?${new URLSearchParams(request())}`)) ?? '';
    await sql`alter table artifacts rename to elsewhere`;
    await sql`alter table consent_tokens rename to elsewhere_too`;
    try {
      const key = { authorization: `Bearer ${house.demo['api_key']}` };
      const consentToken = new URL(begun).searchParams.get('consent_token') ?? '';
      const answers = [
        await scene.redeem(code),
        await askWithForm(`${house.issuer}/oauth/par`, request(), asApp),
        await openVisitor(house).get(begun),
        (await person.authorize(request())).last,
        await send(`${house.issuer}/oauth/authorize?${new URLSearchParams(request())}`),
        await send(`${house.issuer}/oauth/consent/${consentToken}`, { headers: key }),
        await askWithJson(`${house.issuer}/oauth/grants`, { consent_token: consentToken, allowed: true }, key),
      ];
      for (const answer of answers) {
        const said = `${answer.text} ${locationOf(answer) ?? ''}`;
        expect(said).toMatch(/server_error|went wrong|Something/i);
        expect(said).not.toMatch(
          /relation|artifacts|consent_tokens|select |insert |postgres|\bat .*\.[jt]s|node_modules|42P01/i,
        );
      }
    } finally {
      await sql`alter table elsewhere rename to artifacts`;
      await sql`alter table elsewhere_too rename to consent_tokens`;
    }
  });

  it('55: the log of a sign-in, at its most talkative, holds no password, cookie, code or token', async () => {
    const database = await createDatabase();
    const log = { LOG_LEVEL: 'trace', LOG_FORMAT: 'json' };
    const server = await startServer({ NODE_ENV: 'test', SEED_DEMO: 'true', DATABASE_URL: database.url, ...log });
    try {
      const demo = JSON.parse(await readFile(join(server.dataDir, 'demo.json'), 'utf8')) as DemoFile;
      const { issuer } = server;
      const client = { client_id: demo['app_client_id'] ?? '', redirect_uri: 'http://127.0.0.1/callback' };
      const secrets = new Set([demo['user_password'] ?? '', verifier]);
      const person = openVisitor({ issuer, address: addressOf(server), demo });
      const { answers, told } = await person.authorize(scene.request({ ...client, scope: 'openid grants:read' }));
      const fields = { grant_type: 'authorization_code', code: told['code'] ?? '', code_verifier: verifier, ...client };
      const { body } = await askWithForm(`${issuer}/oauth/token`, fields);
      const bearer = { authorization: `Bearer ${body['access_token']}` };
      await send(`${issuer}/oauth/userinfo`, { headers: bearer });
      await send(`${issuer}/oauth/userinfo?access_token=${body['access_token']}`);
      for (const answer of answers) for (const secret of secretsIn(answer)) secrets.add(secret);
      for (const name of ['access_token', 'id_token']) secrets.add(String(body[name]));
      expect(secrets.size).toBeGreaterThan(10);
      const written = () => {
        const lines = server.stdout().split('\n');
        return lines.filter((line) => line.startsWith('{')).join('\n') + server.stderr();
      };
      // A line is written behind its answer.
      await within(10_000, async () => (written().match(/"request"/g)?.length ?? 0) > 8);
      const all = written();
      expect([...secrets].filter((secret) => secret.length < 16 || all.includes(secret))).toEqual([]);
    } finally {
      await endProcesses();
      await database.drop();
    }
  });
});
