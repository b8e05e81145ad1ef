import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openPerson } from '../support/person.ts';
import { anyText, frame, headerValue, requestHeaders } from './arbitraries.ts';
import { asForm, changed, changes, headersOf, manners } from './browser-requests.ts';
import {
  asFormType,
  expectTold,
  headerOf,
  isTooLong,
  openPeopleTarget,
  type PeopleTarget,
  single,
} from './people-target.ts';
import { patience, tries } from './runs.ts';

let under: PeopleTarget;
beforeAll(async () => {
  under = await openPeopleTarget();
});
afterAll(() => under.target.close());

describe('the userinfo endpoint', () => {
  it(
    'answers or refuses in JSON, and keeps nothing',
    async () => {
      const token = fc.oneof(
        { weight: 3, arbitrary: headerValue },
        { weight: 1, arbitrary: fc.constantFrom(under.userinfoToken, under.idToken, `${under.userinfoToken}x`) },
      );
      const scheme = fc.constantFrom('Bearer ', 'bearer ', 'DPoP ', 'Basic ', '', 'Bearer  ');
      const method = fc.constantFrom('GET', 'POST');
      const requests = fc.tuple(method, scheme, token, requestHeaders('a:b'), anyText);
      await fc.assert(
        fc.asyncProperty(requests, async ([verb, prefix, value, headers, body]) => {
          const own = { ...headers, authorization: `${prefix}${value}`.trim() };
          const content = verb === 'POST' ? Buffer.from(body) : Buffer.alloc(0);
          const answer = await under.attack(frame(verb, '/oauth/userinfo', own, content), () => true);
          if (answer.status !== 200) expectTold(answer, false);
        }),
        tries(250),
      );
    },
    patience,
  );
});

describe('the sign-out', () => {
  it(
    'asks, leads back or refuses in the dialect of who asks, and keeps nothing of what it refuses',
    async () => {
      const requests = fc.tuple(changes('logout', under.known), manners, fc.boolean());
      await fc.assert(
        fc.asyncProperty(requests, async ([change, way, signedIn]) => {
          const fields = changed([['client_id', under.app.clientId]], change);
          const own = { ...headersOf(way), ...under.cookies(signedIn, '/oauth/logout') };
          const bytes = frame('GET', `/oauth/logout?${asForm(fields)}`, own, Buffer.alloc(0));
          const answer = await under.attack(bytes, ({ status }) => status >= 400);
          if (isTooLong(answer)) return;
          if (answer.status >= 400) expectTold(answer, way.html);
          else expect(answer.status).toBe(200);
        }),
        tries(250),
      );
    },
    patience,
  );

  it(
    'is confirmed by no form that was made up',
    async () => {
      const requests = fc.tuple(changes('logout', under.known), manners, fc.boolean());
      await fc.assert(
        fc.asyncProperty(requests, async ([change, way, signedIn]) => {
          const fields = changed([['logout', 'yes']], change);
          const own = { ...headersOf(way), ...asFormType, ...under.cookies(signedIn, '/oauth/logout/confirm') };
          const bytes = frame('POST', '/oauth/logout/confirm', own, Buffer.from(asForm(fields)));
          const answer = await under.attack(bytes, () => true);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expectTold(answer, way.html);
        }),
        tries(200),
      );
    },
    patience,
  );
});

describe('the pages for people', () => {
  const forms = fc.constantFrom('login', 'organization', 'consent', 'deny', 'switch');

  it(
    'show a page for any address, and keep nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(changes('form', []), manners, async (change, way) => {
          const bytes = frame(
            'GET',
            `/oauth/interaction?${asForm(changed([], change))}`,
            headersOf(way),
            Buffer.alloc(0),
          );
          const answer = await under.attack(bytes, () => true);
          if (!isTooLong(answer)) expectTold(answer, true);
        }),
        tries(150),
      );
    },
    patience,
  );

  it(
    'take no form but the one that they showed, and keep nothing of another',
    async () => {
      const fresh = openPerson(under.target.house);
      const page = await fresh.begin(under.good);
      const fields = page.forms.find(({ action }) => action.endsWith('/login'))?.fields ?? [];
      const seal = fields.find(([name]) => name === 'csrf')?.[1] ?? '';
      const token = fields.find(([name]) => name === 'consent_token')?.[1] ?? '';
      await fc.assert(
        fc.asyncProperty(forms, changes('form', [token]), manners, async (name, change, way) => {
          const path = `/oauth/interaction/${name}`;
          const sent = changed([...fields, ['email', 'nobody@example.com'], ['password', '']], change);
          const own = { ...headersOf(way), ...asFormType, cookie: fresh.cookies.header(path) };
          // What is signed by the page may be acted upon; without that, nothing.
          fc.pre(single(sent, 'csrf') !== seal || name === 'login');
          const answer = await under.attack(frame('POST', path, own, Buffer.from(asForm(sent))), () => true);
          if (answer.status === 303)
            expect(headerOf(answer, 'location')).toContain('/oauth/interaction?consent_token=');
          else expectTold(answer, true);
        }),
        tries(250),
      );
      // The request waits as before.
      expect((await fresh.answer(page)).page).toBe('client');
    },
    patience,
  );
});

describe('the consent API', () => {
  const credentials = () =>
    fc.oneof(
      fc.constantFrom(under.target.house.demo['api_key'] ?? '', under.userinfoToken, under.idToken, 'x', ''),
      headerValue,
    );

  it(
    'refuses every token that it did not make, in JSON, and keeps nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyText, credentials(), manners, async (token, credential, way) => {
          const path = `/oauth/consent/${encodeURIComponent(Buffer.from(token).toString()).slice(0, 4_000)}`;
          const own = { ...headersOf(way), authorization: `Bearer ${credential}` };
          const answer = await under.attack(frame('GET', path, own, Buffer.alloc(0)), () => true);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expectTold(answer, false);
        }),
        tries(200),
      );
    },
    patience,
  );

  it(
    'refuses every answer that names none, in JSON, and keeps nothing',
    async () => {
      const bodies = fc.oneof(
        fc.record({
          allowed: fc.oneof(fc.boolean(), fc.jsonValue()),
          consent_token: fc.oneof(anyText, fc.jsonValue()),
        }),
        fc.dictionary(fc.oneof(fc.constantFrom('allowed', 'consent_token'), anyText), fc.jsonValue(), { maxKeys: 4 }),
        fc.jsonValue(),
      );
      const texts = fc.oneof(
        bodies.map((body) => JSON.stringify(body)),
        anyText,
      );
      await fc.assert(
        fc.asyncProperty(texts, credentials(), requestHeaders('a:b'), async (text, credential, headers) => {
          const own = { 'content-type': 'application/json', ...headers, authorization: `Bearer ${credential}` };
          const answer = await under.attack(frame('POST', '/oauth/grants', own, Buffer.from(text)), () => true);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expectTold(answer, false);
        }),
        tries(250),
      );
    },
    patience,
  );
});

describe('the server, after all that,', () => {
  it('has counted no error of its own, and serves', () => under.target.expectServing());
});
