import { describe, expect, it } from '@jest/globals';
import {
  ApiKeyCredentialProvider,
  ApiTokenManager,
  BasicAuthStrategy,
  BasicCredentialProvider,
  CachedTokenManager,
  ClientCredentialProvider,
  ClientCredentialProviderBuilder,
  clientSecretBasic,
  countersign,
  EnvironmentCredentialProvider,
  InvalidArgumentError,
  NoAuthCredentialProvider,
  OrgsCredentialProviderBuilder,
  PrivateKeyJwtCredentialProvider,
  privateKeyJwt,
  TokenAuthStrategy,
} from '../../src/sdk/index.ts';

const secret = 'never-shown';
const good = { tokenUrl: 'https://auth.example/oauth/token', clientId: 'client', clientSecret: secret };
const ecJwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: secret };

/** What a caller in JavaScript may hand over. */
const manager = (options: object) => () => new ApiTokenManager({ ...good, ...options } as never);
const bare = (make: new (...values: never[]) => object, ...values: readonly unknown[]) => {
  const Make = make as new (...any: readonly unknown[]) => object;
  return () => new Make(...values);
};

const refused: ReadonlyArray<[string, () => unknown, string, string]> = [
  ['no options', bare(ApiTokenManager), 'options', 'must be an object'],
  ['a list of options', bare(ApiTokenManager, []), 'options', 'must be an object, not an array'],
  ['no tokenUrl', manager({ tokenUrl: undefined }), 'tokenUrl', 'is required'],
  ['a path as tokenUrl', manager({ tokenUrl: '/oauth/token' }), 'tokenUrl', 'must be a whole URL'],
  ['http to another machine', manager({ tokenUrl: 'http://auth.example/oauth/token' }), 'tokenUrl', 'must be https'],
  ['a name that only begins like ours', manager({ tokenUrl: 'http://localhost.evil/' }), 'tokenUrl', 'must be https'],
  ['another protocol', manager({ tokenUrl: 'ftp://auth.example/' }), 'tokenUrl', 'must be an https URL'],
  ['a password in the URL', manager({ tokenUrl: `https://a:${secret}@b.example/` }), 'tokenUrl', 'must not contain'],
  ['a query in the URL', manager({ tokenUrl: 'https://auth.example/t?client=1' }), 'tokenUrl', 'must not have a query'],
  ['no clientId', manager({ clientId: '' }), 'clientId', 'is required'],
  ['a number as clientId', manager({ clientId: 5 }), 'clientId', 'must be a string, not a number'],
  ['a clientId with a line break', manager({ clientId: 'a\nb' }), 'clientId', 'control characters'],
  ['a secret with a line break at its end', manager({ clientSecret: `${secret}\n` }), 'clientSecret', 'white space'],
  ['no secret', manager({ clientSecret: undefined }), 'clientSecret', 'is required'],
  ['a secret as an object', manager({ clientSecret: { secret } }), 'clientSecret', 'must be a string, not an object'],
  ['a huge secret', manager({ clientSecret: 'x'.repeat(5000) }), 'clientSecret', 'at most 4096'],
  ['two ways at once', manager({ clientAuthentication: clientSecretBasic('x') }), 'clientSecret', 'must be left out'],
  [
    'a word as authentication',
    manager({ clientAuthentication: 'basic' }),
    'clientAuthentication',
    'must be a function',
  ],
  ['an unknown grant', manager({ grantType: 'password' }), 'grantType', 'must be one of client_credentials'],
  ['a code grant without a code', manager({ grantType: 'authorization_code' }), 'code', 'is required'],
  ['a refresh grant without a token', manager({ grantType: 'refresh_token' }), 'refreshToken', 'is required'],
  ['scopes as a list', manager({ scope: ['a'] }), 'scope', 'must be a string, not an array'],
  ['a resource in a list that is none', manager({ resource: ['a', 5] }), 'resource[1]', 'must be a string'],
  ['seconds as a text', manager({ cacheTtl: '7200' }), 'cacheTtl', 'must be a number of seconds'],
  ['a negative cacheTtl', manager({ cacheTtl: -1 }), 'cacheTtl', 'from 0 to'],
  ['NaN seconds', manager({ leeway: Number.NaN }), 'leeway', 'not NaN'],
  ['milliseconds as seconds', manager({ cacheTtl: 1_438_315_200_000 }), 'cacheTtl', 'from 0 to 31536000'],
  ['no timeout at all', manager({ timeout: 0 }), 'timeout', 'from 1 to'],
  ['an infinite timeout', manager({ timeout: Number.POSITIVE_INFINITY }), 'timeout', 'not Infinity'],
  ['half a retry', manager({ maxRetries: 1.5 }), 'maxRetries', 'must be a whole number'],
  ['a hundred retries', manager({ maxRetries: 100 }), 'maxRetries', 'from 0 to 10'],
  ['a delay as a text', manager({ retryDelay: '1s' }), 'retryDelay', 'must be a number of milliseconds'],
  ['a fetch that is none', manager({ fetch: {} }), 'fetch', 'must be a function'],
  ['a signal that is none', manager({ signal: {} }), 'signal', 'must be an AbortSignal'],
  ['a listener that is none', manager({ onBackgroundError: true }), 'onBackgroundError', 'must be a function'],
  ['a cache around nothing', bare(CachedTokenManager), 'load', 'must be a function'],
  ['a provider without a secret', bare(ClientCredentialProvider, { clientId: 'a' }), 'clientSecret', 'is required'],
  ['a provider without a URL', bare(ClientCredentialProvider, { ...good, tokenUrl: '' }), 'tokenUrl', 'is required'],
  [
    'a provider with a manager that is none',
    bare(ClientCredentialProvider, { tokenManager: {} }),
    'tokenManager',
    'must have a method getToken or fetchToken',
  ],
  ['a builder with nothing', () => new ClientCredentialProviderBuilder().build(), 'clientId', 'is required'],
  [
    'a builder without a URL',
    () => new OrgsCredentialProviderBuilder().setClientId('a').setClientSecret('b').build(),
    'tokenUrl',
    'is required',
  ],
  ['a strategy without a manager', bare(TokenAuthStrategy), 'tokenManager', 'must be an object, not undefined'],
  ['a user name with a colon', bare(BasicAuthStrategy, 'a:b', 'c'), 'username', 'must not contain a colon'],
  ['no password', bare(BasicCredentialProvider, 'a', ''), 'password', 'is required'],
  ['no API key', bare(ApiKeyCredentialProvider, undefined), 'apiKey', 'is required'],
  ['an API key with a line break', bare(ApiKeyCredentialProvider, 'a\r\nb'), 'apiKey', 'control characters'],
  ['an empty environment', bare(EnvironmentCredentialProvider, {}), 'COUNTERSIGN_TOKEN_URL', 'must be set'],
  [
    'an environment without a client',
    bare(EnvironmentCredentialProvider, { COUNTERSIGN_URL: 'https://auth.example' }),
    'COUNTERSIGN_CLIENT_ID',
    'must be set',
  ],
  ['no private key', () => privateKeyJwt({} as never), 'privateKey', 'is required'],
  ['a public key', () => privateKeyJwt({ privateKey: { kty: 'EC', x: 'x' } }), 'privateKey', 'must be a private key'],
  [
    'another PEM',
    () => privateKeyJwt({ privateKey: `-----BEGIN EC PRIVATE KEY-----\n${secret}` }),
    'privateKey',
    'PKCS#8',
  ],
  [
    'no algorithm at all',
    () => privateKeyJwt({ privateKey: ecJwk, algorithm: 'none' as never }),
    'algorithm',
    'must be one of ES256',
  ],
  ['an assertion for a day', () => privateKeyJwt({ privateKey: ecJwk, lifetime: 86_400 }), 'lifetime', 'from 1 to 600'],
  ['a provider without a key', bare(PrivateKeyJwtCredentialProvider, good), 'privateKey', 'is required'],
  ['no client options', () => countersign(undefined as never), 'options', 'must be an object'],
  ['no baseUrl', () => countersign({ apiKey: 'k' } as never), 'baseUrl', 'is required'],
  ['a baseUrl over http', () => countersign({ baseUrl: 'http://a.example', apiKey: 'k' }), 'baseUrl', 'must be https'],
  ['no credentials', () => countersign({ baseUrl: 'https://a.example' }), 'credentials', 'is required, or apiKey'],
  [
    'credentials of no kind',
    () => countersign({ baseUrl: 'https://a.example', credentials: {} as never }),
    'credentials',
    'must be a credential provider',
  ],
  [
    'two credentials',
    () => countersign({ baseUrl: 'https://a.example', apiKey: 'k', credentials: new NoAuthCredentialProvider() }),
    'apiKey',
    'must be left out',
  ],
];

/** What was thrown. */
function thrownBy(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('what cannot be right is refused where it is given, by the name of the field', () => {
  it.each(refused)('%s', (_name, make, field, rule) => {
    const error = thrownBy(make);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    const { message, field: named, code } = error as InvalidArgumentError;
    expect([named, code]).toEqual([field, 'invalid_argument']);
    expect(message).toMatch(
      new RegExp(`^${field.replaceAll(/[[\]]/g, '\\$&')} .*${rule.replaceAll(/[[\]#.]/g, '\\$&')}`),
    );
    expect(message).not.toContain(secret);
  });

  it('a header that cannot be sent is refused at the first request, without being shown', async () => {
    const clientAuthentication = () => ({ headers: { authorization: `Basic ${secret}\r\nx-evil: 1` } });
    const attempt = new ApiTokenManager({ ...good, clientSecret: undefined, clientAuthentication }).getToken();
    await expect(attempt).rejects.toMatchObject({ field: 'clientAuthentication' });
    await expect(attempt).rejects.not.toThrow(secret);
  });

  it('a key of another kind is refused at the first request, without being shown', async () => {
    const clientAuthentication = privateKeyJwt({ privateKey: ecJwk, algorithm: 'RS256' });
    const api = new ApiTokenManager({ ...good, clientSecret: undefined, clientAuthentication });
    const attempt = api.getToken();
    await expect(attempt).rejects.toMatchObject({ field: 'privateKey' });
    await expect(attempt).rejects.not.toThrow(secret);
  });

  it.each([
    'https://auth.example',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:8080',
    'http://a.localhost',
  ])('%s is an address that secrets may go to', (tokenUrl) => {
    expect(manager({ tokenUrl })).not.toThrow();
  });

  it('http to another machine is allowed where somebody says so', () => {
    expect(manager({ tokenUrl: 'http://auth:3000/oauth/token', allowInsecureRequests: true })).not.toThrow();
  });
});
