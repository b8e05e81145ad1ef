import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveMasterKey } from '../../src/keys/index.ts';

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
});
afterEach(async () => {
  await chmod(place, 0o700);
  await rm(place, { recursive: true, force: true });
});

const resolve = (dataDir: string, current?: Buffer) =>
  resolveMasterKey({ dataDir, masterKeys: { current, previous: [] } });

describe('the master key', () => {
  it('is the configured one, and then no file is made', async () => {
    const configured = Buffer.alloc(32, 7);
    expect(await resolve(place, configured)).toEqual(configured);
    expect(await readdir(place)).toEqual([]);
  });

  it('is made once in the data directory, for its owner alone, in the form of MASTER_KEY', async () => {
    const dataDir = join(place, 'not', 'there', 'yet');
    const key = await resolve(dataDir);
    expect(key).toHaveLength(32);
    expect(await resolve(dataDir)).toEqual(key);
    const file = join(dataDir, 'master.key');
    expect(await readFile(file, 'utf8')).toBe(`${key.toString('base64url')}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['master.key']);
  });

  it('is another one in another directory', async () => {
    expect(await resolve(join(place, 'a'))).not.toEqual(await resolve(join(place, 'b')));
  });

  it.each(['', 'short', 'A'.repeat(44)])('is refused when the file holds no key: "%s"', async (content) => {
    await writeFile(join(place, 'master.key'), content);
    await expect(resolve(place)).rejects.toThrow(
      `${place}/master.key does not hold a master key (32 bytes in base64url)`,
    );
    expect(await readFile(join(place, 'master.key'), 'utf8')).toBe(content);
  });

  it('that cannot be kept is a fault that says where and what to do', async () => {
    await writeFile(join(place, 'file'), '');
    await expect(resolve(join(place, 'file'))).rejects.toThrow(
      /^COUNTERSIGN_DATA_DIR: the master key cannot be kept in .*master\.key \(E.*\); set MASTER_KEY or another directory$/,
    );
  });
});
