import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, type Outcome } from '../support/process.ts';
import { within } from '../support/within.ts';
import { ask, type Crew, endCrews, isAlive, isGroupAlive, launchCrew, signalGroup, startCrew } from './crew.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64url');
const body = 'grant_type=client_credentials&client_id=nobody&client_secret=nothing';

/** A request that a worker has begun to read and whose end it waits for. */
interface Held {
  /** Sends the rest. @returns what came back until the connection was closed. */
  finish(): Promise<string>;
}

async function hold(crew: Crew): Promise<Held> {
  const { hostname, port } = new URL(crew.issuer);
  const socket: Socket = connect(Number(port), hostname);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    heard += chunk;
  });
  socket.on('error', () => socket.destroy());
  const closed = once(socket, 'close');
  socket.write(
    `POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: 100-continue\r\n` +
      `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await within(5000, async () => heard.includes('100 Continue'));
  socket.write(body.slice(0, 10));
  return {
    async finish() {
      socket.write(body.slice(10));
      await closed;
      return heard;
    },
  };
}

/** Whether nobody listens. A connection that came while the listener closed may hang instead, and says nothing. */
async function isRefused(crew: Crew): Promise<boolean> {
  const asked = ask(`${crew.issuer}/healthz`).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  return (await Promise.race([asked, wait(500)])) === 'ECONNREFUSED';
}

async function endOf(crew: Crew): Promise<Outcome> {
  const outcome = await Promise.race([crew.exited, wait(15_000, undefined, { ref: false })]);
  if (outcome === undefined) throw new Error(`the server runs on:\n${crew.stdout()}`);
  return outcome;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(endCrews);
afterAll(async () => {
  await endProcesses();
  await database.drop();
});

const environment = () => ({ DATABASE_URL: database.url, MASTER_KEY: masterKey, SEED_DEMO: 'false' });

describe('a server of two workers ends', () => {
  it.each([
    ['SIGTERM to the primary', (crew: Crew) => process.kill(crew.primary, 'SIGTERM')],
    ['Ctrl-C, a SIGINT to all its processes', (crew: Crew) => signalGroup(crew.primary, 'SIGINT')],
  ])('on %s: every worker answers what it has begun, then all exit, with 0', async (_name, signal) => {
    const crew = await startCrew(environment());
    const workers = await crew.workers();
    const held = [await hold(crew), await hold(crew), await hold(crew), await hold(crew)];
    signal(crew);
    await within(8000, () => isRefused(crew));
    expect(workers.every(isAlive)).toBe(true);
    for (const request of held) expect(await request.finish()).toMatch(/HTTP\/1\.1 401 [\s\S]*invalid_client/);
    const { code, stderr } = await endOf(crew);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(crew.stdout().match(/"stopped"/g)).toHaveLength(1);
    expect(isGroupAlive(crew.primary)).toBe(false);
  });

  it('at once on a second signal', async () => {
    const crew = await startCrew(environment());
    await hold(crew);
    process.kill(crew.primary, 'SIGTERM');
    await within(5000, async () => crew.stdout().includes('stopping'));
    process.kill(crew.primary, 'SIGTERM');
    const { code } = await endOf(crew);
    expect(code).toBe(1);
    // A worker that waited for the request it holds would live for half a minute.
    await within(10_000, async () => !isGroupAlive(crew.primary));
  });

  it('when its primary is killed: the workers answer what they have begun and stop by themselves', async () => {
    const crew = await startCrew(environment());
    const held = [await hold(crew), await hold(crew)];
    process.kill(crew.primary, 'SIGKILL');
    await wait(300);
    for (const request of held) expect(await request.finish()).toMatch(/HTTP\/1\.1 401 [\s\S]*invalid_client/);
    await within(5000, async () => !isGroupAlive(crew.primary));
  });

  it('while a worker is being replaced', async () => {
    const crew = await startCrew(environment());
    const [victim = 0] = await crew.workers();
    process.kill(victim, 'SIGKILL');
    await within(5000, async () => (await crew.workers()).filter((worker) => worker !== victim).length === 2);
    process.kill(crew.primary, 'SIGTERM');
    expect((await endOf(crew)).code).toBe(0);
  });
});

describe('a server of two workers says once why it cannot start, and exits with 1', () => {
  async function expectRefusal(more: Readonly<Record<string, string>>, fault: RegExp): Promise<void> {
    const crew = await launchCrew({ ...environment(), ...more });
    const { code, stderr } = await endOf(crew);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(fault) });
    expect(stderr.match(/Countersign cannot start/g)).toHaveLength(1);
    expect(stderr.match(new RegExp(fault, 'g'))).toHaveLength(1);
    expect(isGroupAlive(crew.primary)).toBe(false);
  }

  it('when the database cannot be reached', async () => {
    const nobody = 'postgresql://nobody:x@127.0.0.1:1/nothing';
    await expectRefusal({ DATABASE_URL: nobody }, /the database at 127\.0\.0\.1:1\/nothing cannot be used/);
  });

  it.each(['PORT', 'ADMIN_PORT'])('when %s is taken', async (variable) => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const port = String((occupant.address() as AddressInfo).port);
    try {
      await expectRefusal(
        { [variable]: port },
        new RegExp(`${variable}: listening on 127\\.0\\.0\\.1:${port} is taken`),
      );
    } finally {
      occupant.close();
    }
  });

  it('when a variable is wrong', async () => {
    await expectRefusal({ ACCESS_TOKEN_TTL: '5' }, /ACCESS_TOKEN_TTL: /);
  });

  it('when the workers cannot start: the database has no connections left for them', async () => {
    const { sql, target } = database;
    const role = `few_${target.database}`;
    await sql.unsafe(`create role ${role} login password 'x' connection limit 3`);
    await sql.unsafe(`grant all on all tables in schema public to ${role}`);
    await sql.unsafe(`grant all on all sequences in schema public to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'x';
    try {
      await expectRefusal(
        { DATABASE_URL: url.href, MIGRATE_ON_START: 'false' },
        /too many connections|database cannot be reached/,
      );
    } finally {
      await sql.unsafe(`drop owned by ${role}`);
      await sql.unsafe(`drop role ${role}`);
    }
  });
});
