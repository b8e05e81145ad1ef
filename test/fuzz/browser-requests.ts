import fc from 'fast-check';
import { anyText, headerValue } from './arbitraries.ts';

/** The parameters of authorization and sign-out requests, and of the forms on the pages in between. */
const names = {
  authorization: [
    'response_type',
    'response_mode',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
    'resource',
    'organization',
    'prompt',
    'max_age',
    'login_hint',
    'id_token_hint',
    'acr_values',
    'claims',
    'claims_locales',
    'ui_locales',
    'display',
    'request',
    'request_uri',
    'registration',
    'dpop_jkt',
    'authorization_details',
    'client_secret',
  ],
  logout: [
    'id_token_hint',
    'post_logout_redirect_uri',
    'state',
    'ui_locales',
    'client_id',
    'logout_hint',
    'xsrf',
    'logout',
  ],
  form: ['consent_token', 'csrf', 'email', 'password', 'organization', 'scope', 'note', 'switch'],
} as const;

export type Field = readonly [name: string, value: string];

/** Values that mean something somewhere. */
const meaningful = [
  'code',
  'token',
  'code id_token',
  'query',
  'fragment',
  'form_post',
  'jwt',
  'web_message',
  'none',
  'login',
  'consent',
  'login consent',
  'openid',
  'openid profile offline_access',
  'openid openid',
  'admin',
  '0',
  '1',
  '600',
  'S256',
  'plain',
  'yes',
  '{}',
  '[]',
  '[{"type":"x"}]',
  'e30.e30.',
  'urn:ietf:params:oauth:request_uri:x',
  'https://app.example/callback',
  'https://evil.example/',
  'http://127.0.0.1/',
  'javascript:alert(1)',
  'OR00000000000000000000000000000000',
  'OQ00000000000000000000000000000000',
];

/** Changes to a good request: parameters replaced, left out, added, or standing twice. */
export interface Change {
  readonly replaced: ReadonlyArray<Field>;
  readonly dropped: readonly string[];
  readonly added: ReadonlyArray<Field>;
}

/** @param known values of this house that get a request further. */
export function changes(kind: keyof typeof names, known: readonly string[]): fc.Arbitrary<Change> {
  const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names[kind]) }, { weight: 1, arbitrary: anyText });
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...meaningful, ...known) },
    { weight: 2, arbitrary: anyText },
  );
  const fields = fc.array(fc.tuple(name, value), { maxLength: 3 });
  return fc.record({
    replaced: fields,
    dropped: fc.array(fc.constantFrom(...names[kind]), { maxLength: 2 }),
    added: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fields }),
  });
}

/** A good request with its changes. */
export function changed(good: ReadonlyArray<Field>, { replaced, dropped, added }: Change): Field[] {
  const gone = new Set([...dropped, ...replaced.map(([name]) => name)]);
  return [...good.filter(([name]) => !gone.has(name)), ...replaced, ...added];
}

/** UTF-8 has no place for half of a surrogate pair. */
const encoded = (text: string) => encodeURIComponent(Buffer.from(text).toString());

/** As the query of an address or the body of a form. */
export const asForm = (fields: ReadonlyArray<Field>): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

/** Who asks, and from where it seems to come. Half of them are browsers. */
export const manners = fc.record({
  html: fc.boolean(),
  origin: fc.option(fc.oneof(fc.constantFrom('null', 'https://evil.example'), headerValue), {
    nil: undefined,
    freq: 3,
  }),
  site: fc.option(fc.constantFrom('same-origin', 'cross-site', 'none', 'x'), { nil: undefined, freq: 2 }),
});

export type Manners = typeof manners extends fc.Arbitrary<infer Value> ? Value : never;

/** As headers. */
export const headersOf = ({ html, origin, site }: Manners) => ({
  accept: html ? 'text/html,*/*;q=0.8' : '*/*',
  origin,
  'sec-fetch-site': site,
});
