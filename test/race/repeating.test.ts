import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send } from '../support/tokens.ts';
import { addressOf, type Cluster, openCluster } from './cluster.ts';
import { type HoldingProxy, openHoldingProxy, wroteOne } from './holding-proxy.ts';

/** What PostgreSQL says when a transaction is in the log for good. */
const committed = [Buffer.from('COMMIT\0')];

describe('a repeatable POST to a process that is killed', () => {
  let cluster: Cluster;
  let proxy: HoldingProxy;
  beforeAll(async () => {
    cluster = await openCluster();
    proxy = await openHoldingProxy(cluster.database);
  });
  afterAll(async () => {
    await cluster.close();
    await proxy.close();
  });

  function create(address: string, name: string) {
    return send(`${address}/oauth_clients`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cluster.demo['api_key']}`,
        'content-type': 'application/json',
        'idempotency-key': name.replaceAll(' ', '-'),
      },
      body: JSON.stringify({
        name,
        client_type: 'confidential',
        allowed_grant_types: ['client_credentials'],
        allowed_scopes: ['clients:read'],
      }),
    });
  }

  const count = async (name: string) =>
    (await cluster.database.sql`select from oauth_clients where name = ${name}`).count;

  /** Sends a request to a node whose database goes silent at this answer, and kills the node then. */
  async function killAt(answers: readonly Buffer[], name: string): Promise<void> {
    const node = await cluster.join({ DATABASE_URL: proxy.url });
    // The first change opens the management connection; the one that counts finds it open.
    expect((await create(addressOf(node), `${name} before`)).status).toBe(201);
    const reached = new Promise<void>((resolve) => proxy.hold(answers, resolve));
    const lost = create(addressOf(node), name).catch(() => undefined);
    await Promise.race([
      reached,
      wait(15_000, undefined, { ref: false }).then(() => Promise.reject(new Error('the answer never came by'))),
    ]);
    node.signal('SIGKILL');
    await node.exited;
    proxy.release();
    expect(await lost).toBeUndefined();
  }

  it('after the commit and before the answer: the other process gives the answer that nobody got', async () => {
    await killAt(committed, 'Committed');
    expect(await count('Committed')).toBe(1);
    const retried = await create(cluster.addresses[1], 'Committed');
    expect(retried.status).toBe(201);
    expect(retried.headers.get('idempotency-replayed')).toBe('true');
    expect(await count('Committed')).toBe(1);
  }, 90_000);

  it('in the middle of the change: there is nothing of it, and the repetition makes it', async () => {
    await killAt(wroteOne, 'Half');
    const retried = await create(cluster.addresses[1], 'Half');
    expect(retried.status).toBe(201);
    expect(await count('Half')).toBe(1);
  }, 90_000);
});
