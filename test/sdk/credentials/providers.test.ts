import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiKeyCredentialProvider,
  ApiTokenManager,
  BasicCredentialProvider,
  ClientCredentialProvider,
  ClientCredentialProviderBuilder,
  type CredentialProvider,
  clientSecretBasic,
  EnvironmentCredentialProvider,
  NoAuthCredentialProvider,
  OrgsCredentialProvider,
  OrgsCredentialProviderBuilder,
  OrgsTokenManager,
  type TokenManager,
} from '../../../src/sdk/index.ts';
import { type Endpoint, openEndpoint, tokens } from '../endpoint.ts';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint(tokens());
});
afterEach(() => endpoint.close());

const headerOf = (provider: CredentialProvider) => provider.toAuthStrategy().getAuthString();

describe.each([
  ['ClientCredentialProvider', ClientCredentialProviderBuilder, ClientCredentialProvider, ApiTokenManager],
  ['OrgsCredentialProvider', OrgsCredentialProviderBuilder, OrgsCredentialProvider, OrgsTokenManager],
] as const)('%s', (_name, Builder, Provider, Manager) => {
  const builder = () => new Builder().setClientId('client').setClientSecret('secret').setTokenUrl(endpoint.tokenUrl);

  it('is built with the fields that the twilio package has', () => {
    const provider = builder().build();
    expect(provider).toBeInstanceOf(Provider);
    const { grantType, clientId, clientSecret, tokenManager } = provider;
    expect([grantType, clientId, clientSecret]).toEqual(['client_credentials', 'client', 'secret']);
    expect(tokenManager).toBeInstanceOf(Manager);
    expect([provider.getAuthType(), provider.toAuthStrategy().getAuthType()]).toEqual(['client-credentials', 'token']);
    expect(provider.toAuthStrategy().requiresAuthentication()).toBe(true);
  });

  it('keeps its strategy, and with it the token', async () => {
    const provider = builder().build();
    expect(provider.toAuthStrategy()).toBe(provider.toAuthStrategy());
    expect([await headerOf(provider), await headerOf(provider)]).toEqual(['Bearer t1', 'Bearer t1']);
    expect(endpoint.seen).toHaveLength(1);
  });

  it('asks for what the builder was told', async () => {
    const wishes = builder().setScope('a b').setAudience('x').setResource('https://api.example/');
    await headerOf(wishes.setOptions({ timeout: 1000 }).build());
    expect(Object.fromEntries(endpoint.seen[0]?.form ?? [])).toMatchObject({
      scope: 'a b',
      audience: 'x',
      resource: 'https://api.example/',
    });
  });

  it('signs in as the builder was told', async () => {
    const made = new Builder().setClientId('client').setTokenUrl(endpoint.tokenUrl);
    await headerOf(made.setClientAuthentication(clientSecretBasic('secret')).build());
    expect(endpoint.seen[0]?.headers.authorization).toBe(`Basic ${btoa('client:secret')}`);
  });

  it('builds one provider for each call', () => {
    const shared = builder();
    const first = shared.build();
    const second = shared.setClientId('other').build();
    expect([first.clientId, second.clientId]).toEqual(['client', 'other']);
  });

  it('can be filled in field by field, as with the twilio package', async () => {
    const provider = new Provider();
    provider.clientId = 'client';
    provider.clientSecret = 'secret';
    expect(() => provider.toAuthStrategy()).toThrow('tokenUrl is required');
    provider.tokenManager = { fetchToken: async () => 'foreign' };
    expect(await headerOf(provider)).toBe('Bearer foreign');
  });

  it('does not show its secret when it is printed', async () => {
    const provider = builder().setClientSecret('never-shown').build();
    await headerOf(provider);
    const shown = inspect(provider, { depth: 10, showHidden: true }) + JSON.stringify(provider);
    expect(shown).not.toContain('never-shown');
    expect(shown).not.toContain('t1');
  });
});

describe('a token manager of the user', () => {
  it('plugs in, whatever it extends', async () => {
    let count = 0;
    class Vault implements TokenManager {
      async getToken() {
        count += 1;
        return `vault-${count}`;
      }
    }
    const provider = new ClientCredentialProviderBuilder().setTokenManager(new Vault()).build();
    expect([await headerOf(provider), await headerOf(provider)]).toEqual(['Bearer vault-1', 'Bearer vault-2']);
  });

  it('that only fetches gets our cache around it', async () => {
    let count = 0;
    const fetchToken = async () => {
      count += 1;
      return `fetched-${count}`;
    };
    const provider = new ClientCredentialProviderBuilder().setTokenManager({ fetchToken }).build();
    const headers = await Promise.all(Array.from({ length: 100 }, () => headerOf(provider)));
    expect(new Set(headers)).toEqual(new Set(['Bearer fetched-1']));
  });

  it('replaced on the provider replaces the strategy', async () => {
    const provider = new ClientCredentialProvider({ tokenManager: { getToken: async () => 'one' } });
    expect(await headerOf(provider)).toBe('Bearer one');
    provider.tokenManager = { getToken: async () => 'two' };
    expect(await headerOf(provider)).toBe('Bearer two');
  });
});

describe('credentials without a token request', () => {
  it('none', async () => {
    const provider = new NoAuthCredentialProvider();
    const strategy = provider.toAuthStrategy();
    expect([provider.getAuthType(), strategy.getAuthType(), await headerOf(provider)]).toEqual([
      'noauth',
      'noauth',
      '',
    ]);
    expect(strategy.requiresAuthentication()).toBe(false);
  });

  it('a name and a password, in UTF-8', async () => {
    const provider = new BasicCredentialProvider('SK1', 'pässword');
    expect([provider.getAuthType(), provider.toAuthStrategy().getAuthType()]).toEqual(['basic', 'basic']);
    expect(await headerOf(provider)).toBe(`Basic ${Buffer.from('SK1:pässword').toString('base64')}`);
  });

  it('an API key', async () => {
    expect(await headerOf(new ApiKeyCredentialProvider('key'))).toBe('Bearer key');
  });
});

describe('credentials of the environment', () => {
  const client = { COUNTERSIGN_CLIENT_ID: 'env-client', COUNTERSIGN_CLIENT_SECRET: 'env-secret' };

  it('are an API key where there is one', async () => {
    const provider = new EnvironmentCredentialProvider({ COUNTERSIGN_API_KEY: 'key', ...client });
    expect(await headerOf(provider)).toBe('Bearer key');
  });

  it('are a client and the address of the server', async () => {
    const provider = new EnvironmentCredentialProvider({
      ...client,
      COUNTERSIGN_URL: `${endpoint.url}/`,
      COUNTERSIGN_SCOPE: 'a',
      COUNTERSIGN_AUDIENCE: '',
    });
    expect([provider.getAuthType(), await headerOf(provider)]).toEqual(['client-credentials', 'Bearer t1']);
    expect(endpoint.seen[0]).toMatchObject({ path: '/oauth/token' });
    expect(Object.fromEntries(endpoint.seen[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'env-client',
      client_secret: 'env-secret',
      scope: 'a',
    });
  });

  it('are those of this process when none are handed over', async () => {
    const before = { ...process.env };
    Object.assign(process.env, client, { COUNTERSIGN_TOKEN_URL: endpoint.tokenUrl });
    try {
      expect(await headerOf(new EnvironmentCredentialProvider())).toBe('Bearer t1');
    } finally {
      process.env = before;
    }
  });
});
