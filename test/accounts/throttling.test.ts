import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SignInAttempt } from '../../src/accounts/index.ts';
import { createSealer } from '../../src/base/index.ts';
import {
  attempt,
  crowd,
  type Door,
  deviceOf,
  goodPassword,
  openScene,
  type Person,
  type Scene,
  spread,
} from './scene.ts';

const perAccount = 10;
const day = 86_400_000;

let scene: Scene;
let doors: readonly [Door, Door];
let owner: Person;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(async () => {
  const limits = { attemptsPerAccount: perAccount, attemptsPerAddress: 30 };
  doors = [scene.openDoor(limits), scene.openDoor(limits, { node: 1 })];
  owner = await scene.makePerson();
});

const verified = () => doors[0].verified() + doors[1].verified();
const door = (index: number) => doors[index % 2] as Door;
const guess = (more?: Partial<SignInAttempt>) => attempt(owner.email, 'some other password', more);
const own = (more?: Partial<SignInAttempt>) => attempt(owner.email, goodPassword, more);
const attack = (times = perAccount, more?: Partial<SignInAttempt>) =>
  crowd(times, (index) => door(index).signIn(guess(more)));

describe('guessing one account from many addresses', () => {
  it('reaches a comparison no more often than the limit says, however many guesses come at once on two nodes', async () => {
    expect(spread(await attack(60))).toEqual({ wrong: perAccount, throttled: 60 - perAccount });
    expect(verified()).toBe(perAccount);
    expect(spread(await attack(5))).toEqual({ throttled: 5 });
    expect(verified()).toBe(perAccount);
  });

  it('is refused with the time to wait, and the right password is refused too', async () => {
    await attack();
    const outcome = await doors[1].signIn(own());
    expect(outcome).toMatchObject({ ok: false, reason: 'throttled' });
    expect(outcome).toHaveProperty('retryAfter', expect.any(Number));
    const { retryAfter } = outcome as unknown as { retryAfter: number };
    expect(retryAfter).toBeGreaterThan(850);
    expect(retryAfter).toBeLessThanOrEqual(900);
  });

  it('is the same for an account that is not there, and for other ways to write the address', async () => {
    const spellings = ['Ghost@example.com', ' ghost@EXAMPLE.com', 'GHOST@example.com '];
    const outcomes = await crowd(15, (index) =>
      door(index).signIn(attempt(spellings[index % spellings.length] ?? '', 'guess')),
    );
    expect(spread(outcomes)).toEqual({ wrong: perAccount, throttled: 5 });
  });

  it('leaves other accounts alone', async () => {
    await attack();
    const other = await scene.makePerson();
    expect(await doors[0].signIn(attempt(other.email, goodPassword))).toMatchObject({ ok: true });
  });

  it('is counted without the e-mail address in clear', async () => {
    await attack(1);
    const rows = await scene.database.sql<Array<{ key: string }>>`select key from limits`;
    expect(rows.filter(({ key }) => key.includes(owner.email) || key.includes('@'))).toEqual([]);
    expect(rows.some(({ key }) => key.startsWith('sign-in account:'))).toBe(true);
  });
});

describe('guessing from one address', () => {
  it.each([
    ['an IPv4 address, mapped or not', (index: number) => (index % 2 ? '192.0.2.66' : '::ffff:192.0.2.66')],
    ['one IPv6 /64', (index: number) => `2001:db8:66:1:${(index * 977).toString(16)}::${index.toString(16)}`],
  ])('goes no further by turning from account to account: %s', async (_name, addressOf) => {
    const outcomes = await crowd(45, (index) =>
      door(index).signIn(attempt(`victim${index}.${_name.length}@example.com`, 'guess', { address: addressOf(index) })),
    );
    expect(spread(outcomes)).toEqual({ wrong: 30, throttled: 15 });
    expect(verified()).toBe(30);
  });

  it('is not paid for by those who sign in there: success gives back what it took', async () => {
    const address = '203.0.113.9';
    const colleagues = await Promise.all(Array.from({ length: 12 }, () => scene.makePerson()));
    for (const [index, { email }] of [...colleagues, ...colleagues, ...colleagues].entries()) {
      expect(await door(index).signIn(attempt(email, goodPassword, { address }))).toMatchObject({ ok: true });
    }
  });

  it('says that it is the address, not the account', async () => {
    const address = '203.0.113.11';
    await crowd(30, (index) => door(index).signIn(attempt(`somebody${index}@example.com`, 'guess', { address })));
    expect(await doors[0].signIn(own({ address }))).toMatchObject({ reason: 'throttled', of: 'address' });
  });

  it('is not started anew by a success in between', async () => {
    const address = '203.0.113.10';
    const mine = await scene.makePerson();
    let wrong = 0;
    for (let index = 0; index < 40; index += 1) {
      const outcome = await door(index).signIn(attempt(`victim${index}@example.com`, 'guess', { address }));
      if (!outcome.ok && outcome.reason === 'wrong') wrong += 1;
      if (index % 5 === 0) await door(index).signIn(attempt(mine.email, goodPassword, { address }));
    }
    expect(wrong).toBe(30);
  });
});

describe('the owner of an account that is being guessed', () => {
  it('signs in from a browser in which they have before', async () => {
    const device = deviceOf(await doors[0].signIn(own()));
    await attack(20);
    expect(await doors[1].signIn(own())).toMatchObject({ ok: false, reason: 'throttled' });
    for (const turn of [0, 1, 2]) expect(await door(turn).signIn(own({ device }))).toMatchObject({ ok: true });
    expect(await doors[0].signIn(guess())).toMatchObject({ reason: 'throttled' });
  });

  it('may mistype there as often as the limit says, and starts anew after a success', async () => {
    const device = deviceOf(await doors[0].signIn(own()));
    expect(spread(await attack(perAccount - 1, { device }))).toEqual({ wrong: perAccount - 1 });
    expect(await doors[0].signIn(own({ device }))).toMatchObject({ ok: true });
    expect(spread(await attack(perAccount + 5, { device }))).toEqual({ wrong: perAccount, throttled: 5 });
    expect(await doors[0].signIn(own({ device }))).toMatchObject({ reason: 'throttled' });
    expect(await doors[0].signIn(own())).toMatchObject({ ok: true });
  });

  it('does not start the strangers’ count anew by signing in', async () => {
    const device = deviceOf(await doors[0].signIn(own()));
    await attack(perAccount - 1);
    await doors[0].signIn(own());
    await doors[0].signIn(own({ device }));
    expect(spread(await attack(5))).toEqual({ wrong: 1, throttled: 4 });
  });
});

describe('a device value', () => {
  let device: string;
  beforeEach(async () => {
    device = deviceOf(await doors[0].signIn(own()));
    await attack();
  });
  const counts = async (value: string, at = doors[0]) => (await at.signIn(own({ device: value }))).ok;

  it('is renewed with each success, and stays the same device', async () => {
    const renewed = deviceOf(await doors[1].signIn(own({ device })));
    const later = scene.openDoor({ attemptsPerAccount: perAccount }, { clock: () => Date.now() + 100 * day });
    const afterwards = deviceOf(await later.signIn(own({ device: renewed })));
    expect(afterwards).not.toBe(renewed);
    expect(afterwards.split('.').slice(0, 2)).toEqual(device.split('.').slice(0, 2));
    const muchLater = scene.openDoor({ attemptsPerAccount: perAccount }, { clock: () => Date.now() + 270 * day });
    expect(await counts(afterwards, muchLater)).toBe(true);
    expect(await counts(renewed, muchLater)).toBe(false);
  });

  it('ends after 180 days', async () => {
    const clockAt = (days: number) => ({ clock: () => Date.now() + days * day });
    expect(await counts(device, scene.openDoor({ attemptsPerAccount: perAccount }, clockAt(179.9)))).toBe(true);
    expect(await counts(device, scene.openDoor({ attemptsPerAccount: perAccount }, clockAt(180.1)))).toBe(false);
  });

  it('is worth nothing with any part of it changed, or made up', async () => {
    const [user = '', id = '', expiry = '', mac = ''] = device.split('.');
    const forgeries = [
      '',
      '...',
      'x',
      mac,
      `${user}.${id}.${expiry}`,
      `${user}.${id}.${expiry}.`,
      `${user}.${id}.${Number(expiry) + 1}.${mac}`,
      `${user}.${id.slice(1)}a.${expiry}.${mac}`,
      `${user}.${id}.${expiry}.${mac.slice(0, -2)}`,
      `${user}.${id}.${expiry}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`,
      `${user}.${id}.${expiry}.${mac}.`,
      `${device}${'.x'.repeat(2000)}`,
      device.toUpperCase(),
    ];
    for (const forged of forgeries) expect(await counts(forged)).toBe(false);
    expect(await counts(device)).toBe(true);
  });

  it('is worth nothing for another account', async () => {
    const other = await scene.makePerson();
    const foreign = deviceOf(await doors[0].signIn(attempt(other.email, goodPassword)));
    expect(await counts(foreign)).toBe(false);
    const [, ...rest] = foreign.split('.');
    expect(await counts([owner.sid, ...rest].join('.'))).toBe(false);
  });

  it('is worth nothing at a server with another master key', async () => {
    const foreign = scene.openDoor({}, { sealer: createSealer(Buffer.alloc(32, 8)) });
    expect(await counts(deviceOf(await foreign.signIn(own())))).toBe(false);
  });

  it('is worth nothing once the password is another, whoever collected how many of them', async () => {
    await scene.database.sql`update users set password_hash = '$argon2id$something new' where sid = ${owner.sid}`;
    const before = verified();
    expect(await doors[0].signIn(attempt(owner.email, 'something new', { device }))).toMatchObject({
      reason: 'throttled',
    });
    expect(verified()).toBe(before);
  });
});

describe('addresses that are exempt', () => {
  const exempt = ['198.51.100.0/24', '2001:db8:1::/48'];
  const [listed, other] = ['198.51.100.7', '198.51.101.7'];
  const guesses = perAccount + 30;

  it('guess as often as they like, in every way to write them, and nothing is counted', async () => {
    const open = scene.openDoor({ attemptsPerAccount: perAccount, attemptsPerAddress: 30, exempt });
    for (const address of [listed, `::ffff:${listed}`, '2001:db8:1:2::3']) {
      const outcomes = await crowd(guesses, () => open.signIn(guess({ address })));
      expect(spread(outcomes)).toEqual({ wrong: guesses });
    }
    expect(await open.signIn(own({ address: listed }))).toMatchObject({ ok: true });
    expect(await doors[0].signIn(own({ address: other }))).toMatchObject({ ok: true });
  });

  it('are let in while others have used up the account, who stay out', async () => {
    const open = scene.openDoor({ attemptsPerAccount: perAccount, attemptsPerAddress: 30, exempt });
    await attack();
    expect(await open.signIn(own({ address: other }))).toMatchObject({ reason: 'throttled', of: 'account' });
    expect(await open.signIn(own({ address: listed }))).toMatchObject({ ok: true });
    expect(await open.signIn(own({ address: other }))).toMatchObject({ reason: 'throttled' });
  });
});
