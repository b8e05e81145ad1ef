import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, exportPKCS8, generateKeyPair, importJWK, type JWK, jwtVerify } from 'jose';
import {
  ApiTokenManager,
  type AssertionAlgorithm,
  clientSecretBasic,
  noClientAuthentication,
  OrgsTokenManager,
  type PrivateKey,
  privateKeyJwt,
  type TokenManagerOptions,
} from '../../../src/sdk/index.ts';
import { within } from '../../support/within.ts';
import { createClock } from '../clock.ts';
import { type Endpoint, hasty, inTurn, json, openEndpoint, type Reply, tokens } from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(tokens());
});
afterEach(() => endpoint.close());

const secretClient = { clientId: 'client', clientSecret: 'se cret/+' };
const make = (options: Omit<TokenManagerOptions, 'tokenUrl'>) =>
  new ApiTokenManager({ ...hasty, tokenUrl: endpoint.tokenUrl, ...options });
const formsOf = () => endpoint.seen.map(({ form }) => Object.fromEntries(form));

describe('what is sent', () => {
  it.each([ApiTokenManager, OrgsTokenManager])('by %p is a form with the credentials in it', async (Manager) => {
    await new Manager({ ...hasty, tokenUrl: endpoint.tokenUrl, ...secretClient }).getToken();
    expect(endpoint.seen[0]).toMatchObject({
      method: 'POST',
      path: '/oauth/token',
      text: 'grant_type=client_credentials&client_id=client&client_secret=se+cret%2F%2B',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(endpoint.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('has the options under their names on the wire', async () => {
    const resource = ['https://api.example/', 'https://other.example/'];
    await make({ ...secretClient, scope: 'a b', audience: 'x', resource, accountSid: 'AC1' }).getToken();
    expect([...(endpoint.seen[0]?.form ?? [])]).toEqual([
      ['account_sid', 'AC1'],
      ['grant_type', 'client_credentials'],
      ['client_id', 'client'],
      ['client_secret', 'se cret/+'],
      ['audience', 'x'],
      ['scope', 'a b'],
      ['resource', 'https://api.example/'],
      ['resource', 'https://other.example/'],
    ]);
  });

  it('carries a secret with any characters in the header where it is wanted there (RFC 6749 section 2.3.1)', async () => {
    await make({ clientId: 'a:b', clientAuthentication: clientSecretBasic('pässword %') }).getToken();
    const sent = Buffer.from(endpoint.seen[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString();
    expect(sent.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')))).toEqual(['a:b', 'pässword %']);
    expect(formsOf()).toEqual([{ grant_type: 'client_credentials' }]);
  });

  it('goes through the fetch that was given', async () => {
    const asked: string[] = [];
    const fetched = await make({
      ...secretClient,
      fetch: async (url) => {
        asked.push(url);
        return Response.json({ access_token: 'mine', token_type: 'bearer' });
      },
    }).getToken();
    expect([fetched, asked, endpoint.seen.length]).toEqual(['mine', [endpoint.tokenUrl], 0]);
  });
});

describe('a code and a refresh token', () => {
  const rotating: Reply = (() => {
    let count = 0;
    return (seen, res) => {
      count += 1;
      return json(200, { access_token: `t${count}`, refresh_token: `r${count}`, expires_in: 60 })(seen, res);
    };
  })();

  it('are each sent once: the newest refresh token takes over', async () => {
    endpoint.reply(rotating);
    const kept: string[] = [];
    const api = make({
      clientId: 'app',
      clientAuthentication: noClientAuthentication(),
      grantType: 'authorization_code',
      code: 'the-code',
      redirectUri: 'http://127.0.0.1/callback',
      codeVerifier: 'v'.repeat(43),
      onRefreshToken: (refreshToken) => kept.push(refreshToken),
    });
    await api.getToken();
    await api.refreshToken();
    await api.refreshToken();
    expect(formsOf()).toEqual([
      {
        grant_type: 'authorization_code',
        client_id: 'app',
        code: 'the-code',
        redirect_uri: 'http://127.0.0.1/callback',
        code_verifier: 'v'.repeat(43),
      },
      { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'r1' },
      { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'r2' },
    ]);
    expect(kept).toEqual(['r1', 'r2', 'r3']);
  });

  it('are not sent twice at a time, whatever is forgotten in between', async () => {
    const answers: Array<() => void> = [];
    endpoint.reply((seen, res) => void answers.push(() => void rotating(seen, res)));
    const api = make({ ...secretClient, grantType: 'refresh_token', refreshToken: 'first' });
    const early = api.getToken();
    await within(5000, async () => answers.length === 1);
    api.clearToken();
    const late = api.getToken();
    answers[0]?.();
    await early;
    await within(5000, async () => answers.length === 2);
    answers[1]?.();
    await late;
    const sent = formsOf().map(({ refresh_token }) => refresh_token);
    expect([sent[0], sent[1]?.[0], sent.length]).toEqual(['first', 'r', 2]);
  });

  it('of a server that does not rotate it is used again', async () => {
    const api = make({ ...secretClient, grantType: 'refresh_token', refreshToken: 'r0' });
    await api.getToken();
    await api.refreshToken();
    expect(formsOf().map(({ refresh_token }) => refresh_token)).toEqual(['r0', 'r0']);
  });
});

describe('private_key_jwt', () => {
  const algorithms: readonly AssertionAlgorithm[] = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'];

  async function verify(assertion: string | undefined, publicJwk: JWK, alg: string) {
    const key = await importJWK(publicJwk, alg);
    return jwtVerify(assertion ?? '', key, { algorithms: [alg], audience: endpoint.url, issuer: 'client' });
  }

  it.each(algorithms)('signs with %s from a WebCrypto key, a JWK and a PEM', async (algorithm) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const keys: PrivateKey[] = [privateKey, await exportJWK(privateKey), await exportPKCS8(privateKey)];
    for (const key of keys) {
      await make({
        clientId: 'client',
        clientAuthentication: privateKeyJwt({ privateKey: key, algorithm, keyId: 'k1' }),
      }).getToken();
    }
    expect(endpoint.seen).toHaveLength(3);
    for (const { form } of endpoint.seen) {
      expect(form.get('client_secret')).toBeNull();
      const { payload, protectedHeader } = await verify(form.get('client_assertion') ?? '', publicJwk, algorithm);
      expect(protectedHeader).toMatchObject({ alg: algorithm, kid: 'k1' });
      expect(payload).toMatchObject({ iss: 'client', sub: 'client', exp: (payload.iat ?? 0) + 60 });
    }
  });

  it('makes a new assertion for each attempt, since each is good once', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    endpoint.reply(inTurn(json(503, {}), json(503, {}), tokens()));
    await make({ clientId: 'client', clientAuthentication: privateKeyJwt({ privateKey: pem }) }).getToken();
    expect(new Set(formsOf().map(({ client_assertion }) => client_assertion)).size).toBe(3);
  });

  it.each([600, -600])('works with a clock that is %i seconds wrong, by that of the server', async (wrong) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    endpoint.reply(async (seen, res) => {
      const good = await verify(seen.form.get('client_assertion') ?? '', publicJwk, 'ES256').then(
        ({ payload }) => Math.abs((payload.iat ?? 0) - Date.now() / 1000) < 30,
        () => false,
      );
      return (good ? tokens() : json(401, { error: 'invalid_client' }))(seen, res);
    });
    const clientAuthentication = privateKeyJwt({ privateKey });
    const api = make({ clientId: 'client', clientAuthentication, clock: createClock(wrong) });
    expect(await api.getToken()).toBe('t1');
    expect(endpoint.seen).toHaveLength(2);
    await api.refreshToken();
    expect(endpoint.seen).toHaveLength(3);
  });

  it('is not tried again when the clock was right', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    endpoint.reply(json(401, { error: 'invalid_client' }));
    const api = make({ clientId: 'client', clientAuthentication: privateKeyJwt({ privateKey }) });
    await expect(api.getToken()).rejects.toThrow('invalid_client');
    expect(endpoint.seen).toHaveLength(1);
  });
});
