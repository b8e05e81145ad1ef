import { expect } from '@jest/globals';
import type { Person, Query } from '../../support/person.ts';
import { rowCounts } from '../../support/rows.ts';
import { type App, callback, prepare, type Town, toldBy } from './town.ts';

type Text = Readonly<Record<string, string>>;

/** What becomes of requests of one client that nobody is asked about. */
export interface Telling {
  /** A request for `openid` with the state `S`, and what it is changed by. */
  request(more?: Text): Promise<Text>;
  /** What the client is told. */
  told(person: Person, parameters: Query): Promise<Text>;
  /** An error for the client, whole: its state and our issuer stand in it, and nothing was stored. */
  expectTold(person: Person, parameters: Query, error: string): Promise<void>;
}

/** Opens the eyes of a client in a town. */
export function tellingOf(town: Town, app: App): Telling {
  const telling: Telling = {
    request: async (more = {}) => (await prepare(app, { scope: 'openid', state: 'S', ...more })).parameters,
    async told(person, parameters) {
      const { url, page, status } = await person.begin(parameters);
      expect([page, status, url.origin + url.pathname]).toEqual(['client', 0, callback]);
      // Where tokens were asked for, that is in the fragment (RFC 6749 section 4.2.2.1).
      return url.hash === '' ? toldBy(url) : Object.fromEntries(new URLSearchParams(url.hash.slice(1)));
    },
    async expectTold(person, parameters, error) {
      const before = await rowCounts(town.house.database.sql);
      const { error_description: description, ...rest } = await telling.told(person, parameters);
      expect(rest).toEqual({ error, state: 'S', iss: town.house.issuer });
      expect(['string', 'undefined']).toContain(typeof description);
      expect(await rowCounts(town.house.database.sql)).toEqual(before);
    },
  };
  return telling;
}
