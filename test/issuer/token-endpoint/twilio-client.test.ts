import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import twilio from 'twilio';
import { openScene, type Scene, verifier } from './scene.ts';

type Request = { uri: string };
type RequestMethod = (request: Request) => Promise<unknown>;

/** Where the client sent its requests to. */
const visited: string[] = [];
const { prototype } = twilio.RequestClient as unknown as { prototype: { request: RequestMethod } };
const original = prototype.request;

let scene: Scene;
let client: twilio.Twilio;
beforeAll(async () => {
  scene = await openScene();
  // The clients inside the token managers too: nothing else of the package is touched.
  prototype.request = function redirected(this: unknown, request: Request) {
    const { host, pathname, search } = new URL(request.uri);
    visited.push(`${host}${pathname}`);
    const uri = host.endsWith('.twilio.com') ? scene.house.address + pathname + search : request.uri;
    return original.call(this, { ...request, uri });
  };
  client = new twilio.Twilio();
  client.setCredentialProvider(new twilio.NoAuthCredentialProvider());
});
afterAll(async () => {
  prototype.request = original;
  await scene.close();
});

const machine = () => ({
  grantType: 'client_credentials',
  clientId: scene.house.demo.client_id,
  clientSecret: scene.house.demo.client_secret,
});

/** What a promise is rejected with. */
async function complaint(work: Promise<unknown>): Promise<Error & Readonly<Record<string, unknown>>> {
  try {
    await work;
  } catch (error) {
    return error as never;
  }
  throw new Error('nothing was refused');
}

type Create = (params: object) => Promise<Readonly<Record<string, unknown>>>;
const ways: ReadonlyArray<readonly [name: string, address: string, create: () => Create]> = [
  ['oauth.v2.token', 'oauth.twilio.com/v2/token', () => client.oauth.v2.token.create as never],
  [
    'oauth.v1.token',
    'oauth.twilio.com/v1/token',
    () => (client.oauth as unknown as { v1: { token: { create: Create } } }).v1.token.create,
  ],
  ['iam.v1.token', 'iam.twilio.com/v1/token', () => client.iam.v1.token.create as never],
  ['previewIam.v1.token', 'preview-iam.twilio.com/v1/token', () => client.previewIam.v1.token.create as never],
];

describe.each(ways)('the real twilio client by %s', (_name, address, create) => {
  it('gets a token for a machine, which it can read the end of', async () => {
    const answer = await create()({ ...machine(), audience: scene.house.issuer, scope: 'clients:read' });
    expect(visited.at(-1)).toBe(address);
    expect(answer).toMatchObject({ tokenType: 'Bearer', expiresIn: 3600 });
    const { exp = 0, iat = 0, ...claims } = decodeJwt(String(answer['accessToken']));
    expect(exp - iat).toBe(3600);
    expect(claims).toMatchObject({ client_id: scene.house.demo.client_id, scope: 'clients:read' });
  });

  it('is told what is wrong with a secret, with code, status and where to read on', async () => {
    const error = await complaint(create()({ ...machine(), clientSecret: 'wrong' }));
    expect(error).toMatchObject({
      status: 401,
      code: 20003,
      message: 'client authentication failed',
      moreInfo: `${scene.house.issuer}/reference/errors#invalid_client`,
    });
  });

  it('is told of a scope, an audience and a grant type that there are not', async () => {
    const refusals = [
      { more: { scope: 'nothing:read' }, code: 29004, says: /nothing:read/ },
      { more: { audience: 'https://nowhere.example' }, code: 29005, says: /resource/ },
      { more: { grantType: 'password' }, code: 29003, says: /grant_type/ },
    ];
    for (const { more, code, says } of refusals) {
      const error = await complaint(create()({ ...machine(), ...more }));
      expect(error).toMatchObject({ status: 400, code, message: expect.stringMatching(says) });
    }
  });
});

describe('the real twilio client for a person', () => {
  it('redeems a code that was asked for at /v2/authorize, and refreshes in either version', async () => {
    const { clientId, redirectUri } = scene.app;
    const code = await scene.code({ scope: 'clients:read' }, '/v2/authorize');
    const first = await client.oauth.v2.token.create({
      grantType: 'authorization_code',
      clientId,
      code,
      redirectUri,
      codeVerifier: verifier,
    });
    expect([first.expiresIn, typeof decodeJwt(first.accessToken).exp]).toEqual([3600, 'number']);
    const refresh = { grantType: 'refresh_token', clientId };
    const second = await client.oauth.v2.token.create({ ...refresh, refreshToken: first.refreshToken });
    const third = await ways[1]?.[2]()({ ...refresh, refreshToken: second.refreshToken });
    expect(decodeJwt(String(third?.['accessToken']))).toMatchObject({ client_id: clientId, scope: 'clients:read' });
    const error = await complaint(
      client.oauth.v2.token.create({ grantType: 'authorization_code', clientId, code, redirectUri }),
    );
    expect(error).toMatchObject({ status: 400, code: 29002 });
  });
});

describe('a credential provider of the real twilio client', () => {
  const builders = {
    ClientCredentialProviderBuilder: twilio.ClientCredentialProviderBuilder,
    OrgsCredentialProviderBuilder: twilio.OrgsCredentialProviderBuilder,
  };

  function withSecret(Builder: (typeof builders)[keyof typeof builders], secret: string) {
    const provider = new Builder().setClientId(scene.house.demo.client_id).setClientSecret(secret).build();
    const own = new twilio.Twilio();
    own.setCredentialProvider(provider);
    return () => own.request({ method: 'get', uri: `${scene.house.address}/oauth_clients` });
  }

  it.each(Object.entries(builders))('%s: an API that is guarded by our tokens answers', async (_name, Builder) => {
    const { statusCode, body } = await withSecret(Builder, scene.house.demo.client_secret)();
    expect([statusCode, typeof body.data]).toEqual([200, 'object']);
    expect(visited.slice(-2)).toContain('oauth.twilio.com/v2/token');
  });

  it.each(Object.entries(builders))('%s: says why there is no token', async (_name, Builder) => {
    const error = await complaint(withSecret(Builder, 'wrong')());
    expect(error.message).toMatch(
      /^Failed to fetch access token: .*Status Code: 401\nFailed to fetch access token: client authentication failed$/s,
    );
  });
});
