import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Packed, packSdk } from './packaging/packed.ts';

const run = promisify(execFile);

let house: House;
let packed: Packed;
beforeAll(async () => {
  [house, packed] = await Promise.all([openHouse(), packSdk()]);
}, 120_000);
afterAll(async () => {
  await packed.remove();
  await house.close();
});

/** Runs an example beside the installed package. @returns what it prints. */
async function play(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(packed.project, name);
  await copyFile(fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)), file);
  const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 40_000 };
  return run(process.execPath, [file, ...args], options);
}

// The examples start a process each.
jest.setTimeout(90_000);

const demoFile = () => join(house.dataDir, 'demo.json');

describe('the examples run against a server with demo data', () => {
  it('client credentials', async () => {
    const { stdout } = await play('sdk-client-credentials.mjs', [demoFile()]);
    expect(stdout).toBe('100 callers have 1 token between them\na request carries: accept, Authorization\n');
  });

  it('client credentials from the environment', async () => {
    const { stdout } = await play('sdk-client-credentials.mjs', [], {
      COUNTERSIGN_URL: house.issuer,
      COUNTERSIGN_CLIENT_ID: house.demo.client_id,
      COUNTERSIGN_CLIENT_SECRET: house.demo.client_secret,
    });
    expect(stdout).toContain('100 callers have 1 token');
  });

  it('client credentials that are wrong: it says what to mend', async () => {
    const attempt = play('sdk-client-credentials.mjs', [], {
      COUNTERSIGN_URL: house.issuer,
      COUNTERSIGN_CLIENT_ID: house.demo.client_id,
      COUNTERSIGN_CLIENT_SECRET: 'wrong',
    });
    await expect(attempt).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Check clientId') });
  });

  it('a token manager of one’s own', async () => {
    const args = [demoFile(), join(packed.project, 'token.json')];
    expect((await play('sdk-token-manager.mjs', args)).stdout).toBe('asked for a new token\n');
    expect((await play('sdk-token-manager.mjs', args)).stdout).toBe('used the token in the file\n');
  });
});
