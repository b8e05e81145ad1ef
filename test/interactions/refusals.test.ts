import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newSecret, Problem } from '../../src/base/index.ts';
import { openStage, type Put, type Stage } from './stage.ts';
import { hiddenFields, openVisitor, type Seen, type Visitor } from './visitor.ts';

let stage: Stage;
let organization: string;
let ada: string;
let visitor: Visitor;
let put: Put;

beforeAll(async () => {
  stage = await openStage();
  organization = await stage.cast.makeOrganization('North');
  ada = await stage.cast.makeUser('ada@example.com', organization);
});
afterAll(() => stage.close());
beforeEach(async () => {
  visitor = openVisitor(stage);
  put = await stage.put({ userSid: ada });
  visitor.begin(put);
});

/** A page that says what happened, and that nothing has. */
function expectRefusal(seen: Seen, status: number, error: string): void {
  expect(seen.status).toBe(status);
  expect(seen.page).toMatchObject({ kind: 'error', error, requestId: seen.headers.get('x-request-id') });
  expect(stage.people.deeds.filter(({ id }) => id === put.request.id)).toEqual([]);
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a page that cannot be shown', () => {
  it.each(['', '?', '?consent_token=', '?consent_token=a&consent_token=b', '?token=a'])(
    'says that the address is not complete (%s)',
    async (query) => {
      expectRefusal(await visitor.get(`/oauth/interaction${query}`), 404, 'not_found');
    },
  );

  it.each([
    ['unknown', newSecret()],
    ['short', 'x'],
    ['long', 'x'.repeat(4000)],
    ['odd', '%00%F0%9F%98%80'],
  ])('says that the request is over where the token is %s', async (_what, token) => {
    expectRefusal(await visitor.get(`/oauth/interaction?consent_token=${token}`), 410, 'expired');
  });

  it('says so when the token has expired or was spent elsewhere', async () => {
    await stage.consentTokens.spend(put.token, ada);
    expectRefusal(await visitor.open(put), 410, 'expired');
  });

  it('says that the request has its answer, after the back button', async () => {
    stage.people.finish(put.request.id);
    expectRefusal(await visitor.open(put), 410, 'answered');
  });

  it('does not show whose it is in another browser, or without cookies', async () => {
    const stranger = openVisitor(stage);
    const seen = await stranger.open(put);
    expectRefusal(seen, 403, 'other_browser');
    expect(JSON.stringify(seen.page)).not.toContain('ada@');
    stranger.begin(await stage.put());
    expectRefusal(await stranger.open(put), 403, 'other_browser');
  });

  it('helps those who load the address of a form', async () => {
    for (const name of ['login', 'organization', 'consent', 'deny', 'switch']) {
      const seen = await visitor.get(`/oauth/interaction/${name}`);
      expectRefusal(seen, 405, 'not_found');
      expect(seen.headers.get('allow')).toBe('POST');
    }
  });
});

describe('a form that does not count', () => {
  it('was sent from another site, whichever way the browser says so', async () => {
    const { page } = await visitor.open(put);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: stage.issuer },
      { 'sec-fetch-site': 'same-site', origin: stage.issuer },
      { 'sec-fetch-site': '', origin: stage.issuer },
      { origin: 'https://evil.example' },
      { origin: `${stage.issuer}.evil.example` },
      { origin: `${stage.issuer}:8080` },
    ]) {
      expectRefusal(await visitor.send('consent', page, [], headers), 403, 'stale_form');
    }
  });

  it('while one from a page of ours counts, whatever the age of the browser', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      { 'sec-fetch-site': 'none' },
      { origin: stage.issuer },
      { origin: 'null' },
      {},
    ]) {
      const { page } = await visitor.open(put);
      expect((await visitor.send('deny', page, [], headers)).status).toBe(303);
    }
  });

  it('comes from a browser that did not begin the request', async () => {
    const { page } = await visitor.open(put);
    visitor.cookies.delete('began');
    expectRefusal(await visitor.send('consent', page), 403, 'other_browser');
    visitor.begin(await stage.put());
    expectRefusal(await visitor.send('consent', page), 403, 'other_browser');
  });

  it.each(['login', 'organization', 'consent', 'deny', 'switch'])(
    'has a seal that is not of this browser (%s)',
    async (name) => {
      const attacker = openVisitor(stage);
      attacker.begin(put);
      const theirs = (await attacker.open(put)).page;
      await visitor.open(put);
      const refused = await visitor.send(name, theirs, [
        ['email', 'ada@example.com'],
        ['password', 'right'],
      ]);
      expectRefusal(refused, 403, 'stale_form');
      expect(refused.page).toMatchObject({
        link: { to: 'start', href: `${stage.issuer}/oauth/interaction?consent_token=${put.token}` },
      });
    },
  );

  it('has the seal of another request, a damaged one or none', async () => {
    const other = await stage.put({ userSid: ada });
    visitor.begin(other);
    const seal = hiddenFields((await visitor.open(other)).page)[1]?.[1] ?? '';
    visitor.begin(put);
    const own = hiddenFields((await visitor.open(put)).page)[1]?.[1] ?? '';
    for (const csrf of [
      seal,
      '',
      'A'.repeat(43),
      own.slice(1),
      `${own}AAAA`,
      own.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    ]) {
      const body = new URLSearchParams({ consent_token: put.token, csrf }).toString();
      expectRefusal(await visitor.post('/oauth/interaction/consent', body), 403, 'stale_form');
    }
    const without = new URLSearchParams({ consent_token: put.token }).toString();
    expectRefusal(await visitor.post('/oauth/interaction/consent', without), 403, 'stale_form');
  });

  it('was filled in for an organization that is not the one any more', async () => {
    const [one, two] = [await stage.cast.makeOrganization('One'), await stage.cast.makeOrganization('Two')];
    const user = await stage.cast.makeUser('moving@example.com', one);
    put = await stage.put({ userSid: user });
    visitor.begin(put);
    const { page } = await visitor.open(put);
    expect(page).toMatchObject({ kind: 'consent', organization: 'One' });
    await stage.cast.leave(user, one);
    await stage.cast.join(user, two);
    expectRefusal(await visitor.send('consent', page), 403, 'stale_form');
    expect((await visitor.open(put)).page).toMatchObject({ kind: 'consent', organization: 'Two' });
  });

  it('is about a request that is over', async () => {
    const { page } = await visitor.open(put);
    stage.people.finish(put.request.id);
    expectRefusal(await visitor.send('consent', page), 410, 'answered');
  });

  it('is sent twice: the second does no more than the first, in any order', async () => {
    const { page } = await visitor.open(put);
    const answers = await Promise.all([visitor.send('consent', page), visitor.send('consent', page)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    const outcomes = stage.people.deeds.filter(({ id }) => id === put.request.id).map(({ outcome }) => outcome.kind);
    expect(outcomes).toEqual(['consented', 'consented']);
    stage.people.finish(put.request.id);
    const late = await visitor.send('consent', page);
    expect(late).toMatchObject({ status: 410, page: { kind: 'error', error: 'answered' } });
  });

  it.each([
    ['no form at all', 'application/json', '{"consent_token":"x"}', 415],
    ['no content type', 'text/plain', 'consent_token=x', 415],
    ['too large', form['content-type'], `consent_token=${'x'.repeat(20_000)}`, 413],
    ['not percent-encoded', form['content-type'], 'consent_token=%zz', 400],
    ['of too many fields', form['content-type'], 'scope=a&'.repeat(65), 400],
    ['a field twice', form['content-type'], 'consent_token=a&consent_token=b', 400],
  ])('is unreadable: %s', async (_what, contentType, body, status) => {
    const seen = await visitor.post('/oauth/interaction/consent', body, {
      'content-type': contentType,
      'sec-fetch-site': 'same-origin',
    });
    expectRefusal(seen, status, 'stale_form');
  });
});

describe('where something is missing on our side', () => {
  it('a page says to come back, for a form too', async () => {
    const { page } = await visitor.open(put);
    const away = new Problem('unavailable', 'The database cannot be reached; try again in a moment.');
    for (const attempt of [() => visitor.open(put), () => visitor.send('consent', page)]) {
      stage.people.failNext('find', away);
      const seen = await attempt();
      expectRefusal(seen, 503, 'unavailable');
      expect(seen.headers.get('retry-after')).toBe('1');
    }
    expect((await visitor.send('consent', page)).status).toBe(303);
  });

  it('a form says that the request is over, where it ended at this very moment', async () => {
    const { page } = await visitor.open(put);
    stage.people.failNext('resolve', new Problem('unprocessable', 'This request was answered already.'));
    expectRefusal(await visitor.send('consent', page), 410, 'answered');
  });

  it('a page says that it is not available, with no word of why', async () => {
    const broken = await openStage();
    const theirs = await broken.put();
    await broken.database.sql`drop table consent_tokens`;
    const seen = await openVisitor(broken).open(theirs);
    expect(seen).toMatchObject({ status: 500, page: { kind: 'error', error: 'server_error' } });
    expect(JSON.stringify(seen.page)).not.toContain('consent_tokens');
    await broken.close();
  });

  it('says that the client is gone', async () => {
    const deserted = await openStage();
    const theirs = await deserted.put();
    deserted.forgetClient();
    const seen = await openVisitor(deserted).open(theirs);
    expect(seen).toMatchObject({ status: 410, page: { kind: 'error', error: 'unknown_client' } });
    await deserted.close();
  });
});
