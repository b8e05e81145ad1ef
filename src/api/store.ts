import type { ManagementTransaction } from '../store/index.ts';

/** What a key stood for the first time. */
export interface EarlierAnswer {
  readonly requestHash: Buffer;
  readonly answerSealed: Buffer;
}

/**
 * Claims a key for the transaction. Whoever comes second waits for the first one's end.
 * @param kept seconds. @returns what the key stands for already; nothing where it is claimed now.
 */
export async function claimAnswer(
  transaction: ManagementTransaction,
  idHash: Buffer,
  requestHash: Buffer,
  kept: number,
): Promise<EarlierAnswer | undefined> {
  const claimed = await transaction.$executeRaw`
    insert into idempotent_answers as a (id_hash, request_hash, expires_at)
    values (${idHash}, ${requestHash}, now() + make_interval(secs => ${kept}))
    on conflict (id_hash) do update set
      request_hash = excluded.request_hash, answer_sealed = null, created_at = now(), expires_at = excluded.expires_at
    where a.expires_at < now()`;
  if (claimed === 1) return undefined;
  const [row] = await transaction.$queryRaw<Array<{ requestHash: Uint8Array; answerSealed: Uint8Array }>>`
    select request_hash as "requestHash", answer_sealed as "answerSealed"
    from idempotent_answers where id_hash = ${idHash}`;
  if (row === undefined) return undefined;
  return { requestHash: Buffer.from(row.requestHash), answerSealed: Buffer.from(row.answerSealed) };
}

/** Keeps the answer to a claimed key. */
export async function storeAnswer(transaction: ManagementTransaction, idHash: Buffer, sealed: Buffer): Promise<void> {
  await transaction.$executeRaw`update idempotent_answers set answer_sealed = ${sealed} where id_hash = ${idHash}`;
}
