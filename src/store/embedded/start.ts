import { setTimeout as delay } from 'node:timers/promises';
import { StartupError } from '../../base/index.ts';
import type { DatabaseTarget } from '../target.ts';
import { postgresAccount } from './account.ts';
import { runnableBinaries } from './binaries.ts';
import { reasonOf } from './causes.ts';
import { type Attempt, type Claim, openClaim, type SocketTarget } from './claim.ts';
import { clusterPassword, databaseName, ensureCluster, roleName, type Site } from './cluster.ts';
import { prepareDirectories } from './directories.ts';
import { type Layout, layoutOf, port } from './layout.ts';
import { binaryPackage } from './package.ts';
import { startServer, stopServer } from './server.ts';

export interface EmbeddedOptions {
  /** The Countersign data directory (COUNTERSIGN_DATA_DIR); made when it is missing. */
  readonly dataDir: string;
  /** Progress in words for people: at the start, and later when the connection is lost and found again. */
  readonly onEvent?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** The database, by its Unix socket. */
  readonly target: DatabaseTarget;
  /** Whether this start made the database. */
  readonly created: boolean;
  /** Whether PostgreSQL was already running, left by a server that was killed. */
  readonly adopted: boolean;
  /** Stops PostgreSQL and gives the data directory free. Asking again waits for the same stop. */
  stop(): Promise<void>;
}

/** Milliseconds that each state may last before the start is given up; pauses between attempts are short beside it. */
const patience = { held: 2_000, down: 10_000, changing: 300_000 } as const;
const pause = 50;

/**
 * Starts the PostgreSQL of a data directory, making it first where there is none, or adopts the one left running.
 * @throws StartupError when it cannot be done, or while another server uses the directory.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const layout = layoutOf(options.dataDir);
  try {
    return await start(layout, options.onEvent ?? (() => undefined));
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    throw new StartupError([`PostgreSQL could not be started in ${layout.dataDir}: ${reasonOf(cause)}`], { cause });
  }
}

async function start(layout: Layout, onEvent: (message: string) => void): Promise<EmbeddedPostgres> {
  const account = await postgresAccount(layout);
  await prepareDirectories(layout, account);
  const from = await binaryPackage();
  const binaries = await runnableBinaries({ from, dataDir: layout.dataDir, account, onEvent });
  const site = { layout, account, binaries };
  const created = await ensureCluster(site, onEvent);
  const password = await clusterPassword(site);
  const target = { host: layout.runDir, port, user: roleName, password, database: databaseName };
  const { claim, adopted } = await claimServer(site, target, onEvent);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= claim.release(() => stopServer(site));
    return stopping;
  };
  return { target, created, adopted, stop };
}

interface Claimed {
  readonly claim: Claim;
  readonly adopted: boolean;
}

async function claimServer(site: Site, target: SocketTarget, onEvent: (message: string) => void): Promise<Claimed> {
  const claim = openClaim(site.layout.socket, target, onEvent);
  try {
    const adopted = await pursue(site, claim, onEvent);
    return { claim, adopted };
  } catch (cause) {
    // PostgreSQL stays up even if we started it: another server has it by now, or the next start will adopt it.
    await claim.release();
    throw cause;
  }
}

/** Tries until the database is ours, starting PostgreSQL when it is down. Answers whether it was already running. */
async function pursue(site: Site, claim: Claim, onEvent: (message: string) => void): Promise<boolean> {
  let adopted = true;
  let last: Attempt['state'] | undefined;
  let since = 0;
  for (;;) {
    const attempt = await claim.attempt();
    if (attempt.state === 'claimed') break;
    if (attempt.state !== last) since = Date.now();
    last = attempt.state;
    if (attempt.state === 'failed' || Date.now() - since > patience[attempt.state]) throw refusal(site, attempt);
    if (attempt.state === 'down' && (await startServer(site, onEvent))) adopted = false;
    else await delay(pause);
  }
  if (adopted) onEvent('adopted the PostgreSQL left running');
  return adopted;
}

function refusal({ layout }: Site, attempt: Attempt): StartupError {
  if (attempt.state === 'held') {
    const who = attempt.pid === undefined ? '' : ` (process ${attempt.pid})`;
    return new StartupError([
      `Another Countersign server${who} is using the data directory ${layout.dataDir}: stop it first, or give this one ` +
        'a directory and a port of its own with COUNTERSIGN_DATA_DIR and PORT.',
    ]);
  }
  if (attempt.state === 'failed') {
    const { cause } = attempt;
    return new StartupError([`PostgreSQL in ${layout.cluster} runs but cannot be used: ${reasonOf(cause)}`], { cause });
  }
  return new StartupError([
    `PostgreSQL in ${layout.cluster} runs but does not take connections at ${layout.socket}; its log is ${layout.log}.`,
  ]);
}
