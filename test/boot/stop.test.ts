import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, type ServerProcess, startServer } from '../support/process.ts';
import { within } from '../support/within.ts';

afterAll(endProcesses);

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await endProcesses();
  await database.drop();
});

const start = (env: Readonly<Record<string, string>> = {}) => startServer({ DATABASE_URL: database.url, ...env });

/** A connection on which a test writes HTTP by hand. */
interface Line {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<unknown>;
}

async function open(server: ServerProcess): Promise<Line> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  return { socket, heard: () => text, closed: once(socket, 'close') };
}

const body = 'grant_type=client_credentials&client_id=nobody&client_secret=nothing';

/** Begins a token request and holds it half-way, where the server has its head and waits for the rest of its body. */
async function holdRequest(server: ServerProcess): Promise<Line> {
  const line = await open(server);
  line.socket.write(
    `POST /oauth/token HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n` +
      `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await within(5_000, async () => line.heard().includes('100 Continue'));
  line.socket.write(body.slice(0, 10));
  return line;
}

const finish = (line: Line) => line.socket.write(body.slice(10));

/** What a caller gets at an address: a status, or the reason why not. */
async function status(url: string): Promise<number | string> {
  try {
    return (await fetch(url, { headers: { connection: 'close' } })).status;
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code ?? String(error);
  }
}

const refuses = (server: ServerProcess) => async () =>
  (await status(`http://127.0.0.1:${server.port}/healthz`)) === 'ECONNREFUSED';

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets a request in flight end, takes no new ones, and ends the process with code 0', async () => {
    const server = await start({ LOG_FORMAT: 'json' });
    const [held, silent] = [await holdRequest(server), await open(server)];
    server.signal(signal);
    await within(5_000, refuses(server));
    await silent.closed;
    expect(held.heard()).not.toContain('HTTP/1.1 401');
    finish(held);
    const finished = performance.now();
    await held.closed;
    expect(performance.now() - finished).toBeLessThan(2_000);
    expect(held.heard()).toMatch(/HTTP\/1\.1 401 .*"error":"invalid_client"/s);
    const { code, stdout, stderr } = await server.exited;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`"signal":"${signal}"`);
    expect(stdout).toContain('"msg":"stopped"');
  });
});

describe('a stop', () => {
  it('says draining at /readyz during SHUTDOWN_DELAY, while requests are still answered', async () => {
    const server = await start({ SHUTDOWN_DELAY: '2' });
    const signalled = performance.now();
    server.signal('SIGTERM');
    await within(1_900, async () => (await status(`${server.admin}/readyz`)) === 503);
    const readiness = await fetch(`${server.admin}/readyz`);
    expect(await readiness.json()).toEqual({ status: 'not ready', reason: 'draining' });
    expect(await status(`${server.admin}/healthz`)).toBe(200);
    expect(await status(`${server.issuer}/readyz`)).toBe(503);
    expect(await status(`${server.issuer}/oauth/jwks`)).toBe(200);
    await within(5_000, refuses(server));
    expect(performance.now() - signalled).toBeGreaterThan(1_950);
    expect((await server.exited).code).toBe(0);
  });

  it('goes on saying so while the last requests end', async () => {
    const server = await start();
    const held = await holdRequest(server);
    server.signal('SIGTERM');
    await within(5_000, refuses(server));
    expect(await status(`${server.admin}/readyz`)).toBe(503);
    finish(held);
    expect((await server.exited).code).toBe(0);
  });

  it('waits no longer than SHUTDOWN_TIMEOUT for a request that never ends', async () => {
    const server = await start({ SHUTDOWN_TIMEOUT: '1' });
    const held = await holdRequest(server);
    const signalled = performance.now();
    server.signal('SIGTERM');
    expect((await server.exited).code).toBe(0);
    await held.closed;
    expect(performance.now() - signalled).toBeGreaterThan(950);
    expect(performance.now() - signalled).toBeLessThan(4_000);
  });

  it('is cut short by a second signal, with code 1', async () => {
    const server = await start();
    await holdRequest(server);
    server.signal('SIGTERM');
    await within(5_000, refuses(server));
    server.signal('SIGINT');
    expect((await server.exited).code).toBe(1);
  });

  it('leaves no connection in the database', async () => {
    const server = await start();
    server.signal('SIGTERM');
    await server.exited;
    const left = await database.sql`select application_name from pg_stat_activity
      where application_name like 'countersign%' and datname = current_database()`;
    expect([...left]).toEqual([]);
  });
});
