import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, type ServerProcess, startServer } from '../support/process.ts';
import { type Answer, askWithForm, askWithJson, basic, grant, send, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';

type Line = Readonly<Record<string, unknown>>;

const masterKey = randomBytes(32).toString('base64url');

let database: TestDatabase;
let server: ServerProcess;
let demo: Readonly<Record<string, string>>;
beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    MASTER_KEY: masterKey,
    SEED_DEMO: 'true',
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'trace',
  });
  // It is ready a moment before it says so.
  await within(5_000, async () => server.stdout().includes('Stop with Ctrl-C.\n\n'));
  demo = JSON.parse(await readFile(join(server.dataDir, 'demo.json'), 'utf8')) as typeof demo;
});
afterAll(async () => {
  await endProcesses();
  await database.drop();
});

/** The greeting for people, which shows the demo's credentials on purpose, and the log around it. */
function output(): { readonly greeting: string; readonly log: string } {
  const text = server.stdout();
  const [from, to] = [text.indexOf('\nCountersign is ready.'), text.indexOf('Stop with Ctrl-C.\n\n') + 19];
  expect([from > 0, to > from]).toEqual([true, true]);
  return { greeting: text.slice(from, to), log: text.slice(0, from) + text.slice(to) };
}

const log = (): Line[] =>
  output()
    .log.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Every way in which a request can carry a secret, right or wrong. */
async function carrySecrets(wrong: string): Promise<Answer[]> {
  const url = `${server.issuer}/oauth/token`;
  const { client_id: id = '', client_secret: secret = '', api_key: key = '' } = demo;
  const [good, bad] = [
    { ...grant, client_id: id, client_secret: secret },
    { ...grant, client_id: id, client_secret: wrong },
  ];
  return Promise.all([
    askWithForm(url, grant, basic(id, secret)),
    askWithForm(url, good),
    askWithJson(url, good),
    askWithForm(url, grant, basic(id, wrong)),
    askWithForm(url, bad),
    askWithJson(url, bad),
    askWithForm(url, grant, basic(wrong, wrong)),
    askWithJson(url, `{"grant_type":"client_credentials","client_secret":"${wrong}",,}`),
    askWithForm(url, { ...good, client_assertion: wrong, code: wrong, refresh_token: wrong, code_verifier: wrong }),
    askWithForm(url, { ...grant, client_id: id, scope: wrong, resource: wrong }, basic(id, secret)),
    askWithForm(url, grant, { authorization: `Bearer ${key}` }),
    askWithForm(url, good, { authorization: `Bearer ${key}`, cookie: `session=${wrong}` }),
    askWithForm(url, grant, { authorization: `DPoP ${wrong}` }),
    askWithForm(url, grant, { authorization: `Basic ${wrong}` }),
    askWithForm(`${url}?client_secret=${wrong}`, good),
    askWithForm(`${url}?unknown=${wrong}`, good, { 'user-agent': wrong, referer: `https://a.example/${wrong}` }),
    send(`${server.issuer}/oauth/jwks?access_token=${wrong}`),
    send(`${server.issuer}/nowhere/${wrong}?token=${wrong}`),
    send(`${server.issuer}/healthz?token=${wrong}`),
    send(`${server.admin}/metrics?token=${wrong}`),
  ]);
}

describe('the log at its most talkative', () => {
  it('is one JSON object a line', () => {
    const messages = log().map(({ msg }) => msg);
    expect(messages).toEqual(expect.arrayContaining(['signing keys made', 'demo data seeded', 'listening']));
    expect(server.stderr()).toBe('');
  });

  it('holds no secret and no token, however they came in or went out', async () => {
    const wrong = newSecret();
    const before = log().length;
    const answers = await carrySecrets(wrong);
    const tokens = answers.slice(0, 3).map(tokenOf);
    // Health checks are not logged.
    await within(5_000, async () => log().length >= before + answers.length - 1);
    const { client_id: id, client_secret: secret } = demo;
    const secrets = [
      wrong,
      secret,
      ...['org_client_secret', 'api_key', 'api_key_secret', 'account_auth_token', 'user_password'].map(
        (name) => demo[name],
      ),
      Buffer.from(`${id}:${secret}`).toString('base64'),
      Buffer.from(`${id}:${wrong}`).toString('base64'),
      masterKey,
      Buffer.from(masterKey, 'base64url').toString('hex'),
      encodeURIComponent(database.target.password),
      ...tokens,
      ...tokens.map((token) => token.split('.')[2]),
    ];
    const everything = output().log + server.stderr();
    const found = secrets.filter((value) => value === undefined || value.length < 8 || everything.includes(value));
    expect(found).toEqual([]);
  });

  it('shows the demo client in the greeting for people only, and no other secret there', () => {
    const { greeting } = output();
    expect(greeting.split(demo['client_secret'] ?? '')).toHaveLength(2);
    for (const name of ['org_client_secret', 'api_key_secret', 'account_auth_token', 'user_password']) {
      expect(greeting).not.toContain(demo[name]);
    }
    expect(greeting).not.toContain(masterKey);
  });
});

describe('the request id', () => {
  /** Sends a request and finds its line in the log. */
  async function trace(given: Readonly<Record<string, string>>): Promise<{ readonly id: string; readonly line: Line }> {
    const answer = await send(`${server.issuer}/oauth/jwks`, { headers: given });
    const id = answer.headers.get('x-request-id') ?? '';
    const find = () => log().find((line) => line['requestId'] === id);
    await within(2_000, async () => find() !== undefined);
    return { id, line: find() ?? {} };
  }

  it('of the caller is taken over, into the answer and the log', async () => {
    const { id, line } = await trace({ 'x-request-id': 'trace-01HZX.7_a' });
    expect(id).toBe('trace-01HZX.7_a');
    expect(line).toMatchObject({ method: 'GET', route: '/oauth/jwks', status: 200, client: '127.0.0.1' });
  });

  it.each(['with spaces', '"},{"level":60', '<script>', 'x'.repeat(129), 'caf\u00e9', ''])(
    'that could do harm in a log is replaced: %s',
    async (given) => {
      const { id } = await trace({ 'x-request-id': given });
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    },
  );

  it('is made where there is none, anew for each request', async () => {
    expect((await trace({})).id).not.toBe((await trace({})).id);
  });
});

describe('the log in development', () => {
  it('is for people: lines of text without colour codes where there is no terminal', async () => {
    const plain = await startServer({ DATABASE_URL: database.url, MASTER_KEY: masterKey });
    await fetch(`${plain.issuer}/oauth/jwks`);
    await within(2_000, async () => plain.stdout().includes('/oauth/jwks'));
    expect(plain.stdout()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening /m);
    expect(plain.stdout()).toMatch(/INFO: request \{.*"route":"\/oauth\/jwks","status":200/);
    expect(plain.stdout()).not.toContain(String.fromCharCode(27));
  });
});
