import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSecret } from '../../src/base/index.ts';
import { openRevocations, type Revocations } from '../../src/revocations/index.ts';
import type { Store } from '../../src/store/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { within } from '../support/within.ts';

const logger = createLogger({ level: 'silent', format: 'json' });
const hour = 3_600_000;
const token = (jti: string) => ({ iat: Math.floor(Date.now() / 1000) - 5, subjects: { jti, client: 'client' } });

type Feed = Store['feed'];

/** A feed whose news, silence and interruptions are the test's to decide. */
interface TestFeed extends Feed {
  tell(revocation: object): void;
  interrupt(): void;
  quiet: number;
}

function openTestFeed(): TestFeed {
  const listeners: Array<(key: string) => void> = [];
  const flushes: Array<() => void> = [];
  return {
    quiet: 0,
    subscribe: (_kind, listener) => listeners.push(listener),
    onGap: (flush) => flushes.push(flush),
    silence() {
      return this.quiet;
    },
    close: async () => undefined,
    tell: (revocation) => {
      for (const listener of listeners) listener(JSON.stringify(revocation));
    },
    interrupt: () => {
      for (const flush of flushes) flush();
    },
  };
}

describe('the revocations of a node', () => {
  let database: TestDatabase;
  const opened: Revocations[] = [];
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(async () => {
    for (const revocations of opened) revocations.close();
    await database.drop();
  });

  async function open(feed: TestFeed, clock = Date.now): Promise<Revocations> {
    const revocations = await openRevocations({ sql: database.sql as never, feed }, logger, clock);
    opened.push(revocations);
    return revocations;
  }

  /** Records a revocation as another node does, whose news this one has not got yet. */
  async function revokeElsewhere(jti: string, expiresAt = Date.now() + hour): Promise<void> {
    const end = new Date(expiresAt);
    await database.sql`
      insert into revocations (kind, subject, revoked_before, expires_at) values ('jti', ${jti}, ${end}, ${end})`;
  }

  it('are read at the start', async () => {
    const jti = newSecret();
    await revokeElsewhere(jti);
    const revocations = await open(openTestFeed());
    expect(await revocations.isRevoked(token(jti))).toBe(true);
    expect(await revocations.isRevoked(token('another'))).toBe(false);
  });

  it('are learned from the feed, without a look into the database', async () => {
    const feed = openTestFeed();
    const revocations = await open(feed);
    const jti = newSecret();
    feed.tell({ kind: 'jti', subject: jti, revokedBefore: Date.now(), expiresAt: Date.now() + hour });
    expect(await revocations.isRevoked(token(jti))).toBe(true);
  });

  it('are answered from memory while the feed talks, and by the database once it has been silent for 2 s', async () => {
    const feed = openTestFeed();
    const revocations = await open(feed);
    const jti = newSecret();
    await revokeElsewhere(jti);
    feed.quiet = 1999;
    expect(await revocations.isRevoked(token(jti))).toBe(false);
    feed.quiet = 2000;
    expect(await revocations.isRevoked(token(jti))).toBe(true);
    expect(await revocations.isRevoked(token('another'))).toBe(false);
    const several = (...jtis: readonly string[]) => ({ ...token(jti), subjects: { client: ['a', 'b'], jti: jtis } });
    expect(await revocations.isRevoked(several('another', jti))).toBe(true);
    expect(await revocations.isRevoked(several('another'))).toBe(false);
  });

  it('are asked of the database from the moment the feed is back until what was missed has been read', async () => {
    const feed = openTestFeed();
    const revocations = await open(feed);
    const jti = newSecret();
    await revokeElsewhere(jti);
    feed.interrupt();
    expect(await revocations.isRevoked(token(jti))).toBe(true);
  });

  it('are asked of the database for as long as what was missed cannot be read', async () => {
    const feed = openTestFeed();
    const revocations = await open(feed);
    const jti = newSecret();
    await database.sql`alter table revocations rename to revocations_away`;
    feed.interrupt();
    await expect(revocations.isRevoked(token('any'))).rejects.toThrow('does not exist');
    await database.sql`alter table revocations_away rename to revocations`;
    await revokeElsewhere(jti);
    expect(await revocations.isRevoked(token(jti))).toBe(true);
    feed.interrupt();
    await within(1000, () => revocations.isRevoked(token(jti)));
  });

  it('are read back two minutes at an interruption, over clocks and transactions that were open', async () => {
    const feed = openTestFeed();
    const revocations = await open(feed);
    const [recent, old] = [newSecret(), newSecret()];
    await revokeElsewhere(recent);
    await revokeElsewhere(old);
    await database.sql`update revocations set created_at = now() - interval '115 s' where subject = ${recent}`;
    await database.sql`update revocations set created_at = now() - interval '125 s' where subject = ${old}`;
    feed.interrupt();
    await within(1000, async () => !(await revocations.isRevoked(token(old))));
    expect(await revocations.isRevoked(token(recent))).toBe(true);
  });

  it('are known at once where they are made, whatever the clock says', async () => {
    const behind = await open(openTestFeed(), () => Date.now() - 60_000);
    const jti = newSecret();
    await behind.revokeToken(jti, Date.now() + hour);
    expect(await behind.isRevoked(token(jti))).toBe(true);
    const another = await open(openTestFeed());
    expect(await another.isRevoked(token(jti))).toBe(true);
    behind.noteFamily('abcd');
    expect(await behind.isRevoked({ iat: Date.now() / 1000, subjects: { family: 'abcd' } })).toBe(true);
  });

  it('reach further when they are repeated, and never less far', async () => {
    const revocations = await open(openTestFeed());
    const jti = newSecret();
    await revocations.revokeToken(jti, Date.now() + hour);
    await revocations.revokeToken(jti, Date.now() - hour);
    const late = await open(openTestFeed());
    expect(await late.isRevoked(token(jti))).toBe(true);
  });

  describe('when there are more than 200,000 single tokens', () => {
    const kept = 'kept';
    const first = { jti: 'left out, ends soon', minutes: 1 };
    const second = { jti: 'left out, ends late', minutes: 600 };
    const feed = openTestFeed();
    let ahead = 0;
    let revocations: Revocations;
    beforeAll(async () => {
      const { sql } = database;
      await sql`delete from revocations`;
      await sql`alter table revocations disable trigger all`;
      const insert = async (jti: string, minutes: number, age: number) =>
        sql`insert into revocations (kind, subject, revoked_before, expires_at, created_at)
            values ('jti', ${jti}, now() + interval '1 day', now() + make_interval(mins => ${minutes}),
              now() - make_interval(mins => ${age}))`;
      await insert(first.jti, first.minutes, 20);
      await insert(second.jti, second.minutes, 30);
      await sql`
        insert into revocations (kind, subject, revoked_before, expires_at, created_at)
        select 'jti', 'many ' || n, now() + interval '1 day', now() + interval '1 hour', now() - interval '10 minutes'
        from generate_series(1, 199999) n`;
      await insert(kept, 60, 0);
      await sql`alter table revocations enable trigger all`;
      revocations = await open(feed, () => Date.now() + ahead);
    });

    it('the database is asked about those that memory has no room for', async () => {
      for (const jti of [kept, first.jti, second.jti]) expect(await revocations.isRevoked(token(jti))).toBe(true);
      expect(await revocations.isRevoked(token('never revoked'))).toBe(false);
    });

    it('and until the last of them has expired, though those that were met first have', async () => {
      ahead = 120_000;
      feed.interrupt();
      // Time to read, and to drop what has expired.
      await wait(300);
      expect(await revocations.isRevoked(token(second.jti))).toBe(true);
    });
  });
});
