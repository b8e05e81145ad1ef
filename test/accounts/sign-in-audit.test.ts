import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newSid } from '../../src/base/index.ts';
import { attempt, crowd, goodPassword, openScene, type Scene, spread } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const from = (address: string) => ({ address, requestId: `request from ${address}` });

describe('the audit log', () => {
  it('has each sign-in with who, from where and the request', async () => {
    const door = scene.openDoor();
    const { sid, email } = await scene.makePerson();
    await door.signIn(attempt(email, goodPassword, from('192.0.2.1')));
    expect(await scene.events(sid)).toEqual([
      {
        action: 'user.signed_in',
        actor: sid,
        organization: null,
        address: '192.0.2.1',
        request: 'request from 192.0.2.1',
        detail: null,
      },
    ]);
  });

  it('tells the organization of somebody who is a member of one, and names none of several', async () => {
    const door = scene.openDoor({ attemptsPerAccount: 1 });
    const [own, first, second] = [newSid('organization'), newSid('organization'), newSid('organization')] as const;
    for (const [organizations, organization] of [
      [[own], own],
      [[first, second], null],
    ] as const) {
      const { sid, email } = await scene.makePerson({ organizations });
      for (const password of [goodPassword, 'wrong one', 'wrong two']) await door.signIn(attempt(email, password));
      expect(await scene.events(sid)).toMatchObject([
        { action: 'user.signed_in', organization },
        { action: 'user.sign_in_failed', organization, detail: { reason: 'wrong' } },
        { action: 'user.sign_in_failed', organization, detail: { reason: 'throttled' } },
      ]);
    }
  });

  it('has each wrong password with the user whom it was for, and claims not to know who it was', async () => {
    const door = scene.openDoor();
    const { sid, email } = await scene.makePerson();
    const event = { action: 'user.sign_in_failed', actor: null, detail: { reason: 'wrong' } };
    await door.signIn(attempt(email, 'wrong one', from('192.0.2.2')));
    expect(await scene.events(sid)).toMatchObject([{ ...event, address: '192.0.2.2' }]);
    await door.signIn(attempt('stranger@example.com', 'wrong one', from('192.0.2.3')));
    expect(await scene.events('unknown')).toMatchObject([{ ...event, address: '192.0.2.3' }]);
    const [row] = await scene.database.sql`
      select count(*)::int as found from audit_events e where e::text like '%@%' or e::text like '%wrong one%'`;
    expect(row?.['found']).toBe(0);
  });

  it('has one row for all that is refused to one account, and one for all that is refused to one address', async () => {
    const doors = [scene.openDoor({ attemptsPerAddress: 20 }), scene.openDoor({ attemptsPerAddress: 20 }, { node: 1 })];
    const { sid, email } = await scene.makePerson();
    const guesses = await crowd(50, async (index) =>
      (doors[index % 2] as (typeof doors)[0]).signIn(attempt(email, 'guess')),
    );
    expect(spread(guesses)).toEqual({ wrong: 10, throttled: 40 });
    const throttled = { action: 'user.sign_in_failed', actor: null, detail: { reason: 'throttled' } };
    const rows = await scene.events(sid);
    expect(rows).toHaveLength(11);
    expect(rows.filter(({ detail }) => detail?.['reason'] === 'throttled')).toMatchObject([throttled]);

    const address = '2001:db8:7:7::1';
    await crowd(50, (index) =>
      (doors[index % 2] as (typeof doors)[0]).signIn(attempt(`v${index}@example.com`, 'guess', { address })),
    );
    expect(await scene.events('2001:db8:7:7::/64')).toMatchObject([{ ...throttled, address }]);
  });

  it('is never left out: while it cannot be written, nobody is answered, and guesses count', async () => {
    const door = scene.openDoor();
    const { sql } = scene.database;
    const { sid, email } = await scene.makePerson();
    await sql`alter table audit_events add constraint closed check (action not like 'user.sign%') not valid`;
    try {
      const unavailable = { code: 'unavailable', status: 503 };
      await expect(door.signIn(attempt(email, goodPassword))).rejects.toMatchObject(unavailable);
      for (let index = 0; index < 9; index += 1) {
        await expect(door.signIn(attempt(email, 'guess'))).rejects.toMatchObject(unavailable);
      }
      const before = door.verified();
      await expect(door.signIn(attempt(email, 'guess'))).rejects.toMatchObject(unavailable);
      expect(door.verified()).toBe(before);
    } finally {
      await sql`alter table audit_events drop constraint closed`;
    }
    expect(await scene.events(sid)).toEqual([]);
    expect(await door.signIn(attempt(email, goodPassword))).toMatchObject({ reason: 'throttled' });
    expect(await scene.events(sid)).toMatchObject([{ detail: { reason: 'throttled' } }]);
  });
});

describe('the metrics', () => {
  it('count sign-ins by how they end', async () => {
    const door = scene.openDoor({ attemptsPerAccount: 3 });
    const { email } = await scene.makePerson();
    await door.signIn(attempt(email, goodPassword));
    await crowd(5, () => door.signIn(attempt(email, 'guess')));
    await door.signIn(attempt(email, 'x'.repeat(2000)));
    const { body } = await door.metrics.render();
    expect(body).toContain('countersign_sign_ins_total{outcome="signed_in"} 1\n');
    expect(body).toContain('countersign_sign_ins_total{outcome="wrong"} 4\n');
    expect(body).toContain('countersign_sign_ins_total{outcome="throttled"} 2\n');
  });
});
