import type { JWK } from 'jose';
import { appendAuditSql, bySystem } from '../audit/index.ts';
import type { SigningAlgorithm } from '../config/index.ts';
import { available, type Sql } from '../store/index.ts';

/** A row of signing_keys; the private key is a sealed PKCS #8 DER. */
export interface SigningKeyRow {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicJwk: JWK;
  readonly privateSealed: Buffer;
  readonly signsFrom: Date;
  readonly signsUntil: Date | null;
}

/** Any number, as long as all nodes use the same: who holds it makes the first keys. */
const firstKeysLock = 7_326_001;

/** The keys that are published: announced, signing, or kept until the last token they signed has expired. */
export async function readPublishedKeys(sql: Sql): Promise<readonly SigningKeyRow[]> {
  return available(sql<SigningKeyRow[]>`
    select kid, alg, public_jwk as "publicJwk", private_sealed as "privateSealed",
      signs_from as "signsFrom", signs_until as "signsUntil"
    from signing_keys where retired_at is null or retired_at > now()
    order by signs_from desc, kid`);
}

/**
 * Inserts the first key set unless one is there. Of any number of nodes on an empty database one inserts; the others
 * wait for its commit, see its keys and do nothing.
 */
export async function insertFirstKeys(sql: Sql, make: () => Promise<readonly SigningKeyRow[]>): Promise<boolean> {
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${firstKeysLock})`;
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
