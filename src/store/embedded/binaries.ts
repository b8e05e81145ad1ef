import { join } from 'node:path';
import { StartupError } from '../../base/index.ts';
import { type Account, lastLines, run } from './command.ts';
import { exists } from './files.ts';
import { copyBinaries, linkLibraries } from './libraries.ts';
import type { BinaryPackage } from './package.ts';

/** Binaries that have been seen to run as the account PostgreSQL runs as. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** Of PostgreSQL, for example `18`. */
  readonly majorVersion: string;
}

export interface BinarySearch {
  readonly from: BinaryPackage;
  readonly dataDir: string;
  readonly account: Account | undefined;
  readonly onEvent: (message: string) => void;
}

/**
 * The binaries of the package where they lie, or else a copy of them in the data directory, made once per version:
 * the package may be read-only while its library links are missing (npm may not run its install script), or lie below
 * a home directory that PostgreSQL's user cannot enter.
 * @throws StartupError when they do not run on this machine.
 */
export async function runnableBinaries({ from, dataDir, account, onEvent }: BinarySearch): Promise<Binaries> {
  const copy = join(dataDir, `postgres-${from.label}`);
  if (!(await exists(copy))) {
    if (await linkLibraries(from.native)) {
      const inPlace = await tryRunning(from.native, account);
      if (typeof inPlace !== 'string') return inPlace;
    }
    onEvent(`copying PostgreSQL into ${copy}, since it cannot be run from the installed package`);
    await copyBinaries(from.native, copy);
  }
  const copied = await tryRunning(copy, account);
  if (typeof copied !== 'string') return copied;
  throw new StartupError([
    `PostgreSQL cannot be run on this machine: set DATABASE_URL to a PostgreSQL server.\n  ${lastLines(copied)}`,
  ]);
}

/** `postgres` needs nearly every library of the package, so asking its version tries them all. A string is the fault. */
async function tryRunning(native: string, account: Account | undefined): Promise<Binaries | string> {
  const postgres = join(native, 'bin', 'postgres');
  const { exitCode, output } = await run(postgres, ['--version'], { account });
  const majorVersion = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (exitCode !== 0 || majorVersion === undefined) return output;
  return { postgres, initdb: join(native, 'bin', 'initdb'), pgCtl: join(native, 'bin', 'pg_ctl'), majorVersion };
}
