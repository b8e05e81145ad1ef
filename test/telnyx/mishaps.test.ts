import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Telnyx from 'telnyx';
import { callback } from '../flows/people/town.ts';
import { type Office, openOffice } from './office.ts';
import { type Mishap, openUnsteadyProxy, type UnsteadyProxy } from './unsteady-proxy.ts';

let office: Office;
let proxy: UnsteadyProxy;
let telnyx: Telnyx;
beforeAll(async () => {
  office = await openOffice();
  proxy = await openUnsteadyProxy(office.town.house.issuer);
  telnyx = office.clientAt(proxy.url);
});
afterAll(async () => {
  await proxy.close();
  await office.town.close();
});

const refuse = (status: number): Mishap => ({ kind: 'refuse', status, headers: { 'retry-after-ms': '5' } });
const lose: Mishap = { kind: 'lose' };

const credentials = () => ({ client_id: office.app.clientId, client_secret: office.app.clientSecret });
const machine = () => {
  const { client_id, client_secret } = office.town.house.demo;
  return { grant_type: 'client_credentials' as const, client_id, client_secret };
};

/** What a call of the client fails with. */
async function failure(call: PromiseLike<unknown>): Promise<InstanceType<typeof Telnyx.APIError>> {
  const error = await Promise.resolve(call).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Telnyx.APIError) return error;
  throw new Error('it should have failed', { cause: error });
}

describe('the real client tries again', () => {
  it.each([429, 500, 502, 503])('after two answers of %i, whether it reads or asks for a token', async (status) => {
    proxy.plan(refuse(status), refuse(status));
    expect((await telnyx.oauthGrants.list()).meta.page_number).toBe(1);
    expect(proxy.seen).toHaveLength(3);
    proxy.plan(refuse(status), refuse(status));
    expect((await telnyx.oauth.token(machine())).token_type).toBe('Bearer');
    expect(proxy.seen).toHaveLength(3);
  });

  it('when the answer to a refresh is lost, and gets the successor that it should have had', async () => {
    proxy.plan();
    const { code, verifier } = await office.consent(telnyx, 'read');
    const grant = { grant_type: 'authorization_code' as const, code, code_verifier: verifier, redirect_uri: callback };
    const first = await telnyx.oauth.token({ ...grant, ...credentials() });
    proxy.plan(lose);
    const refresh = { grant_type: 'refresh_token' as const, ...credentials() };
    const next = await telnyx.oauth.token({ ...refresh, refresh_token: first.refresh_token ?? '' });
    expect(proxy.seen).toHaveLength(2);
    expect(await telnyx.oauth.introspect({ token: next.access_token })).toMatchObject({ active: true });
    expect((await telnyx.oauth.token({ ...refresh, refresh_token: next.refresh_token ?? '' })).token_type).toBe(
      'Bearer',
    );
  });

  it('when the answer to a consent is lost, and nothing is allowed twice', async () => {
    proxy.plan();
    const { token } = await office.ask(telnyx, 'write');
    proxy.plan(lose);
    const error = await failure(telnyx.oauth.grants({ allowed: true, consent_token: token }));
    expect([error.status, proxy.seen.length]).toEqual([422, 2]);
    const [codes] = await office.town.house.database.sql<Array<{ count: number }>>`
      select count(*)::int from artifacts where kind = 'AuthorizationCode' and consumed_at is null
        and client_id = ${office.app.clientId}`;
    expect(codes?.count).toBe(1);
  });
});

describe('the real client gives up with', () => {
  it.each([
    [429, Telnyx.RateLimitError],
    [500, Telnyx.InternalServerError],
    [503, Telnyx.InternalServerError],
  ])('the class for %i when it has tried three times', async (status, expected) => {
    proxy.plan(refuse(status), refuse(status), refuse(status));
    const error = await failure(telnyx.oauthGrants.list());
    expect(error).toBeInstanceOf(expected);
    expect(error.headers?.get('retry-after-ms')).toBe('5');
    expect(proxy.seen).toHaveLength(3);
  });

  type Failing = readonly [string, number, unknown, string | undefined, (client: Telnyx) => PromiseLike<unknown>];
  const cases: readonly Failing[] = [
    [
      'an authorization request of a client that does not exist',
      400,
      Telnyx.BadRequestError,
      undefined,
      ({ oauth }) => oauth.retrieveAuthorize({ client_id: 'x', redirect_uri: callback, response_type: 'code' }),
    ],
    [
      'a code that does not exist',
      400,
      Telnyx.BadRequestError,
      'invalid_grant',
      ({ oauth }) =>
        oauth.token({ grant_type: 'authorization_code', code: 'x', redirect_uri: callback, ...credentials() }),
    ],
    [
      'a wrong client secret',
      401,
      Telnyx.AuthenticationError,
      'invalid_client',
      ({ oauth }) => oauth.token({ ...machine(), client_secret: 'wrong' }),
    ],
    [
      'a grant that does not exist',
      404,
      Telnyx.NotFoundError,
      'invalid_request',
      ({ oauthGrants }) => oauthGrants.retrieve('00000000-0000-4000-8000-000000000000'),
    ],
    [
      'a grant whose id is none',
      404,
      Telnyx.NotFoundError,
      'invalid_request',
      ({ oauthGrants }) => oauthGrants.delete('x'),
    ],
    [
      'a page that is too large',
      422,
      Telnyx.UnprocessableEntityError,
      'invalid_request',
      ({ oauthGrants }) => oauthGrants.list({ 'page[size]': 101 }),
    ],
    [
      'a consent token that is none',
      422,
      Telnyx.UnprocessableEntityError,
      'invalid_request',
      ({ oauth }) => oauth.grants({ allowed: true, consent_token: 'x' }),
    ],
    [
      'a consent token to look at that is none',
      422,
      Telnyx.UnprocessableEntityError,
      'invalid_request',
      ({ oauth }) => oauth.retrieve('x'),
    ],
  ];

  it.each(cases)('the right class for %s, once', async (_what, status, expected, code, call) => {
    proxy.plan();
    const error = await failure(call(telnyx));
    expect(error).toBeInstanceOf(expected);
    expect([error.status, (error.error as { readonly error?: string } | undefined)?.error]).toEqual([status, code]);
    expect(error.message).toContain(String(status));
    expect(proxy.seen).toHaveLength(1);
  });

  it('the right class for an API key that is none, and for one that may not', async () => {
    proxy.plan();
    const unknown = office.clientAt(proxy.url, { apiKey: 'SK0.nothing' });
    expect(await failure(unknown.oauthGrants.list())).toBeInstanceOf(Telnyx.AuthenticationError);
    const key = await office.town.residents.makeKey(office.user.sid, ['clients:read']);
    const narrow = office.clientAt(proxy.url, { apiKey: key });
    const error = await failure(narrow.oauthGrants.list());
    expect(error).toBeInstanceOf(Telnyx.PermissionDeniedError);
    expect(error.error).toMatchObject({ error: 'insufficient_scope', errors: [{ code: 'insufficient_scope' }] });
  });
});
