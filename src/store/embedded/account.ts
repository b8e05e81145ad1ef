import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../../base/index.ts';
import { type Account, lastLines, run } from './command.ts';
import { ownerOf } from './files.ts';
import type { Layout } from './layout.ts';

const userName = 'postgres';
const useraddArguments = ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', userName];

/**
 * As whom PostgreSQL runs; undefined means as ourselves. It refuses to run as root, so root hands it to the owner of
 * the cluster (an ordinary user's server may have made it), or to the system user `postgres`, made where it is missing.
 * @throws StartupError when there is no such user and none can be made.
 */
export async function postgresAccount(layout: Layout): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await ownerOf(layout.cluster);
  if (owner !== undefined && owner.uid !== 0) return owner;
  return (await systemUser()) ?? (await createSystemUser());
}

async function systemUser(): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all([run('id', ['-u', userName]), run('id', ['-g', userName])]);
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return undefined;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}

async function createSystemUser(): Promise<Account> {
  const made = await run('useradd', useraddArguments);
  // A server starting beside us may be making the same user: useradd then fails, and the user appears a moment later.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const account = await systemUser();
    if (account !== undefined) return account;
    await delay(100);
  }
  throw new StartupError([
    `PostgreSQL does not run as root, and the system user ${userName} to run it as is missing and could not be made: ` +
      `run Countersign as an ordinary user, make that user (useradd ${useraddArguments.join(' ')}), or set ` +
      `DATABASE_URL. useradd said:\n  ${lastLines(made.output)}`,
  ]);
}
