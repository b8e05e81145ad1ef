import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openDesk } from '../support/protocol.ts';
import { openRegistry } from '../support/registry.ts';
import { within } from '../support/within.ts';
import { authorize, makeWebClient } from '../tokens/people.ts';
import { asClient, demoClients, isActive, machineToken, revoke, type SecretClient } from '../tokens/questions.ts';
import { type FeedRelay, openFeedRelay } from './feed-relay.ts';

/** After 2 s of silence, which are counted from the last sign of life, a half second before it at most. */
const fallback = 2600;

describe('a node whose feed of changes is cut still learns of revocations', () => {
  let house: House;
  let relay: FeedRelay;
  let cutOff: House;
  let client: SecretClient;
  beforeAll(async () => {
    house = await openHouse();
    relay = await openFeedRelay(house.database);
    cutOff = await openHouse({ DATABASE_URL: relay.url }, house);
    client = demoClients(house).machine;
  });
  afterAll(async () => {
    await cutOff.close();
    await relay.close();
    await house.close();
  });
  afterEach(() => relay.resume());

  const there = (token: string) => isActive(cutOff.address, token, asClient(client));

  it('hears of one at once while the feed talks', async () => {
    const token = await machineToken(cutOff.address, client);
    await revoke(house.address, token, asClient(client));
    await within(1000, async () => !(await there(token)));
  });

  it('knows what it missed once the feed talks again', async () => {
    const token = await machineToken(house.address, client);
    relay.silence();
    await revoke(house.address, token, asClient(client));
    await wait(600);
    expect(await there(token)).toBe(true);
    relay.resume();
    await within(1000, async () => !(await there(token)));
  });

  it('knows at once what it has revoked itself', async () => {
    const registry = await openRegistry(house);
    const desk = await openDesk(house.database, house.issuer, house.dataDir);
    const web = await makeWebClient(registry);
    await registry.makeResource({ identifier: 'https://api.example/own' });
    const { accessToken, refreshToken } = await authorize(desk, cutOff.address, web, 'https://api.example/own');
    const single = await machineToken(cutOff.address, client);
    expect(await isActive(cutOff.address, accessToken, asClient(web))).toBe(true);
    relay.silence();
    await revoke(cutOff.address, single, asClient(client));
    expect(await there(single)).toBe(false);
    await revoke(cutOff.address, refreshToken, asClient(web));
    expect(await isActive(cutOff.address, accessToken, asClient(web))).toBe(false);
    await desk.close();
    await registry.close();
  });

  it('asks Postgres once the feed has been silent for 2 s, and is right at once from then on', async () => {
    const [first, second, untouched] = [
      await machineToken(house.address, client),
      await machineToken(house.address, client),
      await machineToken(house.address, client),
    ];
    relay.silence();
    await revoke(house.address, first, asClient(client));
    await within(fallback, async () => !(await there(first)));
    await wait(500);
    expect(await there(second)).toBe(true);
    await revoke(house.address, second, asClient(client));
    expect(await there(second)).toBe(false);
    expect(await there(untouched)).toBe(true);
  });

  it('misses none while its feed is broken off again and again', async () => {
    const { sql } = house.database;
    let breaking = true;
    const breaker = (async () => {
      while (breaking) {
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'countersign feed'`;
        await wait(150);
      }
    })();
    try {
      for (let round = 0; round < 8; round += 1) {
        const token = await machineToken(house.address, client);
        await revoke(house.address, token, asClient(client));
        expect(await isActive(house.address, token, asClient(client))).toBe(false);
        await within(fallback, async () => !(await there(token)));
        await wait(150);
      }
    } finally {
      breaking = false;
      await breaker;
    }
  });

  it('hears of one within a second again when that is over', async () => {
    await within(2000, async () => {
      const token = await machineToken(house.address, client);
      await revoke(house.address, token, asClient(client));
      await wait(100);
      return !(await there(token));
    });
  });
});
