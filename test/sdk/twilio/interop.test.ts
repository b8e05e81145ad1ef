import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type House, openHouse } from '../../support/house.ts';
import { type Endpoint, json, openEndpoint, type Reply } from '../endpoint.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

const program = fileURLToPath(new URL('program.mjs', import.meta.url));
const run = promisify(execFile);

let house: House;
let front: Endpoint;
let api: Endpoint;
let tunnel: Tunnel;
/** Tokens that the API answers 401 to. */
const revoked = new Set<string>();

/** Passes a token request of ours on to the server, so that the test can count it. */
const passOn: Reply = async (seen, res) => {
  const headers = { 'content-type': seen.headers['content-type'] ?? '' };
  const answer = await fetch(`${house.issuer}/oauth/token`, { method: 'POST', headers, body: seen.text });
  res.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
};
const guarded: Reply = (seen, res) => {
  const { authorization = '' } = seen.headers;
  const good = !revoked.has(authorization);
  return json(good ? 200 : 401, good ? { data: authorization } : { error: 'invalid_token' })(seen, res);
};

beforeAll(async () => {
  house = await openHouse();
  front = await openEndpoint(passOn);
  api = await openEndpoint(guarded);
  tunnel = await openTunnel({ 'oauth.twilio.com': house.issuer, 'api.twilio.com': api.url });
});
afterAll(async () => {
  await tunnel.close();
  await Promise.all([front.close(), api.close()]);
  await house.close();
});
beforeEach(() => {
  front.seen.length = 0;
  api.seen.length = 0;
  tunnel.visits.length = 0;
  revoked.clear();
});

/** Plays a scene. `API_URL` is what the scene's client calls: through the tunnel for theirs, directly for ours. */
async function play(scene: string, apiUrl: string): Promise<unknown> {
  const env = {
    PATH: process.env['PATH'],
    API_URL: apiUrl,
    TOKEN_URL: front.tokenUrl,
    CLIENT_ID: house.demo.client_id,
    CLIENT_SECRET: house.demo.client_secret,
    ...tunnel.environment,
  };
  const { stdout } = await run(process.execPath, [program, scene], { env, timeout: 80_000 });
  return JSON.parse(stdout);
}

const theirTokenRequests = () => tunnel.visits.filter(({ path }) => path === '/v2/token').length;
const tokensSeen = () => new Set(api.seen.map(({ headers }) => headers.authorization ?? ''));

// Each scene starts a process.
jest.setTimeout(90_000);

describe('the real twilio client', () => {
  const scenes: ReadonlyArray<[string, { readonly ours: number; readonly theirs: number; readonly tokens: number }]> = [
    ['our provider in their client', { ours: 1, theirs: 0, tokens: 1 }],
    ['our organization provider in their client', { ours: 1, theirs: 0, tokens: 1 }],
    // Their provider makes a strategy for every request, and that fetches: the twenty at once share one request of ours.
    ['our manager in their provider', { ours: 6, theirs: 0, tokens: 6 }],
    ['their manager in our provider in their client', { ours: 0, theirs: 1, tokens: 1 }],
    ['their own provider in their client', { ours: 0, theirs: 25, tokens: 25 }],
  ];
  it.each(scenes)('%s: it is served, by so many token requests', async (scene, { ours, theirs, tokens }) => {
    expect(await play(scene, 'https://api.twilio.com')).toEqual([200]);
    expect([front.seen.length, theirTokenRequests()]).toEqual([ours, theirs]);
    const seen = tokensSeen();
    expect(seen.size).toBe(tokens);
    for (const header of seen) {
      expect(decodeJwt(header.replace('Bearer ', ''))).toMatchObject({ client_id: house.demo.client_id });
    }
  });

  it('says why our provider has no token', async () => {
    const complaint = await play('a wrong secret in our provider in their client', 'https://api.twilio.com');
    expect(complaint).toContain('invalid_client');
    expect(complaint).toContain('Check clientId and its secret');
  });
});

describe('the request client of this SDK', () => {
  it.each([
    ['their provider in our client', 1],
    ['their organization provider in our client', 1],
    ['their manager in our strategy in our client', 1],
    ['their provider without credentials in our client', 0],
  ])('%s: it is served, by %i token requests of theirs', async (scene, requests) => {
    const answers = (await play(scene, api.url)) as readonly string[];
    expect([answers.length, theirTokenRequests()]).toEqual([1, requests]);
    const expected = requests === 0 ? '' : expect.stringMatching(/^Bearer ey/);
    expect(answers[0]).toEqual(expected);
  });
});
