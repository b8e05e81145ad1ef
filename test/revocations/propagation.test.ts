import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, newDirectory, startServer } from '../support/process.ts';
import { asClient, isActive, machineToken, revoke, type SecretClient } from '../tokens/questions.ts';

const rounds = 200;

describe('two processes on one database', () => {
  let database: TestDatabase;
  let nodes: readonly string[];
  let client: SecretClient;
  beforeAll(async () => {
    database = await createDatabase();
    const dataDir = await newDirectory();
    const shared = {
      DATABASE_URL: database.url,
      COUNTERSIGN_DATA_DIR: dataDir,
      ISSUER: 'http://localhost:4000',
      SEED_DEMO: 'true',
      LOG_LEVEL: 'warn',
    };
    const first = await startServer(shared);
    const second = await startServer(shared);
    nodes = [first, second].map(({ port }) => `http://127.0.0.1:${port}`);
    const demo = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8')) as Record<string, string>;
    client = { clientId: demo['client_id'] ?? '', clientSecret: demo['client_secret'] ?? '' };
  });
  afterAll(async () => {
    await endProcesses();
    await database.drop();
  });

  /** Milliseconds from the answer of the node that revoked until the other one knows. */
  async function delayOf(round: number): Promise<number> {
    const [here = '', there = ''] = round % 2 === 0 ? nodes : [...nodes].reverse();
    const token = await machineToken(here, client);
    expect(await isActive(there, token, asClient(client))).toBe(true);
    await revoke(here, token, asClient(client));
    const answered = performance.now();
    expect(await isActive(here, token, asClient(client))).toBe(false);
    while (await isActive(there, token, asClient(client))) {
      if (performance.now() - answered > 5000) throw new Error('the other node never heard of the revocation');
    }
    return performance.now() - answered;
  }

  it('call a revoked token inactive at once where it was revoked, within a second elsewhere (p99)', async () => {
    const delays: number[] = [];
    for (let round = 0; round < rounds; round += 1) delays.push(await delayOf(round));
    delays.sort((a, b) => a - b);
    const at = (share: number) => delays[Math.ceil(rounds * share) - 1] as number;
    const figures = `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(1)} ms`;
    process.stdout.write(`revocation reaches the other node: ${figures} (${rounds} revocations)\n`);
    expect(at(0.99)).toBeLessThan(1000);
  });
});
