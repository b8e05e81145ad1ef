import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealer } from '../../src/base/index.ts';
import { ensureSigningKeys, followKeys, type KeyRing } from '../../src/keys/index.ts';
import { makeKey } from '../../src/keys/service.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { within } from '../support/within.ts';

const sealer = createSealer(randomBytes(32));
const logger = createLogger({ level: 'silent', format: 'json' });

let database: TestDatabase;
let store: Store;
beforeEach(async () => {
  database = await createDatabase();
  store = await openStore(database.target, adminSettings, logger);
  await ensureSigningKeys(store.sql, sealer, Date.now);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

/** A successor of the EdDSA key that signs after some milliseconds. @returns its kid. */
async function announce(milliseconds: number, table = 'signing_keys'): Promise<string> {
  const signsFrom = new Date(Date.now() + milliseconds);
  const { kid, publicJwk, privateSealed } = await makeKey('EdDSA', sealer, signsFrom.getTime());
  const { sql } = database;
  await sql`update ${sql(table)} set signs_until = ${signsFrom}, retired_at = ${new Date(signsFrom.getTime() + 1000)}
    where alg = 'EdDSA'`;
  await sql`insert into ${sql(table)} (kid, alg, public_jwk, private_sealed, signs_from)
    values (${kid}, 'EdDSA', ${sql.json(publicJwk as never)}, ${privateSealed}, ${signsFrom})`;
  return kid;
}

async function follow(from: Pick<Store, 'sql' | 'feed'> = store) {
  const rings: KeyRing[] = [];
  const keys = await followKeys({ store: from, sealer, clock: Date.now, logger });
  keys.follow((ring) => rings.push(ring));
  return { ...keys, rings };
}

describe('a node that follows the keys', () => {
  it('hears of a new one, and hands each ring over once', async () => {
    const keys = await follow();
    const kid = await announce(60_000);
    await within(10_000, async () => keys.ring().published.some((key) => key.kid === kid));
    expect(keys.ring().signerOf('EdDSA')).not.toBe(kid);
    expect(keys.rings.map(({ published }) => published.length)).toEqual([4]);
    keys.close();
  });

  it('lets a key sign and go in time while the keys cannot be read', async () => {
    const kid = await announce(3_000);
    const told: Array<() => void> = [];
    const silent = { subscribe: () => undefined, onGap: (flush: () => void) => told.push(flush) };
    const keys = await follow({ sql: store.sql, feed: silent as unknown as Store['feed'] });
    await within(10_000, async () => keys.ring().published.length === 4);
    await database.sql`alter table signing_keys rename to away`;
    // Something may have changed, and cannot be read.
    for (const flush of told) flush();
    await within(10_000, async () => keys.ring().signerOf('EdDSA') === kid);
    await within(10_000, async () => keys.ring().published.length === 3);
    keys.close();
  });

  it('reads again what it could not read', async () => {
    const keys = await follow();
    await database.sql`alter table signing_keys rename to away`;
    await database.sql`select pg_notify('countersign', 'key x')`;
    const attempts = async () => {
      const [row] = await database.sql<Array<{ errors: string }>>`
        select xact_rollback::text as errors from pg_stat_database where datname = current_database()`;
      return Number(row?.errors);
    };
    const before = await attempts();
    await within(15_000, async () => (await attempts()) > before);
    // Nobody tells of this key: the triggers are silenced.
    await database.sql`alter table away disable trigger all`;
    const kid = await announce(60_000, 'away');
    await database.sql`alter table away rename to signing_keys`;
    await within(15_000, async () => keys.ring().published.some((key) => key.kid === kid));
    keys.close();
  });
});
