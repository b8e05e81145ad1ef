import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { newSecret, StartupError } from '../../base/index.ts';
import type { Binaries } from './binaries.ts';
import { type Account, lastLines, type Outcome, run } from './command.ts';
import { exists, give, sync, unlessMissing } from './files.ts';
import type { Layout } from './layout.ts';
import { makeAside } from './workshop.ts';

/** What the cluster's superuser and its one database of ours are called. */
export const roleName = 'countersign';
export const databaseName = 'countersign';

/** Written into postgresql.conf, where an operator may change them. Durability stays as PostgreSQL has it: on. */
const settings = {
  listen_addresses: '',
  max_connections: '200',
  shared_buffers: '128MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** UTF-8 by PostgreSQL's own rules: the locales of the machine play no part, so the files may move to another one. */
const initdbArguments = [
  `--username=${roleName}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
  ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`),
];

/** The parts of an embedded PostgreSQL that are known before it runs. */
export interface Site {
  readonly layout: Layout;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
}

/**
 * Makes the cluster where there is none: the role with a new password, the database, the settings. Of two servers
 * doing so at once one wins, and the other goes on with the winner's. Answers whether the cluster is of our making.
 */
export async function ensureCluster(site: Site, onEvent: (message: string) => void): Promise<boolean> {
  const { cluster } = site.layout;
  if (await exists(join(cluster, 'PG_VERSION'))) return false;
  onEvent(`creating a database in ${cluster}`);
  return makeAside(cluster, site.account, (path) => makeCluster(site, path));
}

async function makeCluster({ account, binaries, layout }: Site, path: string): Promise<void> {
  const passwordFile = join(dirname(path), 'password');
  await writeFile(passwordFile, newSecret(), { mode: 0o600 });
  await give(passwordFile, account);
  const initialised = await run(binaries.initdb, [...initdbArguments, `--pwfile=${passwordFile}`, path], { account });
  requireSuccess(initialised, layout);
  // A stand-alone backend, so that no cluster without its database is ever put in place.
  const backend = ['--single', '-D', path, '-c', 'exit_on_error=on', 'template1'];
  requireSuccess(
    await run(binaries.postgres, backend, { account, input: `CREATE DATABASE ${databaseName}\n` }),
    layout,
  );
  const ownPasswordFile = join(path, basename(layout.passwordFile));
  await rename(passwordFile, ownPasswordFile);
  await sync(ownPasswordFile);
  await sync(path);
}

function requireSuccess({ exitCode, output }: Outcome, { dataDir }: Layout): void {
  if (exitCode === 0) return;
  throw new StartupError([`No database could be created in ${dataDir}:\n  ${lastLines(output)}`]);
}

/**
 * The password of the cluster's role.
 * @throws StartupError when the directory holds no cluster of ours, or one of another major version.
 */
export async function clusterPassword({ layout, binaries }: Site): Promise<string> {
  const version = await unlessMissing(readFile(join(layout.cluster, 'PG_VERSION'), 'utf8'));
  const password = await unlessMissing(readFile(layout.passwordFile, 'utf8'));
  if (version === undefined || password === undefined) {
    const missing = version === undefined ? join(layout.cluster, 'PG_VERSION') : layout.passwordFile;
    throw new StartupError([
      `${layout.cluster} is not a database of Countersign (${missing} is missing): restore it, move it away, or set ` +
        'COUNTERSIGN_DATA_DIR to another directory.',
    ]);
  }
  if (version.trim() !== binaries.majorVersion) {
    throw new StartupError([
      `The database in ${layout.cluster} was made by PostgreSQL ${version.trim()} and this Countersign brings ` +
        `PostgreSQL ${binaries.majorVersion}: export it with the version that made it (pg_dump), move the directory ` +
        'away, start once, and import it.',
    ]);
  }
  return password.trim();
}
