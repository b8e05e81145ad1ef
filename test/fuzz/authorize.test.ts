import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formsOf } from '../support/html-form.ts';
import type { RawAnswer } from '../support/raw-request.ts';
import { frame } from './arbitraries.ts';
import {
  asForm,
  type Change,
  changed,
  changes,
  type Field,
  headersOf,
  type Manners,
  manners,
} from './browser-requests.ts';
import {
  asFormType,
  callback,
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

/** An error for the client, with all that must stand in it. @returns whether it is one. */
function isErrorFor(told: URLSearchParams, address: string, fields: readonly Field[]): boolean {
  const { issuer } = under.target.house;
  const state = single(fields, 'state');
  expect([address, told.get('iss')]).toEqual([callback, issuer]);
  if (state !== undefined) expect(told.get('state')).toBe(state);
  return told.has('error');
}

function isRedirectedError(location: string, fields: readonly Field[]): boolean {
  const url = new URL(location);
  const told = new URLSearchParams(url.search === '' ? url.hash.slice(1) : url.search);
  return isErrorFor(told, url.origin + url.pathname, fields);
}

/** What an authorization request may be answered with. @returns whether it was refused. */
function judge(answer: RawAnswer, fields: readonly Field[], { html }: Manners): boolean {
  if (answer.status === 303) {
    const location = headerOf(answer, 'location');
    return (
      !location.startsWith(`${under.target.house.issuer}/oauth/interaction?`) && isRedirectedError(location, fields)
    );
  }
  // By form_post the answer is a form that a browser sends to the client.
  const [form] = formsOf(answer.body);
  if (form !== undefined)
    return isErrorFor(
      new URLSearchParams(form.fields.map(([name, value]): [string, string] => [name, value])),
      form.action,
      fields,
    );
  expect([400, 413]).toContain(answer.status);
  expectTold(answer, html);
  return true;
}

const byStatus = ({ status }: RawAnswer) => status >= 400;

describe('the authorization endpoint under odd requests', () => {
  const odd = () => fc.tuple(changes('authorization', under.known), manners, fc.boolean());
  const send = (method: string, fields: readonly Field[], way: Manners, signedIn: boolean) => {
    const own = { ...headersOf(way), ...under.cookies(signedIn, '/oauth/authorize') };
    return method === 'GET'
      ? frame('GET', `/oauth/authorize?${asForm(fields)}`, own, Buffer.alloc(0))
      : frame('POST', '/oauth/authorize', { ...own, ...asFormType }, Buffer.from(asForm(fields)));
  };
  const fieldsOf = (change: Change) => changed(under.good, change);

  it(
    'by GET asks a person, tells the client, or tells whoever asks; and keeps nothing of what it refuses',
    async () => {
      await fc.assert(
        fc.asyncProperty(odd(), async ([change, way, signedIn]) => {
          const fields = fieldsOf(change);
          await under.attack(send('GET', fields, way, signedIn), (answer) => {
            return isTooLong(answer) || judge(answer, fields, way);
          });
        }),
        tries(500),
      );
    },
    patience,
  );

  it(
    'by POST sends the same request on by GET, and keeps nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(odd(), async ([change, way, signedIn]) => {
          const fields = fieldsOf(change);
          const answer = await under.attack(send('POST', fields, way, signedIn), () => true);
          if (answer.status === 303) expect(headerOf(answer, 'location')).toMatch(/^\/oauth\/authorize\?/);
          else expectTold(answer, way.html);
        }),
        tries(150),
      );
    },
    patience,
  );

  it(
    'takes pushed requests or refuses them in JSON',
    async () => {
      await fc.assert(
        fc.asyncProperty(odd(), async ([change, way]) => {
          const fields = changed([...under.good, ['client_secret', under.app.clientSecret]], change);
          const bytes = frame('POST', '/oauth/par', { ...headersOf(way), ...asFormType }, Buffer.from(asForm(fields)));
          const answer = await under.attack(bytes, byStatus);
          if (answer.status !== 201) expectTold(answer, false);
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
