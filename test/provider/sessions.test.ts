import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectEnded, isSignedIn, offline, standingOf } from '../flows/people/life.ts';
import { type App, obtain, openTown, resource, type Town } from '../flows/people/town.ts';
import type { Person } from '../support/person.ts';
import type { Resident } from '../support/residents.ts';
import { type Manage, makeTenant, managerOf, recordOf, recordsOf, type Tenant } from '../support/tenants.ts';

let town: Town;
let app: App;
let manage: Manage;
let stranger: Tenant;
let theirs: Manage;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
  const { issuer, demo } = town.house;
  manage = managerOf(issuer, demo['api_key'] ?? '');
  stranger = await makeTenant(town);
  theirs = managerOf(issuer, stranger.key);
});
afterAll(() => town.close());

/** What ends with the session that it came about in. */
const online = { scope: 'read', resource };

const sessionsOf = async (resident: Resident, who = manage) =>
  recordsOf(await who('GET', `/sessions?filter[user_id]=${resident.sid}`));

/** Somebody who is signed in in a browser of theirs, and the tokens that an app got there. */
async function signIn(resident: Resident, wish: typeof online = online) {
  const person: Person = town.browserOf(resident);
  return { person, tokens: await obtain(app, person, wish) };
}

describe('a session', () => {
  it('says who is signed in since when and until when, and gives nothing away that signs in', async () => {
    const resident = await town.residents.makeUser();
    const { person } = await signIn(resident);
    const [session, ...more] = await sessionsOf(resident);
    expect(more).toEqual([]);
    expect(session).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      record_type: 'session',
      user_id: resident.sid,
      created_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    const { status, body } = await manage('GET', `/v2/sessions/${session?.['id']}`);
    expect([status, body['data']]).toEqual([200, session]);
    // Neither the value nor its bytes are what a browser or the protocol shows.
    const bytes = Buffer.from(String(session?.['id']), 'hex').toString('base64url');
    const shown = JSON.stringify([person.cookies.header('/'), person.trail]);
    expect(shown).not.toContain(String(session?.['id']));
    expect(shown).not.toContain(bytes);
  });

  it('is listed once for each browser, oldest first, page by page', async () => {
    const resident = await town.residents.makeUser();
    for (let count = 0; count < 3; count += 1) await signIn(resident);
    const path = `/sessions?filter[user_id]=${resident.sid}&page[size]=2`;
    const pages = [await manage('GET', path), await manage('GET', `${path}&page[number]=2`)];
    expect(pages.map((page) => recordsOf(page).length)).toEqual([2, 1]);
    expect(pages[1]?.body['meta']).toEqual({ page_number: 2, page_size: 2, total_pages: 2, total_results: 3 });
    const times = pages.flatMap(recordsOf).map((record) => String(record['created_at']));
    expect(times).toEqual(times.toSorted());
  });

  it('that has expired, or in which nobody is signed in, is not there', async () => {
    const resident = await town.residents.makeUser();
    await signIn(resident);
    const [session] = await sessionsOf(resident);
    const idHash = Buffer.from(String(session?.['id']), 'hex');
    await town.house.database.sql`update sessions set expires_at = now() where uid_hash = ${idHash}`;
    expect(await sessionsOf(resident)).toEqual([]);
    expect((await manage('GET', `/sessions/${session?.['id']}`)).status).toBe(404);
  });
});

describe('ending a session', () => {
  it('signs the browser out and ends the tokens that hang on it; other browsers and offline access go on', async () => {
    const resident = await town.residents.makeUser();
    const [one, two] = [await signIn(resident), await signIn(resident)];
    const kept = await obtain(app, one.person, offline);
    const [first] = await sessionsOf(resident);
    expect((await manage('DELETE', `/sessions/${first?.['id']}`)).status).toBe(204);
    await expectEnded(app, one.tokens);
    expect(await isSignedIn(app, one.person)).toBe(false);
    expect(await isSignedIn(app, two.person)).toBe(true);
    expect(await standingOf(app, two.tokens)).toBe('lives');
    expect(await standingOf(app, kept)).toBe('lives');
    expect((await manage('DELETE', `/sessions/${first?.['id']}`)).status).toBe(404);
  });

  it('of a user everywhere ends all of theirs, and nobody else is signed out', async () => {
    const [resident, neighbour] = [await town.residents.makeUser(), await town.residents.makeUser()];
    const mine = [await signIn(resident), await signIn(resident)];
    const others = await signIn(neighbour);
    expect((await manage('DELETE', `/users/${resident.sid}/sessions`)).status).toBe(204);
    for (const { person, tokens } of mine) {
      await expectEnded(app, tokens);
      expect(await isSignedIn(app, person)).toBe(false);
    }
    expect(await isSignedIn(app, others.person)).toBe(true);
    expect(await sessionsOf(resident)).toEqual([]);
    expect((await manage('DELETE', `/users/${resident.sid}/sessions`)).status).toBe(204);
  });

  it('leaves an event for each', async () => {
    const resident = await town.residents.makeUser();
    await signIn(resident);
    const [session] = await sessionsOf(resident);
    expect((await manage('DELETE', `/users/${resident.sid}/sessions`)).status).toBe(204);
    const events = recordsOf(await manage('GET', `/audit_events?filter[target_id]=${session?.['id']}`));
    expect(events).toEqual([
      expect.objectContaining({
        action: 'session.ended',
        actor: { type: 'api_key', id: town.house.demo['api_key_sid'] },
        target: { type: 'session', id: session?.['id'] },
        detail: { user: resident.sid },
      }),
    ]);
  });

  it('of what does not exist is not found', async () => {
    for (const id of ['0'.repeat(64), 'x', '%00']) {
      expect((await manage('DELETE', `/sessions/${id}`)).status).toBe(404);
    }
    expect((await manage('DELETE', `/users/US${'0'.repeat(32)}/sessions`)).status).toBe(404);
  });
});

describe('who is of another organization', () => {
  it('neither sees nor counts nor ends a session', async () => {
    const resident = await town.residents.makeUser();
    const { person } = await signIn(resident);
    const [session] = await sessionsOf(resident);
    const list = await theirs('GET', '/sessions');
    expect([recordsOf(list), list.body['meta']]).toEqual([[], expect.objectContaining({ total_results: 0 })]);
    const statuses = await Promise.all([
      theirs('GET', `/sessions/${session?.['id']}`),
      theirs('DELETE', `/sessions/${session?.['id']}`),
      theirs('DELETE', `/users/${resident.sid}/sessions`),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await isSignedIn(app, person)).toBe(true);
  });

  it('sees and ends those of their own members', async () => {
    const { person } = await signIn(stranger.user);
    const [session] = await sessionsOf(stranger.user, theirs);
    expect(recordOf(await theirs('GET', `/sessions/${session?.['id']}`))).toEqual(session);
    expect((await theirs('DELETE', `/sessions/${session?.['id']}`)).status).toBe(204);
    expect(await isSignedIn(app, person)).toBe(false);
  });
});

describe('a developer', () => {
  it('sees who is signed in and signs nobody out', async () => {
    const developer = await makeTenant(town, { role: 'developer' });
    await signIn(developer.user);
    const own = managerOf(town.house.issuer, developer.key);
    const [session] = await sessionsOf(developer.user, own);
    expect((await own('DELETE', `/sessions/${session?.['id']}`)).status).toBe(403);
    expect((await own('DELETE', `/users/${developer.user.sid}/sessions`)).status).toBe(403);
  });
});
