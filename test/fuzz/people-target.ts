import { expect } from '@jest/globals';
import { openPerson, type Person } from '../support/person.ts';
import type { RawAnswer } from '../support/raw-request.ts';
import { openRegistry } from '../support/registry.ts';
import { rowCounts } from '../support/rows.ts';
import { askWithForm } from '../support/tokens.ts';
import type { Field } from './browser-requests.ts';
import { openTarget, type Target } from './target.ts';

/** A server under attack with an app, and somebody who has signed in and allowed it all that it may have. */
export interface PeopleTarget {
  readonly target: Target;
  readonly app: { readonly clientId: string; readonly clientSecret: string };
  readonly person: Person;
  readonly idToken: string;
  /** An access token for the userinfo endpoint. */
  readonly userinfoToken: string;
  /** The parameters of a good authorization request. */
  readonly good: readonly Field[];
  /** Values of this house that get a request further. */
  readonly known: readonly string[];
  /** Sends a request; where it is refused, nothing may have been stored. */
  attack(bytes: Uint8Array, isRefused: (answer: RawAnswer) => boolean): Promise<RawAnswer>;
  /** The Cookie header of the browser that is signed in, or none. */
  cookies(signedIn: boolean, path: string): { readonly cookie?: string };
}

export const callback = 'https://app.example/callback';
export const asFormType = { 'content-type': 'application/x-www-form-urlencoded' };
/** RFC 7636 appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** Opens a house and signs somebody in. */
export async function openPeopleTarget(): Promise<PeopleTarget> {
  let app = { clientId: '', clientSecret: '' };
  const target = await openTarget(async (house) => {
    const registry = await openRegistry(house);
    app = await registry.makeClient({
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      allowedScopes: ['openid', 'profile', 'clients:read'],
      redirectUris: [callback],
      postLogoutRedirectUris: ['https://app.example/goodbye'],
      authMethod: 'client_secret_post',
    });
    await registry.close();
  });
  const { house } = target;
  const good: readonly Field[] = [
    ['response_type', 'code'],
    ['client_id', app.clientId],
    ['redirect_uri', callback],
    ['state', 'the state'],
    ['code_challenge', challenge],
    ['code_challenge_method', 'S256'],
    ['scope', 'openid profile'],
  ];
  const person = openPerson(house);
  const url = await person.authorize(good);
  const tokens = await askWithForm(`${house.issuer}/oauth/token`, {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: callback,
    code_verifier: verifier,
    client_id: app.clientId,
    client_secret: app.clientSecret,
  });
  const idToken = String(tokens.body['id_token']);
  return {
    target,
    app,
    person,
    idToken,
    userinfoToken: String(tokens.body['access_token']),
    good,
    known: [app.clientId, house.demo['app_client_id'] ?? '', idToken, house.issuer, callback],
    async attack(bytes, isRefused) {
      const before = await rowCounts(house.database.sql);
      const answer = await target.attack(bytes);
      if (isRefused(answer)) expect(await rowCounts(house.database.sql)).toEqual(before);
      return answer;
    },
    cookies: (signedIn, path) => (signedIn ? { cookie: person.cookies.header(path) } : {}),
  };
}

/** A header of an answer. */
export function headerOf({ text }: RawAnswer, name: string): string {
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  return new RegExp(`^${name}: (.*)\\r?$`, 'im').exec(head)?.[1] ?? '';
}

/** The value of a parameter that stands once and is not empty. */
export function single(fields: readonly Field[], name: string): string | undefined {
  const values = fields.filter(([key]) => key === name).map(([, value]) => Buffer.from(value).toString());
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** Refused in the dialect of who asks: a page for browsers, JSON for programs. */
export function expectTold(answer: RawAnswer, html: boolean): void {
  const type = headerOf(answer, 'content-type');
  if (html) expect([answer.status, type]).toEqual([answer.status, 'text/html; charset=utf-8']);
  else expect(JSON.parse(answer.body)).toHaveProperty('error');
}

/** Longer than a request line may be: the listener refuses it before anybody knows who asks. */
export const isTooLong = ({ status }: RawAnswer): boolean => status === 431 || status === 414;
