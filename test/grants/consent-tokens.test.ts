import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSealer, hashSecret, newSecret, newSid } from '../../src/base/index.ts';
import { type ConsentTokens, createConsentTokens } from '../../src/grants/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { sightings } from '../data/needles.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';

describe('consent tokens', () => {
  const sealer = createSealer(randomBytes(32));
  let database: TestDatabase;
  let stores: readonly Store[];
  /** The same tokens as two servers see them. */
  let nodes: readonly ConsentTokens[];
  let tokens: ConsentTokens;

  beforeAll(async () => {
    database = await createDatabase();
    const logger = createLogger({ level: 'silent', format: 'json' });
    const settings = { ...adminSettings, poolSize: 5 };
    stores = await Promise.all([1, 2].map(() => openStore(database.target, settings, logger)));
    nodes = stores.map(({ sql }) => createConsentTokens(sql, sealer));
    tokens = nodes[0] as ConsentTokens;
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await database.drop();
  });

  const ada = newSid('user');
  const bob = newSid('user');
  const question = () => ({ interactionId: newSecret(), clientId: newSid('client'), userSid: undefined, ttl: 60 });

  /** Calls both nodes in turn, all at once. @returns how many said yes. */
  async function yesAmong(
    count: number,
    call: (node: ConsentTokens, index: number) => Promise<boolean>,
  ): Promise<number> {
    const calls = Array.from({ length: count }, (_, index) => call(nodes[index % 2] as ConsentTokens, index));
    return (await Promise.all(calls)).filter(Boolean).length;
  }

  it('have 256 bits and stand for their request, client and user, at every node', async () => {
    const asked = { ...question(), userSid: ada };
    const token = await tokens.create(asked);
    expect(token).toMatch(/^[\w-]{43}$/);
    const { ttl: _ttl, ...rest } = asked;
    expect(await nodes[1]?.find(token)).toEqual(rest);
  });

  it('are not found when they are unknown, altered, expired or spent', async () => {
    const token = await tokens.create(question());
    expect(await tokens.find(newSecret())).toBeUndefined();
    expect(await tokens.find(`${token}A`)).toBeUndefined();
    await database.sql`update consent_tokens set expires_at = now() where id_hash = ${hashSecret(token)}`;
    expect(await tokens.find(token)).toBeUndefined();
    expect(await tokens.bind(token, ada)).toBe(false);
    expect(await tokens.spend(token, ada)).toBe(false);
    const other = await tokens.create(question());
    expect(await tokens.spend(other, ada)).toBe(true);
    expect(await tokens.find(other)).toBeUndefined();
    expect(await tokens.bind(other, ada)).toBe(false);
  });

  it('live for as long as they were told', async () => {
    const token = await tokens.create({ ...question(), ttl: 90 });
    const [row] = await database.sql<Array<{ left: number }>>`
      select extract(epoch from expires_at - now())::float8 as left from consent_tokens where id_hash = ${hashSecret(token)}`;
    expect(row?.left).toBeGreaterThan(80);
    expect(row?.left).toBeLessThanOrEqual(90);
  });

  it('are bound to the first user and stay so', async () => {
    const token = await tokens.create(question());
    expect(await tokens.bind(token, ada)).toBe(true);
    expect(await tokens.bind(token, ada)).toBe(true);
    expect(await tokens.bind(token, bob)).toBe(false);
    expect(await tokens.find(token)).toMatchObject({ userSid: ada });
    expect(await tokens.spend(token, bob)).toBe(false);
    expect(await tokens.spend(token, undefined)).toBe(false);
    expect(await tokens.spend(token, ada)).toBe(true);
  });

  it('are spent by whoever comes first where nobody was bound', async () => {
    const [one, two] = [await tokens.create(question()), await tokens.create(question())];
    expect(await tokens.spend(one, undefined)).toBe(true);
    expect(await tokens.spend(one, undefined)).toBe(false);
    expect(await tokens.spend(two, bob)).toBe(true);
    const rows = await database.sql`select user_sid as user from consent_tokens where id_hash = ${hashSecret(two)}`;
    expect(rows[0]).toEqual({ user: bob });
  });

  it('are spent once by 50 at a time over two nodes', async () => {
    for (let round = 0; round < 4; round += 1) {
      const token = await tokens.create(question());
      expect(await yesAmong(50, (node) => node.spend(token, ada))).toBe(1);
    }
  });

  it('go to one of two users who use them at the same moment', async () => {
    for (let round = 0; round < 4; round += 1) {
      const token = await tokens.create(question());
      const won = new Set<string>();
      await yesAmong(20, async (node, index) => {
        const user = index % 4 < 2 ? ada : bob;
        const bound = await node.bind(token, user);
        if (bound) won.add(user);
        return bound;
      });
      expect(won.size).toBe(1);
    }
  });

  it('lie in the database as a hash, with the request that they stand for sealed to their row', async () => {
    const asked = question();
    const [token, other] = [await tokens.create(asked), await tokens.create(question())];
    const rows = await database.sql`select * from consent_tokens`;
    const pile = Buffer.concat(
      rows.flatMap((row) =>
        Object.values(row).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value)))),
      ),
    );
    expect(pile.length).toBeGreaterThan(500);
    expect(sightings(pile, hashSecret(token))).toContain('bytes as plain');
    expect(sightings(pile, token)).toEqual([]);
    expect(sightings(pile, asked.interactionId)).toEqual([]);
    await database.sql`
      update consent_tokens set interaction_sealed = (
        select interaction_sealed from consent_tokens where id_hash = ${hashSecret(token)})
      where id_hash = ${hashSecret(other)}`;
    await expect(tokens.find(other)).rejects.toThrow('belongs to another row');
  });
});
