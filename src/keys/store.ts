import type { JWK } from 'jose';
import { appendAuditSql, bySystem } from '../audit/index.ts';
import type { SigningAlgorithm } from '../config/index.ts';
import { available, type ManagementTransaction, type Sql } from '../store/index.ts';
import type { KeyTimes } from './types.ts';

/** A new key; the private half is a sealed PKCS #8 DER. */
export interface SigningKeyDraft {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateSealed: Buffer;
  readonly signsFrom: Date;
}

/** A row of signing_keys. */
export interface SigningKeyRow extends SigningKeyDraft {
  readonly signsUntil: Date | null;
  readonly retiredAt: Date | null;
}

/** A key as it is managed: without its private half. */
export interface KeyRow extends KeyTimes {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Any number, as long as all nodes use the same: who holds it makes keys. */
const keysLock = 7_326_001;

/** The keys that are published: announced, signing, or kept until the last token they signed has expired. */
export async function readPublishedKeys(sql: Sql): Promise<readonly SigningKeyRow[]> {
  return available(sql<SigningKeyRow[]>`
    select kid, alg, public_jwk as "publicJwk", private_sealed as "privateSealed",
      signs_from as "signsFrom", signs_until as "signsUntil", retired_at as "retiredAt"
    from signing_keys where retired_at is null or retired_at > now()
    order by signs_from desc, kid`);
}

/**
 * Inserts the first key set unless one is there. Of any number of nodes on an empty database one inserts; the others
 * wait for its commit, see its keys and do nothing.
 */
export async function insertFirstKeys(sql: Sql, make: () => Promise<readonly SigningKeyDraft[]>): Promise<boolean> {
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${keysLock})`;
    const [row] = await transaction<Array<{ there: boolean }>>`select exists (select from signing_keys) as there`;
    if (row?.there === true) return false;
    for (const key of await make()) {
      await transaction`
        insert into signing_keys (kid, alg, public_jwk, private_sealed, signs_from)
        values (${key.kid}, ${key.alg}, ${transaction.json(key.publicJwk as never)}, ${key.privateSealed}, ${key.signsFrom})`;
      await appendAuditSql(transaction as unknown as Sql, {
        action: 'signing_key.created',
        actor: bySystem,
        target: { type: 'signing_key', id: key.kid },
        detail: { alg: key.alg },
      });
    }
    return true;
  });
}

/** Lets one change of the keys happen after the other. @returns the database's time, in milliseconds since the epoch. */
export async function lockKeys(transaction: ManagementTransaction): Promise<number> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(${keysLock})`;
  const [row] = await transaction.$queryRaw<Array<{ at: Date }>>`select clock_timestamp() as at`;
  return (row as { at: Date }).at.getTime();
}

const managed = {
  kid: true,
  alg: true,
  publicJwk: true,
  createdAt: true,
  signsFrom: true,
  signsUntil: true,
  retiredAt: true,
} as const;

interface ManagedRow {
  readonly kid: string;
  readonly alg: string;
  readonly publicJwk: unknown;
  readonly createdAt: Date;
  readonly signsFrom: Date;
  readonly signsUntil: Date | null;
  readonly retiredAt: Date | null;
}

const toKeyRow = (row: ManagedRow): KeyRow => ({
  kid: row.kid,
  alg: row.alg as SigningAlgorithm,
  publicJwk: row.publicJwk as KeyRow['publicJwk'],
  createdAt: row.createdAt.getTime(),
  signsFrom: row.signsFrom.getTime(),
  signsUntil: row.signsUntil?.getTime(),
  retiredAt: row.retiredAt?.getTime(),
});

/** The published keys, of one algorithm or all. @param now milliseconds since the epoch. */
export async function readKeysIn(
  transaction: ManagementTransaction,
  alg: SigningAlgorithm | undefined,
  now: number,
): Promise<readonly KeyRow[]> {
  const rows = await transaction.signingKey.findMany({
    where: { ...(alg === undefined ? {} : { alg }), OR: [{ retiredAt: null }, { retiredAt: { gt: new Date(now) } }] },
    select: managed,
  });
  return rows.map(toKeyRow);
}

/** Changes when a key signs and when it leaves the JWKS. A trigger tells all nodes. */
export async function setTimes(
  transaction: ManagementTransaction,
  kid: string,
  times: { readonly signsFrom?: Date; readonly signsUntil?: Date | null; readonly retiredAt?: Date | null },
): Promise<void> {
  await transaction.signingKey.update({ where: { kid }, data: times, select: { kid: true } });
}

/** Stores a key. */
export async function insertKey(
  transaction: ManagementTransaction,
  { publicJwk, privateSealed, kid, alg, signsFrom }: SigningKeyDraft,
  createdAt: Date,
): Promise<KeyRow> {
  const row = await transaction.signingKey.create({
    data: {
      kid,
      alg,
      publicJwk: publicJwk as object,
      privateSealed: Uint8Array.from(privateSealed),
      createdAt,
      signsFrom,
    },
    select: managed,
  });
  return toKeyRow(row);
}

const columns = (sql: Sql) => sql`
  kid, alg, public_jwk as "publicJwk", created_at as "createdAt", signs_from as "signsFrom",
  signs_until as "signsUntil", retired_at as "retiredAt"`;

/** Reads one key, retired or not. */
export async function readKey(sql: Sql, kid: string): Promise<KeyRow | undefined> {
  const [row] = await available(sql<ManagedRow[]>`select ${columns(sql)} from signing_keys where kid = ${kid}`);
  return row === undefined ? undefined : toKeyRow(row);
}

/** One page of all keys there ever were, and how many there are. */
export async function listKeys(
  sql: Sql,
  alg: SigningAlgorithm | undefined,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly keys: readonly KeyRow[]; readonly total: number }> {
  const chosen = alg === undefined ? sql`true` : sql`alg = ${alg}`;
  const [rows, [count]] = await Promise.all([
    available(sql<ManagedRow[]>`
      select ${columns(sql)} from signing_keys where ${chosen}
      order by created_at, kid limit ${limit} offset ${offset}`),
    available(sql<Array<{ total: number }>>`select count(*)::int as total from signing_keys where ${chosen}`),
  ]);
  return { keys: rows.map(toKeyRow), total: count?.total ?? 0 };
}
