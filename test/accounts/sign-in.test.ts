import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { within } from '../support/within.ts';
import { attempt, crowd, type Door, deviceOf, goodPassword, openScene, realHash, type Scene, spread } from './scene.ts';

const wrong = { ok: false, reason: 'wrong' };

let scene: Scene;
let door: Door;
beforeAll(async () => {
  scene = await openScene();
  door = scene.openDoor();
});
afterAll(() => scene.close());

describe('the sign-in', () => {
  it('knows a user by e-mail address, however it is written, and password', async () => {
    const { sid, email } = await scene.makePerson({ email: 'zo\u00eb@example.com' });
    const outcome = await door.signIn(attempt('  ZOE\u0308@Example.com ', goodPassword));
    expect(outcome).toMatchObject({
      ok: true,
      user: { sid, email, name: 'Person of a test', emailVerified: false },
    });
    expect(JSON.stringify(outcome)).not.toContain('argon2id');
    expect(deviceOf(outcome)).toMatch(/^[\w.-]{1,200}$/);
  });

  it('answers the same, after the same comparison, to a wrong password, an unknown and a suspended user', async () => {
    const people = [
      await scene.makePerson(),
      await scene.makePerson({ standing: 'suspended' }),
      await scene.makePerson({ passwordHash: 'none' }),
      { email: 'nobody@example.com' },
    ];
    for (const { email } of people) {
      const before = door.verified();
      expect(await door.signIn(attempt(email, 'some other password'))).toEqual(wrong);
      expect(door.verified() - before).toBe(1);
    }
    expect(await door.signIn(attempt(people[1]?.email ?? '', goodPassword))).toEqual(wrong);
    expect(await door.signIn(attempt(people[2]?.email ?? '', 'none'))).toEqual(wrong);
  });

  it('looks at nothing that is too long to be anybody’s', async () => {
    const { email } = await scene.makePerson();
    const before = door.verified();
    expect(await door.signIn(attempt(email, 'x'.repeat(1025)))).toEqual(wrong);
    expect(await door.signIn(attempt(`${'x'.repeat(250)}@example.com`, goodPassword))).toEqual(wrong);
    expect(await door.signIn(attempt('nul\u0000@example.com', goodPassword))).toEqual(wrong);
    expect(door.verified()).toBe(before);
  });

  it('refuses a password that is changed while it is compared', async () => {
    const { sid, email } = await scene.makePerson();
    const slow = scene.openDoor(
      {},
      {
        meanwhile: () => scene.database.sql`update users set password_hash = '$argon2id$new' where sid = ${sid}`,
      },
    );
    expect(await slow.signIn(attempt(email, goodPassword))).toEqual(wrong);
  });

  it('refuses a user who is suspended while the password is compared', async () => {
    const { sid, email } = await scene.makePerson();
    const slow = scene.openDoor(
      {},
      { meanwhile: () => scene.database.sql`update users set standing = 'suspended' where sid = ${sid}` },
    );
    expect(await slow.signIn(attempt(email, goodPassword))).toEqual(wrong);
  });

  it('compares two passwords at once, lets 64 wait, and answers 503 to the rest, which does not count', async () => {
    const [width, queue, tooMany] = [2, 64, 4];
    await scene.database.sql`truncate limits`;
    let most = 0;
    let released = false;
    const inside = new Set<() => void>();
    const busy = scene.openDoor(
      {},
      {
        async meanwhile() {
          if (released) return;
          await new Promise<void>((resolve) => {
            inside.add(resolve);
            most = Math.max(most, inside.size);
          });
        },
      },
    );
    const refusals: unknown[] = [];
    const outcomes = crowd(width + queue + tooMany, (index) =>
      busy.signIn(attempt(`guest${index}@example.com`, 'wrong')).catch((error) => {
        refusals.push(error);
        return { ok: false, reason: 'throttled', retryAfter: 0, of: 'account' };
      }),
    );
    await within(10_000, async () => refusals.length === tooMany);
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'unavailable', status: 503 });
    const counts = async () => scene.database.sql`
      select points, count(*)::int as keys from limits group by points order by points`;
    // Each guest has a count of the address and one of the account.
    await within(5_000, async () => (await counts())[0]?.['keys'] === 2 * tooMany);
    released = true;
    for (const release of inside) release();
    expect(spread(await outcomes)).toEqual({ wrong: width + queue, throttled: tooMany });
    expect(most).toBe(width);
    expect([...(await counts())]).toEqual([
      { points: 0, keys: 2 * tooMany },
      { points: 1, keys: 2 * (width + queue) },
    ]);
  });
});

describe('by argon2id', () => {
  const runs = 7;
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

  it('an unknown user, a suspended one and a wrong password take the same time', async () => {
    const passwordHash = await realHash(goodPassword);
    const real = scene.openDoor({ attemptsPerAccount: 1_000 }, { real: true });
    const emails = {
      known: (await scene.makePerson({ passwordHash })).email,
      suspended: (await scene.makePerson({ passwordHash, standing: 'suspended' })).email,
      unknown: 'nobody.here@example.com',
    };
    const took: Record<string, number[]> = { known: [], suspended: [], unknown: [] };
    for (let run = 0; run <= runs; run += 1) {
      for (const [kind, email] of Object.entries(emails)) {
        const started = performance.now();
        await real.signIn(attempt(email, 'some other password'));
        // The first ones pay for what is made once.
        if (run > 0) took[kind]?.push(performance.now() - started);
      }
    }
    const [known = 0, ...others] = Object.values(took).map(median);
    for (const other of others) {
      expect(other / known).toBeGreaterThan(0.5);
      expect(other / known).toBeLessThan(2);
    }
    expect(known).toBeGreaterThan(5);
  });

  it('the right password signs in, also from another keyboard', async () => {
    const { email } = await scene.makePerson({ passwordHash: await realHash('cr\u00e8me br\u00fbl\u00e9e') });
    const real = scene.openDoor({}, { real: true });
    expect(await real.signIn(attempt(email, 'cre\u0300me bru\u0302le\u0301e'))).toMatchObject({ ok: true });
  });
});
