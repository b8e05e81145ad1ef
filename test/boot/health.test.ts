import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, type ServerProcess, startServer } from '../support/process.ts';

let database: TestDatabase;
let server: ServerProcess;
beforeAll(async () => {
  database = await createDatabase();
  server = await startServer({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await endProcesses();
  await database.drop();
});

/** Each listener with the paths that it answers. */
const listeners = [
  ['public', () => server.issuer],
  ['admin', () => server.admin],
] as const;

describe.each(listeners)('the %s listener', (_name, address) => {
  it.each([
    ['/healthz', { status: 'ok' }],
    ['/readyz', { status: 'ready' }],
  ])('answers %s, which nobody may cache', async (path, body) => {
    const answer = await fetch(address() + path);
    expect([answer.status, await answer.json()]).toEqual([200, body]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the metrics', () => {
  it('are not on the public listener', async () => {
    expect((await fetch(`${server.issuer}/metrics`)).status).toBe(404);
  });

  it('tell on the admin listener of the process, of requests by route and of the caches', async () => {
    await fetch(`${server.issuer}/oauth/jwks`);
    await fetch(`${server.issuer}/no/such/path?token=secret`);
    await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'OQ1', client_secret: 'wrong' }),
    });
    const answer = await fetch(`${server.admin}/metrics`);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^countersign_process_cpu_seconds_total/m);
    expect(text).toMatch(
      /^countersign_http_request_duration_seconds_count\{method="GET",route="\/oauth\/jwks",status="200"\} 1$/m,
    );
    expect(text).toMatch(
      /^countersign_http_request_duration_seconds_count\{method="any",route="unmatched",status="404"\} \d+$/m,
    );
    expect(text).toMatch(/^countersign_cache_lookups_total\{cache="clients",outcome="miss"\} [1-9]\d*$/m);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('/no/such/path');
  });

  it('are all that the admin listener has: no tokens, no keys', async () => {
    for (const path of ['/oauth/token', '/oauth/jwks', '/.well-known/openid-configuration', '/']) {
      expect((await fetch(server.admin + path)).status).toBe(404);
    }
  });
});
