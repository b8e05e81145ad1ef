import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newSid } from '../../src/base/index.ts';
import { openStage, type Put, type Stage, throttledFor } from './stage.ts';
import { openVisitor, type Visitor } from './visitor.ts';

let stage: Stage;
let north: string;
let ada: string;
let bob: string;
let visitor: Visitor;

beforeAll(async () => {
  stage = await openStage();
  north = await stage.cast.makeOrganization('North');
  ada = await stage.cast.makeUser('ada@example.com', north);
  bob = await stage.cast.makeUser('bob@example.com', north);
});
afterAll(() => stage.close());
beforeEach(() => {
  visitor = openVisitor(stage);
});

async function begin(wish: Parameters<Stage['put']>[0]): Promise<Put> {
  const put = await stage.put(wish);
  visitor.begin(put);
  return put;
}

const deedsOf = ({ request }: Put) =>
  stage.people.deeds.filter(({ id }) => id === request.id).map(({ outcome }) => outcome);
const resumeOf = ({ request }: Put) => `${stage.issuer}/oauth/authorize/${request.id}`;

describe('the sign-in page', () => {
  it('is shown to clients without any cookie, with what the client hinted at', async () => {
    const put = await stage.put({ step: 'login', loginHint: 'ada@example.com' });
    const seen = await visitor.open(put);
    expect(seen.status).toBe(200);
    expect(seen.page).toMatchObject({
      kind: 'login',
      consentToken: put.token,
      formTargets: ['https://app.example/callback'],
      client: { id: stage.clientId, name: 'Example App', verified: false, hasLogo: true },
      email: 'ada@example.com',
      actions: { signIn: '/oauth/interaction/login', deny: '/oauth/interaction/deny' },
    });
    expect(JSON.stringify(seen.page)).not.toContain(put.request.id);
  });

  it('takes the right password on to the protocol, by 303, and marks the browser', async () => {
    const put = await begin({ step: 'login' });
    const { page } = await visitor.open(put);
    const done = await visitor.send('login', page, [
      ['email', ' ada@example.com '],
      ['password', 'right'],
    ]);
    expect(done).toMatchObject({ status: 303, location: resumeOf(put) });
    expect(deedsOf(put)).toEqual([{ kind: 'signed_in', userSid: ada }]);
    expect(visitor.setCookies).toContain(
      `cs_device=device.of.${ada}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${180 * 86_400}`,
    );
    const again = await begin({ step: 'login' });
    await visitor.send('login', (await visitor.open(again)).page, [
      ['email', 'ada@example.com'],
      ['password', 'wrong'],
    ]);
    expect(stage.attempts.at(-1)).toMatchObject({
      email: 'ada@example.com',
      address: '127.0.0.1',
      device: `device.of.${ada}`,
    });
  });

  it.each([
    ['a wrong password', 'ada@example.com', 'wrong'],
    ['no password', 'ada@example.com', ''],
    ['nobody', '', 'right'],
  ])('comes again after %s, saying so, with the address that was typed', async (_what, email, password) => {
    const put = await begin({ step: 'login', loginHint: 'hint@example.com' });
    const { page } = await visitor.open(put);
    const before = stage.attempts.length;
    const refused = await visitor.send('login', page, [
      ['email', email],
      ['password', password],
    ]);
    expect(refused.status).toBe(303);
    expect(decodeURIComponent(refused.location)).not.toContain('ada@example.com');
    const next = await visitor.get(refused.next);
    expect(next.status).toBe(200);
    expect(next.page).toMatchObject({ kind: 'login', email, error: { kind: 'wrong' } });
    // What nobody typed is not counted as an attempt.
    expect(stage.attempts.length - before).toBe(email !== '' && password !== '' ? 1 : 0);
    expect(deedsOf(put)).toEqual([]);
    const done = await visitor.send('login', next.page, [
      ['email', 'ada@example.com'],
      ['password', 'right'],
    ]);
    expect(done.location).toBe(resumeOf(put));
  });

  it('says how long to wait after too many attempts, and no longer than that', async () => {
    const put = await begin({ step: 'login' });
    const { page } = await visitor.open(put);
    const refused = await visitor.send('login', page, [
      ['email', 'ada@example.com'],
      ['password', 'patience'],
    ]);
    const waiting = await visitor.get(refused.next);
    expect(waiting.status).toBe(429);
    // Programs that wait as long as they are told come back soon; people read how long it really is.
    expect(waiting.headers.get('retry-after')).toBe('30');
    expect(waiting.headers.get('ratelimit-policy')).toBe('"sign-in-account";q=10;w=900');
    expect(waiting.headers.get('ratelimit')).toMatch(/^"sign-in-account";r=0;t=(8[5-9]|90)$/);
    expect(waiting.page).toMatchObject({ kind: 'login', error: { kind: 'throttled', minutes: 2 } });
    stage.moveClock(throttledFor * 1000);
    const later = await visitor.get(refused.next);
    expect(later.status).toBe(200);
    expect(later.page).toMatchObject({ kind: 'login', email: 'ada@example.com' });
    expect(later.page).not.toHaveProperty('error');
  });

  it('believes no note that was made up or is about another request', async () => {
    const [put, other] = [await begin({ step: 'login' }), await stage.put({ step: 'login' })];
    const { page } = await visitor.open(put);
    const refused = await visitor.send('login', page, [
      ['email', 'ada@example.com'],
      ['password', 'wrong'],
    ]);
    const note = /note=([\w-]+)/.exec(refused.next)?.[1] ?? '';
    for (const wrong of [`&note=${note}`, '&note=bm90ZQ', '&note=%00', `&note=${'A'.repeat(200)}`]) {
      const seen = await visitor.open(other, wrong);
      expect(seen.status).toBe(200);
      expect(seen.page).not.toHaveProperty('error');
    }
  });

  it('comes for another account too, and leaves the request as it is until somebody has signed in', async () => {
    const put = await begin({ userSid: ada });
    const { page } = await visitor.open(put);
    expect(page.kind).toBe('consent');
    const sent = await visitor.send('switch', page);
    expect(sent.status).toBe(303);
    const login = await visitor.get(sent.next);
    expect(login.page.kind).toBe('login');
    expect(deedsOf(put)).toEqual([]);
    expect((await visitor.open(put)).page.kind).toBe('consent');
    await visitor.send('login', login.page, [
      ['email', 'bob@example.com'],
      ['password', 'right'],
    ]);
    expect(deedsOf(put)).toEqual([{ kind: 'signed_in', userSid: bob }]);
  });

  it('comes where the one who was signed in may not act any more', async () => {
    expect((await visitor.open(await begin({ userSid: newSid('user') }))).page.kind).toBe('login');
  });
});

describe('under https', () => {
  it('the cookies can be set by no other host, nor read in clear', async () => {
    const secure = await openStage({ issuer: 'https://auth.example' });
    const user = await secure.cast.makeUser('ada@example.com', await secure.cast.makeOrganization('North'));
    const theirs = await secure.put({ step: 'login' });
    const browser = openVisitor(secure);
    browser.begin(theirs);
    const { page } = await browser.open(theirs);
    const done = await browser.send('login', page, [
      ['email', 'ada@example.com'],
      ['password', 'right'],
    ]);
    expect(done.status).toBe(303);
    expect(browser.setCookies).toEqual([
      expect.stringMatching(/^__Host-cs_browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
      `__Host-cs_device=device.of.${user}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=15552000`,
    ]);
    await secure.close();
  });
});
