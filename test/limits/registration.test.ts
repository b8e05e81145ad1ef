import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/index.ts';
import { createKernel } from '../../src/http/index.ts';
import { createRequestLimits, limitRequests } from '../../src/limits/index.ts';
import type { Store } from '../../src/store/index.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { send } from '../support/tokens.ts';
import { openNode, silentLogger } from './stores.ts';

describe('the limit before a route that strangers may call', () => {
  let database: TestDatabase;
  let store: Store;
  let server: Server;
  let carriedOut = 0;
  beforeAll(async () => {
    database = await createDatabase();
    store = await openNode(database.target);
    const { config } = readConfig({ TRUST_PROXY: '1', RATE_LIMIT_REGISTRATIONS: '3' });
    const around = { config, logger: silentLogger, metrics: createMetrics() };
    const limits = createRequestLimits({ ...around, config: config.limits, sql: store.sql });
    const kernel = createKernel({
      ...around,
      mount(router) {
        router.post('/oauth/register', limitRequests(limits.registrations), (ctx) => {
          carriedOut += 1;
          ctx.status = 201;
        });
      },
    });
    server = createServer(kernel).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
    await database.drop();
  });

  const register = (address: string) =>
    send(`http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/register`, {
      method: 'POST',
      headers: { 'x-forwarded-for': address },
    });

  it('counts every request of an address, and carries none out that it refuses', async () => {
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await register('192.0.2.1')).status);
    expect(statuses).toEqual([201, 201, 201, 429, 429]);
    expect(carriedOut).toBe(3);
    expect((await register('192.0.2.2')).status).toBe(201);
    const { body, headers } = await register('192.0.2.1');
    expect(body['error']).toBe('temporarily_unavailable');
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
  });

  it('lets no more through of many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => register('192.0.2.3')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  });
});
