import { createPrivateKey, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK, type JWK } from 'jose';
import type postgres from 'postgres';
import { createSealer, type Sealer, StartupError } from '../../src/base/index.ts';
import { signingAlgorithms } from '../../src/config/index.ts';
import { ensureSigningKeys, loadKeyRing } from '../../src/keys/index.ts';
import { connect } from '../../src/store/sql.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';

const masterKey = randomBytes(32);
const sealer = createSealer(masterKey);

let database: TestDatabase;
let sql: postgres.Sql;
beforeEach(async () => {
  database = await createDatabase();
  sql = connect(database.target, 'tokens', adminSettings, { max: 10 });
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});

interface Row {
  readonly kid: string;
  readonly alg: string;
  readonly public_jwk: JWK;
  readonly private_sealed: Buffer;
}

/** What RFC 7518 section 6 and RFC 8037 let a public key say of itself. */
const publicMembers: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'x', 'y'],
  RSA: ['e', 'n'],
  OKP: ['crv', 'x'],
};

const rows = () => sql<Row[]>`select * from signing_keys order by alg`;
const load = (by: Sealer, clock = Date.now) => loadKeyRing(sql, by, clock);

/** The fault of a key ring that cannot be loaded. */
async function faultOf(by: Sealer): Promise<string> {
  const error = await load(by).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof StartupError) return error.message;
  throw new Error('it should have ended with a StartupError', { cause: error });
}

describe('the first signing keys', () => {
  it('are made once when twenty nodes ask at the same moment, each with its audit event', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => ensureSigningKeys(sql, sealer, Date.now)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect((await rows()).map(({ alg }) => alg).toSorted()).toEqual([...signingAlgorithms].toSorted());
    const events = await sql`select target_id from audit_events where action = 'signing_key.created'`;
    expect(events.map((event) => event['target_id']).toSorted()).toEqual(
      (await rows()).map(({ kid }) => kid).toSorted(),
    );
  });

  it('stay when a server starts again', async () => {
    await ensureSigningKeys(sql, sealer, Date.now);
    const before = await rows();
    expect(await ensureSigningKeys(sql, createSealer(randomBytes(32)), Date.now)).toBe(false);
    expect(await rows()).toEqual(before);
  });

  it('are named by their RFC 7638 thumbprint, and public where they are public', async () => {
    await ensureSigningKeys(sql, sealer, Date.now);
    for (const { kid, alg, public_jwk: jwk } of await rows()) {
      expect(await calculateJwkThumbprint(jwk)).toBe(kid);
      expect(jwk).toMatchObject({ kid, alg, use: 'sig' });
      const members = publicMembers[jwk.kty ?? ''] ?? [];
      expect(Object.keys(jwk).toSorted()).toEqual([...members, 'alg', 'kid', 'kty', 'use'].toSorted());
    }
  });

  it('sign what their published halves verify', async () => {
    await ensureSigningKeys(sql, sealer, Date.now);
    const { published, signerOf } = await load(sealer);
    for (const { kid, alg, privateJwk, publicJwk } of published) {
      expect(signerOf(alg)).toBe(kid);
      const jws = await new CompactSign(Buffer.from('text'))
        .setProtectedHeader({ alg })
        .sign(await importJWK(privateJwk, alg));
      expect((await compactVerify(jws, await importJWK(publicJwk, alg))).payload).toEqual(
        new Uint8Array(Buffer.from('text')),
      );
    }
  });

  it('RSA ones have 2048 bits or more', async () => {
    await ensureSigningKeys(sql, sealer, Date.now);
    const { published } = await load(sealer);
    const rsa = published.find(({ alg }) => alg === 'RS256');
    expect(Buffer.from(rsa?.publicJwk.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256);
  });
});

describe('a dump of the signing keys', () => {
  it('holds nothing of a private key, in no encoding', async () => {
    await ensureSigningKeys(sql, sealer, Date.now);
    const { published } = await load(sealer);
    const [dump] = await sql<Array<{ text: string }>>`select string_agg(k::text, ' ') as text from signing_keys k`;
    const raw = Buffer.concat((await rows()).map((row) => row.private_sealed));
    for (const { privateJwk } of published) {
      for (const secret of secretsOf(privateJwk)) {
        expect(raw.includes(secret)).toBe(false);
        for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const) {
          expect(raw.includes(secret.toString(encoding))).toBe(false);
          expect(dump?.text).not.toContain(secret.toString(encoding));
        }
      }
    }
  });
});

/** The private parts of a key as bytes: the PKCS #8 DER, its secret end, and each private JWK member. */
function secretsOf(privateJwk: JWK): Buffer[] {
  const der = createPrivateKey({ key: privateJwk as never, format: 'jwk' }).export({ type: 'pkcs8', format: 'der' });
  const members = [privateJwk.d, privateJwk.p, privateJwk.q, privateJwk.dp, privateJwk.dq, privateJwk.qi];
  const present = members.filter((member) => member !== undefined);
  expect(present.length).toBeGreaterThan(0);
  return [der, ...present.map((member) => Buffer.from(member, 'base64url'))];
}

describe('the key ring at a start', () => {
  beforeEach(() => ensureSigningKeys(sql, sealer, Date.now));

  it('with another master key is a fault that names both keys and the way out', async () => {
    const other = createSealer(randomBytes(32));
    const fault = await faultOf(other);
    expect(fault).toContain('MASTER_KEY does not fit this database');
    expect(fault).toContain(sealer.keyId);
    expect(fault).toContain(other.keyId);
    expect(fault).toContain('MASTER_KEYS_PREVIOUS');
  });

  it('opens with the key that sealed it as a previous one', async () => {
    expect((await load(createSealer(randomBytes(32), [masterKey]))).published).toHaveLength(3);
  });

  it('with a damaged key is a fault, and not one of the master key', async () => {
    await sql`update signing_keys set private_sealed = set_byte(private_sealed, 30, get_byte(private_sealed, 30) # 1)
      where alg = 'RS256'`;
    const fault = await faultOf(sealer);
    expect(fault).toMatch(/^the signing keys in the database cannot be opened: a sealed signing key is damaged/);
  });

  it('with the private halves of two keys exchanged is a fault', async () => {
    await sql`update signing_keys set private_sealed =
      (select other.private_sealed from signing_keys other where other.alg <> signing_keys.alg limit 1)`;
    expect(await faultOf(sealer)).toContain('damaged or belongs to another row');
  });

  it('leaves out what has been retired', async () => {
    await sql`insert into signing_keys (kid, alg, public_jwk, private_sealed, signs_from, retired_at)
      values ('gone', 'ES256', '{}', '', now() - interval '1 day', now() - interval '1 second')`;
    expect((await load(sealer)).published.map(({ kid }) => kid)).not.toContain('gone');
  });
});
