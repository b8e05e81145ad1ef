import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmbedded } from '../../../src/store/embedded/index.ts';
import { binaryPackage } from '../../../src/store/embedded/package.ts';
import { faultsOf, newDirectory, removeDirectories } from './data-directories.ts';

afterAll(removeDirectories);

const isRoot = process.getuid?.() === 0;
const socketPathLimit = process.platform === 'darwin' ? 103 : 107;
/** What the path of the socket has after the data directory. */
const tail = '/run/.s.PGSQL.5432'.length;

describe('an embedded PostgreSQL', () => {
  it('is refused in a directory whose socket would have too long a path, before anything is made there', async () => {
    const parent = await newDirectory();
    const dataDir = join(parent, 'é'.repeat(Math.ceil((socketPathLimit - parent.length - tail) / 2) + 1));
    const fault = await faultsOf(startEmbedded({ dataDir }));
    expect(fault).toContain(`the limit here is ${socketPathLimit}`);
    expect(fault).toContain('COUNTERSIGN_DATA_DIR');
    expect(await readdir(parent)).toEqual([]);
  });

  it('is refused in a directory whose path its tools would hand to a shell unquoted', async () => {
    const parent = await newDirectory();
    const fault = await faultsOf(startEmbedded({ dataDir: join(parent, '$(id)') }));
    expect(fault).toContain('set COUNTERSIGN_DATA_DIR to a path without');
    expect(await readdir(parent)).toEqual([]);
  });

  it('is refused where the data directory is a file', async () => {
    const file = join(await newDirectory(), 'data');
    await writeFile(file, '');
    const fault = await faultsOf(startEmbedded({ dataDir: file }));
    expect(fault).toContain(`The data directory ${file} cannot be used`);
  });

  it('is refused in a directory that its user cannot use, naming what is in the way', async () => {
    const closed = join(await newDirectory(), 'closed');
    const dataDir = join(closed, 'data');
    await mkdir(dataDir, { recursive: true });
    await chmod(join(closed, '..'), 0o755);
    // Under root it is the PostgreSQL user who cannot pass; otherwise it is ourselves who cannot write.
    await chmod(isRoot ? closed : dataDir, isRoot ? 0o700 : 0o500);
    const fault = await faultsOf(startEmbedded({ dataDir }));
    expect(fault).toContain(isRoot ? `cannot enter ${closed}: ` : `The data directory ${dataDir} cannot be used`);
    expect(fault).toContain('COUNTERSIGN_DATA_DIR');
  });

  it('is refused on a platform that there are no binaries for', async () => {
    const fault = await faultsOf(binaryPackage('sunos'));
    expect(fault).toContain(`There is no PostgreSQL for sunos-${process.arch}`);
    expect(fault).toContain('DATABASE_URL');
  });
});
