import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverKinds } from '../servers.mjs';
import { pinPostgres, planCores } from './cores.mjs';
import { startLoadProcess } from './load-process.mjs';
import { databaseUrl, startPostgres } from './postgres.mjs';
import { seed } from './seed.mjs';
import { freePort, startServer } from './server-process.mjs';

/** One would fit into any cache. */
const clientCount = 1_000;
const poolSize = 10;
const accessTokenTtl = 3_600;

/** What has been opened so far, to be closed in reverse order. */
export class Opened {
  /** @type {Array<() => Promise<void>>} */
  #closers = [];

  /** @param {() => Promise<void>} close */
  add = (close) => {
    this.#closers.unshift(close);
  };

  /** Closes all, whatever fails on the way. @returns {Promise<unknown[]>} the failures. */
  async close() {
    /** @type {unknown[]} */
    const failures = [];
    for (const close of this.#closers.splice(0)) await close().catch((error) => failures.push(error));
    return failures;
  }
}

/**
 * @typedef {object} Stage everything that a measurement needs, running.
 * @property {readonly import('./server-process.mjs').RunningServer[]} servers
 * @property {import('./load-process.mjs').LoadProcess} load
 * @property {readonly import('../load/requests.mjs').BenchClient[]} clients
 * @property {import('./postgres.mjs').Postgres} postgres
 * @property {import('./cores.mjs').CorePlan} cores
 * @property {string} directory of this run, removed at its end.
 *
 * @typedef {object} Setting
 * @property {import('../options.mjs').Options} options
 * @property {Opened} opened
 * @property {AbortSignal} signal
 * @property {(line: string) => void} say
 */

const databaseOf = (/** @type {string} */ server) => `bench_${server}`;

/** Where a server's profile lies once it has ended. @param {string} directory @param {{ name: string }} kind */
export const profileFolder = (directory, { name }) => join(directory, `profile-${name}`);

/** A run's own directory, PostgreSQL's data in it too: nested deeper it would be out of reach for PostgreSQL's user. @param {Opened} opened */
async function makeDirectory(opened) {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  opened.add(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The private key of all servers but ours, which makes its own. */
function makeSigningKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };
}

/** @param {string} url @param {number} port */
const environmentOf = (url, port) => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: String(port),
  ISSUER: `http://localhost:${port}`,
  LOG_LEVEL: 'warn',
  DATABASE_URL: url,
  DATABASE_POOL_SIZE: String(poolSize),
  MASTER_KEY: randomBytes(32).toString('base64url'),
  ACCESS_TOKEN_TTL: String(accessTokenTtl),
  // Far above what one key can ask for here, so that calls are counted as they are in use.
  RATE_LIMIT_MANAGEMENT_REQUESTS: '1000000',
});

/**
 * Sets everything up.
 * @param {Setting} setting
 * @returns {Promise<Stage>}
 */
export async function setStage({ options, opened, signal, say }) {
  if (!existsSync(serverKinds[0]?.script ?? '')) throw new Error('there is no dist/: run npm run build first');
  const cores = planCores();
  const directory = await makeDirectory(opened);
  say('starting PostgreSQL');
  const databases = serverKinds.map(({ name }) => databaseOf(name));
  const postgres = await startPostgres(directory, databases, opened.add);
  pinPostgres(postgres.postmaster, cores.postgres);
  signal.throwIfAborted();

  say(`making ${clientCount} clients and as many API keys`);
  const port = await freePort();
  const environment = environmentOf(databaseUrl(postgres.on(databaseOf('countersign'))), port);
  const clients = await seed({ environment, clients: clientCount });
  const stageFile = join(directory, 'stage.json');
  const told = { clients, signingKey: makeSigningKey(), postgres: postgres.target, poolSize, accessTokenTtl };
  await writeFile(stageFile, JSON.stringify(told), { mode: 0o600 });

  const servers = [];
  for (const kind of options.servers) {
    signal.throwIfAborted();
    say(`starting ${kind.title}`);
    const place = { kind, core: cores.server, directory };
    const profiling = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder(directory, kind)}`] : [];
    const ownPort = kind.own ? port : await freePort();
    const own = { ...place, port, args: [...profiling, kind.script], env: environment };
    const args = [...profiling, kind.script, stageFile, String(ownPort), databaseOf(kind.name), ...(kind.args ?? [])];
    servers.push(await startServer(kind.own ? own : { ...place, port: ownPort, args, env: {} }, opened.add));
  }
  return { servers, load: startLoadProcess(cores.load, opened.add), clients, postgres, cores, directory };
}
