import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/house.ts';
import { endProcesses, launch, newDirectory, type Program, runRefused, startServer } from '../support/process.ts';
import { within } from '../support/within.ts';
import { childrenOf, isAlive } from './crew.ts';

afterAll(endProcesses);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase('empty');
});
afterEach(async () => {
  await endProcesses();
  await database.drop();
});

const variables = () => ({ DATABASE_URL: database.url, MASTER_KEY: 'A'.repeat(43), SEED_DEMO: 'true' });

/** Bytes of resident memory, as the server itself says. */
async function memoryOf(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(/^countersign_process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

/** The lock under which a demo is seeded. Who holds it holds up the process that does so. */
const seedLock = 7_326_002;

/** A start that is held up in the middle of the seeding. */
async function startHeldUp(): Promise<{ readonly program: Program; readonly maker: number }> {
  const env = { ...variables(), PORT: String(await freePort()), COUNTERSIGN_DATA_DIR: await newDirectory() };
  const program = await launch('main.js', [], env);
  const waits = async () =>
    (await database.sql`select 1 from pg_locks where locktype = 'advisory' and not granted`).length > 0;
  await within(15_000, waits);
  const [maker] = await childrenOf(program.pid);
  if (maker === undefined) throw new Error('the seeding is done by no process of its own');
  return { program, maker };
}

describe('what a first start makes with the management services', () => {
  it('costs the server no memory: it is made by a process that has ended', async () => {
    const server = await startServer(variables());
    expect((await database.sql`select 1 from oauth_clients`).length).toBe(3);
    expect(await childrenOf(server.pid)).toEqual([]);
    // With the query compiler in memory it would be 50 MB more. Later versions of Node take more by themselves.
    const most = process.version.startsWith('v20.') ? 150e6 : 180e6;
    expect(await memoryOf(server.admin)).toBeLessThan(most);
    expect(server.stdout()).toContain('demo data seeded');
  });

  it('ends the start with the reason when it fails, and leaves nothing half made', async () => {
    // A directory below a file cannot be made.
    const { code, stderr } = await runRefused({
      ...variables(),
      COUNTERSIGN_DATA_DIR: '/dev/null/data',
      PORT: String(await freePort()),
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Countersign cannot start:\n {2}- Error: ENOTDIR/)]);
    expect((await database.sql`select 1 from organizations`).length).toBe(0);
  });

  it('ends the start when its process dies', async () => {
    const lock = await database.sql.reserve();
    await lock`select pg_advisory_lock(${seedLock})`;
    const { program, maker } = await startHeldUp();
    process.kill(maker, 'SIGKILL');
    const { code, stderr } = await program.exited;
    expect([code, stderr]).toEqual([
      1,
      'Countersign cannot start:\n  - the process that prepares the database ended early (SIGKILL)\n',
    ]);
    lock.release();
  });

  it('ends with the server that it is made for, and leaves nothing half made', async () => {
    const lock = await database.sql.reserve();
    await lock`select pg_advisory_lock(${seedLock})`;
    const { program, maker } = await startHeldUp();
    program.signal('SIGKILL');
    await within(5_000, async () => !isAlive(maker));
    await lock`select pg_advisory_unlock(${seedLock})`;
    expect((await lock`select 1 from organizations`).length).toBe(0);
    lock.release();
  });
});
