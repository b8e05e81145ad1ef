import fc from 'fast-check';
import { authentication, mostly, type Pair } from './plain-authentication.ts';
import type { Cast } from './plain-cast.ts';
import { encodeBody, formTypes, headerNoise, type TokenRequest } from './plain-requests.ts';

/** A request about a token, written for any token: what is asked of one can be asked of its twin. */
export interface Question {
  /** Which of the tokens at hand it is about. */
  readonly index: number;
  about(token: string): TokenRequest;
}

/** What becomes of the token on its way into the request. */
const spellings: ReadonlyArray<(token: string) => string> = [
  (token) => `${token}x`,
  (token) => token.slice(0, -1),
  (token) => ` ${token}`,
  (token) => token.toUpperCase(),
  (token) => token.split('.').slice(0, 2).join('.'),
  () => '',
  () => 'x',
  () => 'a.b.c',
  () => 'é',
  () => 'a'.repeat(16_385),
];

const extras: readonly Pair[] = [
  ['token_type_hint', 'access_token'],
  ['token_type_hint', 'refresh_token'],
  ['token_type_hint', 'nonsense'],
  ['token_type_hint', ''],
  ['foo', 'bar'],
  ['', 'x'],
  ['token', 'x'],
  ['scope', 'read'],
  ['grant_type', 'client_credentials'],
  ['client_assertion', 'x.y.z'],
  ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ['__proto__', 'x'],
];

/** The library refuses an Origin, these endpoints do not; a test of its own says so. */
const noises = headerNoise.filter(([name]) => name !== 'origin');

/** Requests about a token around the plain case: from exactly that to whatever clients get wrong. */
export function questions(cast: Cast, endpoint: 'introspect' | 'revoke', tokens: number): fc.Arbitrary<Question> {
  const path = `/oauth/${endpoint}`;
  const draft = fc.record({
    index: fc.nat(tokens - 1),
    target: mostly(path, 90, `/v2${path}`, `${path}?x=1`, `${path}?token=x`, `${path}?`),
    who: authentication(cast),
    spell: mostly<(token: string) => string>((token) => token, 80, ...spellings),
    extra: mostly<Pair | undefined>(undefined, 85, ...extras),
    noise: mostly<Pair | undefined>(undefined, 88, ...noises),
    type: mostly('application/x-www-form-urlencoded', 90, ...formTypes),
    reversed: fc.boolean(),
  });
  return draft.map(({ index, target, who, spell, extra, noise, type, reversed }) => ({
    index,
    about(token) {
      const pairs: Pair[] = [...who.fields, ['token', spell(token)], ...(extra === undefined ? [] : [extra])];
      if (reversed) pairs.reverse();
      const headers = {
        ...(type === '' ? {} : { 'content-type': type }),
        ...(who.header === undefined ? {} : { authorization: who.header }),
        ...(noise === undefined ? {} : { [noise[0]]: noise[1] }),
      };
      return { path: target, headers, body: encodeBody(pairs, type) };
    },
  }));
}
