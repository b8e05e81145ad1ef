import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ensureSigningKeys, type KeyRing } from '../../src/keys/index.ts';
import { jwtVerifier } from '../../src/provider/tokens/jwt.ts';
import { createDatabase } from '../support/database.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { within } from '../support/within.ts';
import { type Forge, openForge } from './forge.ts';
import { asClient, isActive, machineToken, type SecretClient } from './questions.ts';

const now = () => Math.floor(Date.now() / 1000);

/** The row of another ES256 key under the same master key. */
async function keyFromElsewhere(forge: Forge): Promise<Record<string, never>> {
  const other = await createDatabase();
  try {
    await ensureSigningKeys(other.sql, forge.sealer, Date.now);
    const [row] = await other.sql`select * from signing_keys where alg = 'ES256'`;
    return row as Record<string, never>;
  } finally {
    await other.drop();
  }
}

describe('a signature that was good once', () => {
  let house: House;
  let registry: Registry;
  let forge: Forge;
  let owner: SecretClient;
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    forge = await openForge(house);
    owner = await registry.makeClient();
  });
  afterAll(async () => {
    await registry.close();
    await house.close();
  });

  const make = (more = {}) => forge.sign(forge.claims(owner.clientId, more));

  /** A verifier that remembers so many, and how often it has verified a signature. */
  function open(maxEntries: number, ring = forge.ring) {
    let verified = 0;
    const memory = {
      maxEntries,
      onLookup: (outcome: 'hit' | 'miss') => {
        if (outcome === 'miss') verified += 1;
      },
    };
    return { verify: jwtVerifier(ring, house.issuer, memory), verified: () => verified };
  }

  it('is not verified again, and says the same', () => {
    const { verify, verified } = open(10);
    const token = make();
    const read = verify(token, now());
    expect(read).toMatchObject({ clientId: owner.clientId });
    expect([verify(token, now()), verified()]).toEqual([read, 1]);
  });

  it('does not outlive the token: the end is looked at every time', () => {
    const { verify } = open(10);
    const token = make({ exp: now() + 60 });
    expect(verify(token, now())).toBeDefined();
    expect(verify(token, now() + 60)).toBeUndefined();
    expect(verify(token, now())).toBeDefined();
  });

  it('is remembered for no other bytes: what differs anywhere is verified', () => {
    const { verify } = open(10);
    const [token, other] = [make(), make()];
    expect(verify(token, now())).toBeDefined();
    const [head, body, signature] = token.split('.');
    const [, otherBody, otherSignature] = other.split('.');
    for (const mixed of [`${head}.${otherBody}.${signature}`, `${head}.${body}.${otherSignature}`, `${token}A`]) {
      expect(verify(mixed, now())).toBeUndefined();
    }
  });

  it('is forgotten when there are too many, the longest unused first', () => {
    const { verify, verified } = open(2);
    const [first, second, third] = [make(), make(), make()];
    for (const token of [first, second, first, third, first]) verify(token, now());
    expect(verified()).toBe(3);
    verify(second, now());
    expect(verified()).toBe(4);
  });

  it('is not pushed out by what is forged, expired or of another issuer', () => {
    const { verify, verified } = open(1);
    const token = make();
    verify(token, now());
    const useless = [
      `${make().slice(0, -4)}AAAA`,
      make({ exp: now() - 1 }),
      make({ iss: 'https://other.example' }),
      make({ jti: '' }),
    ];
    for (const text of useless) expect(verify(text, now())).toBeUndefined();
    const before = verified();
    verify(token, now());
    expect(verified()).toBe(before);
  });

  it('counts for the key ring under which it was verified only', () => {
    const token = make();
    expect(open(10).verify(token, now())).toBeDefined();
    const published = forge.ring.published.filter(({ alg }) => alg !== 'ES256');
    expect(open(10, { ...forge.ring, published } satisfies KeyRing).verify(token, now())).toBeUndefined();
  });

  it('vanishes from a running server with the key', async () => {
    const token = await machineToken(house.issuer, owner);
    expect(await isActive(house.issuer, token, asClient(owner))).toBe(true);
    const { sql } = house.database;
    const kid = forge.ring.signerOf('ES256');
    await sql`insert into signing_keys ${sql(await keyFromElsewhere(forge))}`;
    await sql`update signing_keys set retired_at = now() where kid = ${kid}`;
    await within(2000, async () => !(await isActive(house.issuer, token, asClient(owner))));
    expect(await isActive(house.issuer, await machineToken(house.issuer, owner), asClient(owner))).toBe(true);
  });
});
