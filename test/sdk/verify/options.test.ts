import { describe, expect, it } from '@jest/globals';
import { createVerifier, InvalidArgumentError, protectedResource } from '../../../src/sdk/verify/index.ts';

const good = { issuer: 'https://auth.example', audience: 'https://api.example' };
const credentials = { clientId: 'OQ01', clientSecret: 'secret' };

const wrong: ReadonlyArray<readonly [string, Record<string, unknown>]> = [
  ['issuer', { issuer: undefined }],
  ['issuer', { issuer: 'auth.example' }],
  ['issuer', { issuer: 'http://auth.example' }],
  ['issuer', { issuer: 'https://auth.example?x=1' }],
  ['audience', { audience: undefined }],
  ['audience', { audience: [] }],
  ['audience[1]', { audience: ['a', 7] }],
  ['jwksUri', { jwksUri: 'file:///etc/passwd' }],
  ['algorithms', { algorithms: [] }],
  ['algorithms', { algorithms: ['HS256'] }],
  ['algorithms', { algorithms: ['none'] }],
  ['clockTolerance', { clockTolerance: -1 }],
  ['clockTolerance', { clockTolerance: '5' }],
  ['keys.maxAge', { keys: { maxAge: 0 } }],
  ['keys.staleFor', { keys: { staleFor: Number.NaN } }],
  ['keys.cooldown', { keys: { cooldown: '30' } }],
  ['dpop', { dpop: true }],
  ['dpop.algorithms', { dpop: { algorithms: ['HS256'] } }],
  ['dpop.maxAge', { dpop: { maxAge: 0 } }],
  ['dpop.replays.spend', { dpop: { replays: {} } }],
  ['introspection.credentials', { introspection: {} }],
  ['introspection.credentials.clientSecret', { introspection: { credentials: { clientId: 'OQ01' } } }],
  ['introspection.credentials.getAuthString', { introspection: { credentials: { getAuthString: 'Basic' } } }],
  ['introspection.endpoint', { introspection: { credentials, endpoint: 'http://auth.example/introspect' } }],
  ['introspection.tokens', { introspection: { credentials, tokens: 'some' } }],
  ['introspection.maxAge', { introspection: { credentials, maxAge: 3_600_000 } }],
  ['introspection.maxEntries', { introspection: { credentials, maxEntries: 0 } }],
  ['introspection.maxConcurrent', { introspection: { credentials, maxConcurrent: 1.5 } }],
  ['origin', { origin: 'api.example' }],
  ['origin', { origin: 'https://api.example/path' }],
  ['realm', { realm: 'with "quotes"' }],
  ['resourceMetadata', { resourceMetadata: 'https://api.example/ü' }],
  ['fetch', { fetch: 'fetch' }],
  ['timeout', { timeout: 0 }],
  ['signal', { signal: {} }],
  ['now', { now: 7 }],
  ['requireScopes', { requireScopes: 7 }],
  ['organization', { organization: undefined }],
  ['account', { account: undefined }],
];

/** The field that an error names. */
function fieldOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error.field;
    throw error;
  }
  return undefined;
}

describe('a verifier', () => {
  it.each(wrong)('that can not work is not made: %s', (field, changes) => {
    expect(fieldOf(() => createVerifier({ ...good, ...changes } as never))).toBe(field);
  });

  it('is not made of nothing', () => {
    expect(fieldOf(() => createVerifier(undefined as never))).toBe('options');
  });

  it('may have http on this machine, and anywhere when that is said', () => {
    createVerifier({ ...good, issuer: 'http://localhost:3000' });
    createVerifier({ ...good, issuer: 'http://auth.internal', allowInsecureRequests: true });
  });

  it('takes no token that is no text', async () => {
    await expect(createVerifier(good).verify(undefined as never)).rejects.toThrow('token must be a string');
  });
});

describe('the document of a resource', () => {
  it.each<[string, Record<string, unknown>]>([
    ['resource', { resource: 'api' }],
    ['resource', { resource: 'https://api.example/#x' }],
    ['authorizationServers', { authorizationServers: [] }],
    ['authorizationServers', { authorizationServers: ['auth'] }],
    ['scopes[0]', { scopes: [''] }],
    ['name', { name: 7 }],
  ])('that can not be right is not made: %s', (field, changes) => {
    const options = { resource: 'https://api.example', authorizationServers: 'https://auth.example', ...changes };
    expect(fieldOf(() => protectedResource(options as never))).toBe(field);
  });
});
