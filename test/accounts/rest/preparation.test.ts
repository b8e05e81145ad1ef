import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Caller, change, createExecutor, type Executor } from '../../../src/api/index.ts';
import { createSealer } from '../../../src/base/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { openNode } from '../../limits/stores.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let store: Store;
let execute: Executor;
beforeAll(async () => {
  database = await createDatabase();
  store = await openNode(database.target);
  const sealer = createSealer(Buffer.alloc(32));
  execute = createExecutor({ management: store.management, sealer, checkAnswers: true });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const caller: Caller = {
  kind: 'system',
  id: '',
  userSid: undefined,
  clientId: undefined,
  organizationSid: '',
  reach: 'everything',
  scopes: new Set(['admin']),
  role: undefined,
};

const openTransactions = async () => {
  const [row] = await database.sql`
    select count(*)::int as open from pg_stat_activity
    where datname = current_database() and application_name = 'countersign management'
      and state like 'idle in transaction%'`;
  return row?.['open'] as number;
};

describe('what an operation prepares', () => {
  const seen: string[] = [];
  const operation = change(
    {
      id: 'prepared',
      method: 'post',
      path: '/prepared',
      tag: 'Test',
      summary: 'Prepared',
      scopes: [],
      status: 200,
      body: z.strictObject({ word: z.string() }),
      answer: z.strictObject({ open: z.array(z.number()), word: z.string() }),
      prepare: async ({ body }) => {
        seen.push(body.word);
        return { open: await openTransactions(), word: body.word.toUpperCase() };
      },
    },
    async ({ prepared, transaction }) => {
      await transaction.organization.count();
      return { open: [prepared.open, await openTransactions()], word: prepared.word };
    },
  );
  const run = (body: unknown) => execute(operation, { params: {}, query: {}, body, caller, origin: {} });

  it('is made before the transaction, and is there in it', async () => {
    expect((await run({ word: 'slow' })).body).toEqual({ open: [0, 1], word: 'SLOW' });
  });

  it('is not made for a request that is refused by its schema or its scopes', async () => {
    seen.length = 0;
    await expect(run({ word: 7 })).rejects.toMatchObject({ status: 422 });
    const nobody = { ...caller, scopes: new Set<string>() };
    const refused = execute(operation, { params: {}, query: {}, body: { word: 'x' }, caller: nobody, origin: {} });
    await expect(refused).rejects.toMatchObject({ status: 403 });
    expect(seen).toEqual([]);
  });
});
