import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { adminOf, dataOf, pointersOf } from '../support/tenancy.ts';
import { within } from '../support/within.ts';
import {
  codeOf,
  forge,
  goodClaims,
  goodHeader,
  type IssuerScene,
  openIssuerScene,
  secondsNow,
  verdictOn,
} from './scene.ts';

let scene: IssuerScene;
beforeAll(async () => {
  scene = await openIssuerScene();
});
afterAll(() => scene.close());

const verifyPath = '/v1/capability_tokens/verify';
const hex = (prefix: string, digit = '1') => prefix + digit.repeat(32);
const application = hex('AP');
const { ClientCapability } = twilio.jwt;
const header = { alg: 'HS256', typ: 'JWT' };
const verdict = (token: string, more = {}) => verdictOn(scene.minter, token, verifyPath, more);
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const options = () => ({ accountSid: scene.acme.account, authToken: scene.authToken });
const base = `https://taskrouter.twilio.com/v1/Workspaces/${hex('WS')}`;

describe('a capability token is verified', () => {
  const python = (scope: string, more = {}) =>
    forge(
      { typ: 'JWT', alg: 'HS256' },
      { iss: scene.acme.account, exp: secondsNow() + 60, nbf: secondsNow(), scope, ...more },
      scene.authToken,
    );

  it('with its scopes as data, whichever SDK has written them', async () => {
    const params = { a: 'x y', b: '&+=ü' };
    const node = new ClientCapability(options());
    node.addScope(new ClientCapability.IncomingClientScope('jenny & co'));
    node.addScope(
      new ClientCapability.OutgoingClientScope({ applicationSid: application, clientName: 'jenny & co', params }),
    );
    node.addScope(new ClientCapability.EventStreamScope(params));
    const inner = encodeURIComponent('a=x+y&b=%26%2B%3D%C3%BC');
    const written = python(
      'scope:client:incoming?clientName=jenny+%26+co ' +
        `scope:client:outgoing?appParams=${inner}&appSid=${application}&clientName=jenny+%26+co ` +
        `scope:stream:subscribe?params=${inner}&path=%2F2010-04-01%2FEvents`,
    );
    const scopes = [
      { type: 'incoming', client_name: 'jenny & co' },
      { type: 'outgoing', application_sid: application, client_name: 'jenny & co', params },
      { type: 'events', path: '/2010-04-01/Events', filters: params },
    ];
    for (const token of [node.toJwt(), written]) {
      expect(await verdict(token)).toMatchObject({
        valid: true,
        reason: null,
        kind: 'client_capability',
        account_sid: scene.acme.account,
        scopes,
        policies: null,
        decision: null,
      });
    }
    expect(await verdict(python(''))).toMatchObject({ valid: true, scopes: [] });
    expect((await verdict(python('scope:moon:walk?a=b')))['scopes']).toEqual([
      { type: 'other', scope: 'scope:moon:walk', parameters: { a: 'b' } },
    ]);
  });

  it.each([
    ['twice the same', 'scope:client:incoming?clientName=a&clientName=b'],
    ['no percent-encoding', 'scope:client:incoming?clientName=%zz'],
    ['no scope', 'admin'],
    ['a space too many', 'scope:client:incoming?clientName=a  scope:client:incoming?clientName=b'],
    ['parameters that cannot be read', `scope:client:outgoing?appSid=AP&appParams=%25zz`],
  ])('and refused where a scope cannot be read: %s', async (_name, scope) => {
    expect((await verdict(python(scope))).reason).toEqual({
      code: 'malformed',
      message: expect.stringMatching(/scope/),
    });
  });

  const table: ReadonlyArray<readonly [string, () => string, string]> = [
    ['no JWT', () => 'x', 'malformed'],
    [
      'an AccessToken',
      () => forge(goodHeader, goodClaims(scene.minter, scene.acme.account), scene.minter.secret),
      'wrong_type',
    ],
    ['HS512', () => forge({ ...header, alg: 'HS512' }, payloadOf(python('')), scene.authToken), 'wrong_algorithm'],
    ['not signed', () => forge({ ...header, alg: 'none' }, payloadOf(python('')), scene.authToken), 'wrong_algorithm'],
    ['a kid', () => forge({ ...header, kid: 'x' }, payloadOf(python('')), scene.authToken), 'wrong_type'],
    ['no scope', () => python('', { scope: undefined }), 'malformed'],
    ['both sorts at once', () => python('', { policies: [] }), 'malformed'],
    ['a policy without its word', () => python('', { scope: undefined, policies: [{ url: base }] }), 'malformed'],
    ['an unknown account', () => python('', { iss: hex('AC') }), 'unknown_account'],
    ['somebody else’s account', () => python('', { iss: scene.rival.account }), 'unknown_account'],
    ['the secret of a key', () => forge(header, payloadOf(python('')), scene.minter.secret), 'wrong_signature'],
    [
      'another account for TaskRouter',
      () => python('', { scope: undefined, policies: [], account_sid: scene.rival.account }),
      'wrong_account',
    ],
    ['expired', () => python('', { exp: secondsNow() - 60 }), 'expired'],
    ['not yet', () => python('', { nbf: secondsNow() + 60 }), 'not_yet_valid'],
    ['for longer than a day', () => python('', { exp: secondsNow() + 90_000 }), 'lifetime_too_long'],
  ];
  it.each(table)('and refused: %s', async (_name, token, code) => {
    expect(await codeOf(scene.minter, token(), verifyPath)).toBe(code);
  });

  it('and refused once its account is suspended, or its auth token is another', async () => {
    const { owner } = scene.acme.people;
    const operator = adminOf(scene.house.address, String(scene.house.demo['api_key']));
    const made = dataOf(await owner.post('/accounts', { name: 'Short-lived' }));
    const [accountSid, authToken] = [String(made['sid']), String(made['auth_token'])];
    const token = new ClientCapability({ accountSid, authToken }).toJwt();
    const told = () => codeOf(operator, token, verifyPath);
    expect(await told()).toBe('valid');
    await owner.post(`/accounts/${accountSid}/suspend`);
    await within(5_000, async () => (await told()) === 'account_suspended');
    await owner.post(`/accounts/${accountSid}/resume`);
    await within(5_000, async () => (await told()) === 'valid');
    await owner.post(`/accounts/${accountSid}/auth_token`);
    await within(5_000, async () => (await told()) === 'wrong_signature');
  });
});

describe('a request is held against the policies of a TaskRouter capability:', () => {
  const allow = (url: string, more: object = {}) => ({
    url,
    method: 'GET',
    query_filter: {},
    post_filter: {},
    allow: true,
    ...more,
  });
  const deny = (url: string, more: object = {}) => allow(url, { allow: false, ...more });
  const get = (url: string, more: object = {}) => ({ url, method: 'GET', ...more });
  const required = { ActivitySid: { required: true } };
  const post = (values: object) => get(base, { method: 'POST', post: values });
  const rows: ReadonlyArray<readonly [string, object[], object, boolean]> = [
    ['nothing allows', [], get(base), false],
    ['one allows', [allow(base)], get(base), true],
    ['only another method is allowed', [allow(base)], get(base, { method: 'POST' }), false],
    ['only another host is allowed', [allow(base)], get(base.replace('twilio.com', 'evil.example')), false],
    ['only another scheme is allowed', [allow(base)], get(base.replace('https', 'http')), false],
    ['what lies below is not the thing itself', [allow(`${base}/Tasks/**`)], get(`${base}/Tasks`), false],
    ['what lies below, at any depth', [allow(`${base}/Tasks/**`)], get(`${base}/Tasks/WT1/Reservations/WR1`), true],
    ['one segment', [allow(`${base}/Tasks/*`)], get(`${base}/Tasks/WT1`), true],
    ['one segment is not two', [allow(`${base}/Tasks/*`)], get(`${base}/Tasks/WT1/x`), false],
    [
      'one denies, after one that allows',
      [allow(`${base}/**`), deny(`${base}/Tasks/WT1`)],
      get(`${base}/Tasks/WT1`),
      false,
    ],
    [
      'one denies, before one that allows',
      [deny(`${base}/Tasks/WT1`), allow(`${base}/**`)],
      get(`${base}/Tasks/WT1`),
      false,
    ],
    ['a denial of something else', [deny(`${base}/Tasks/WT2`), allow(`${base}/**`)], get(`${base}/Tasks/WT1`), true],
    [
      'a denial in another spelling',
      [allow(`${base}/**`), deny(`${base}/Tasks/WT1`)],
      get(`${base}/Tasks/%57T1`),
      false,
    ],
    ['a denial with a slash more', [allow(`${base}/**`), deny(`${base}/Tasks/WT1`)], get(`${base}//Tasks/WT1/`), false],
    [
      'a denial by way of a folder',
      [allow(`${base}/**`), deny(`${base}/Tasks/WT1`)],
      get(`${base}/x/../Tasks/WT1`),
      false,
    ],
    ['a slash that is none', [allow(`${base}/Tasks/*`)], get(`${base}/Tasks/a%2Fb`), true],
    ['a host in capitals', [allow(base)], get(base.replace('taskrouter', 'TASKROUTER')), true],
    [
      'what is required is there',
      [allow(base, { method: 'POST', post_filter: required })],
      post({ ActivitySid: 'x' }),
      true,
    ],
    ['what is required is missing', [allow(base, { method: 'POST', post_filter: required })], post({}), false],
    [
      'more than what is named',
      [allow(base, { method: 'POST', post_filter: required })],
      post({ ActivitySid: 'x', Name: 'y' }),
      false,
    ],
    ['a query in the URL', [allow(base, { query_filter: { Page: { required: true } } })], get(`${base}?Page=1`), true],
    [
      'a query beside the URL',
      [allow(base, { query_filter: { Page: { required: false } } })],
      get(base, { query: { Size: '1' } }),
      false,
    ],
    [
      'a filter that nobody understands allows nothing',
      [allow(base, { query_filter: { Page: 'x' } })],
      get(base),
      false,
    ],
    ['and denies all the same', [allow(base), deny(base, { query_filter: { Page: 'x' } })], get(base), false],
    [
      'a denial is not got round with one parameter more',
      [allow(base, { method: 'POST' }), deny(base, { method: 'POST', post_filter: required })],
      post({ ActivitySid: 'x', y: 'z' }),
      false,
    ],
    ['a policy of no URL', [allow('')], get(base), false],
  ];
  it.each(rows)('%s', async (_name, held, request, allowed) => {
    const claims = { iss: scene.acme.account, exp: secondsNow() + 60, policies: held };
    const { reason, decision } = await verdict(forge(header, claims, scene.authToken), { request });
    expect([reason, (decision as { allowed: boolean }).allowed]).toEqual([null, allowed]);
  });

  it('a token that is not valid, or has no policies, allows nothing', async () => {
    const request = get(base);
    const claims = { iss: scene.acme.account, exp: secondsNow() - 60, policies: [allow(base)] };
    const [old, client] = [forge(header, claims, scene.authToken), new ClientCapability(options()).toJwt()];
    expect((await verdict(old, { request }))['decision']).toEqual({
      allowed: false,
      reason: 'The token is not valid.',
    });
    expect((await verdict(client, { request }))['decision']).toMatchObject({ allowed: false });
  });

  it.each([
    [{ url: 'x', method: 'GET' }, '/request/url'],
    [{ url: base }, '/request/method'],
    [{ url: base, method: 'GET', post: { a: 1 } }, '/request/post/a'],
    ['GET', '/request'],
  ])('a request that is none is refused %#', async (request, pointer) => {
    const answer = await scene.minter.post(verifyPath, { token: 'x', request });
    expect([answer.status, pointersOf(answer)]).toEqual([422, [pointer]]);
  });
});
