import fc from 'fast-check';
import type { Pair } from './plain-authentication.ts';
import { type OrganizationName, type PeopleCast, redirectUris, userNames } from './plain-people-cast.ts';
import { type ConsentWish, type SessionWish, sessionStates } from './plain-people-stage.ts';
import {
  challengeOf,
  client,
  nearUris,
  often,
  permissionsFor,
  resources,
  scopeLists,
  tokenHeaders,
  verifier,
} from './plain-people-wishes.ts';

/** An authorization request and the browser that it comes from. */
export interface AuthorizeCase {
  readonly wish: SessionWish;
  readonly query: string;
  readonly headers: readonly Pair[];
  readonly cookie: 'right' | 'badly signed' | 'unsigned' | 'twice' | 'none' | 'among others';
}

const states = [
  's',
  undefined,
  '',
  'a b',
  'é€😀',
  'a+b',
  'a%20b',
  'a&b=c',
  '"<\'>',
  'x'.repeat(1900),
  'x'.repeat(3000),
  'a\nb',
  '\u0000',
  '\ufffd',
  '__proto__',
  '*-._~!()',
];
const queryExtras: readonly string[] = [
  'foo=bar',
  'prompt=none',
  'prompt=login',
  'prompt=consent',
  'prompt=',
  'nonce=n',
  'nonce=',
  'max_age=10',
  'max_age=100000',
  'max_age=0',
  'response_mode=query',
  'response_mode=form_post',
  'response_mode=fragment',
  'scope=write',
  'state=again',
  'client_id=x',
  'code_challenge=x',
  'organization=',
  'organization=OR00000000000000000000000000000000',
  'request=x',
  'request_uri=x',
  'claims=%7B%7D',
  'dpop_jkt=x',
  'ui_locales=de',
  'login_hint=x',
  'id_token_hint=x',
  '%zz=1',
  'state=%zz',
  'state=%ff',
  'state',
  '',
  '&',
  '=',
  'redirect_uri=x',
  'resource=https%3A%2F%2Fapi.example%2Frs',
  'foo',
];
const encode = (name: string, value: string | undefined) =>
  value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];

/** What the user has allowed, by the name of the case. */
function consentsOf(
  asked: string,
  scope: string,
  where: OrganizationName,
): Readonly<Record<string, readonly ConsentWish[]>> {
  const lines = permissionsFor(asked, scope);
  const both: readonly ConsentWish[] = [
    { organization: 'here', permissions: lines },
    { organization: 'elsewhere', permissions: lines },
  ];
  return {
    covers: [{ organization: where, permissions: lines }],
    more: [{ organization: where, permissions: [...permissionsFor(asked, 'write odd:scope/1 grants:read'), ...lines] }],
    part: [{ organization: where, permissions: lines.slice(1) }],
    none: [],
    elsewhere: [{ organization: 'elsewhere', permissions: lines }],
    both,
    'other resource': [{ organization: where, permissions: permissionsFor('https://api.example/rs', scope) }],
    'with openid': [{ organization: where, permissions: ['openid', 'offline_access', 'profile', 'org', ...lines] }],
    'bare names': [{ organization: where, permissions: scope.split(' ') }],
  };
}

const namedAs = (kind: string, resource: string): readonly string[] =>
  ({
    yes: [resource],
    no: [],
    twice: [resource, resource],
    unknown: ['https://unknown.example'],
    near: [`${resource}/`],
    empty: [''],
  })[kind] ?? [];

/** Authorization requests around the plain case. */
export function authorizeCases(cast: PeopleCast): fc.Arbitrary<AuthorizeCase> {
  const draft = fc.record({
    client: client(cast),
    user: fc.oneof(fc.constantFrom('one', 'two', 'many'), fc.constantFrom(...userNames)) as fc.Arbitrary<
      (typeof userNames)[number]
    >,
    state: often(88, sessionStates),
    remembered: often(84, ['here', 'elsewhere', 'below', 'closed', undefined] as const),
    scope: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<string | undefined>(...scopeLists.slice(0, 4)) },
      { weight: 1, arbitrary: fc.constantFrom(...scopeLists, undefined, '', ' ', 'read  write', ' read', 'réad') },
    ),
    resource: resources(cast),
    named: often(92, ['yes', 'no', 'twice', 'unknown', 'near', 'empty']),
    consent: often(78, [
      'covers',
      'more',
      'part',
      'none',
      'elsewhere',
      'both',
      'other resource',
      'with openid',
      'bare names',
    ]),
    uri: fc.oneof(
      { weight: 17, arbitrary: fc.constantFrom<string | undefined>(...redirectUris) },
      { weight: 2, arbitrary: fc.constantFrom(...nearUris) },
    ),
    stateValue: fc.oneof(fc.constant('s'), fc.constantFrom(...states), fc.string({ unit: 'grapheme', maxLength: 12 })),
    challenge: often(94, [
      challengeOf(verifier),
      undefined,
      '',
      'short',
      `${'a'.repeat(42)}!`,
      'a'.repeat(128),
      'a'.repeat(129),
    ]),
    method: often(96, ['S256', 'plain', undefined, 's256', '']),
    type: often(97, ['code', 'token', 'code id_token', undefined, '']),
    extra: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...queryExtras) },
    ),
    header: fc.oneof(
      { weight: 6, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...tokenHeaders) },
      { weight: 3, arbitrary: fc.constantFrom<Pair>(['accept', 'text/html'], ['accept', 'application/json']) },
    ),
    cookie: often(89, ['right', 'badly signed', 'unsigned', 'twice', 'none', 'among others'] as const),
    plus: fc.boolean(),
    reversed: fc.boolean(),
  });
  return draft.map((d): AuthorizeCase => {
    const named = namedAs(d.named, d.resource);
    const asked = d.named === 'no' ? cast.house.issuer : d.resource;
    const consents = consentsOf(asked, d.scope ?? 'read', d.remembered ?? 'here');
    const members = [
      ...encode('client_id', d.client.id),
      ...encode('response_type', d.type),
      ...encode('redirect_uri', d.uri),
      ...encode('scope', d.scope),
      ...named.flatMap((value) => encode('resource', value)),
      ...encode('state', d.stateValue),
      ...encode('code_challenge', d.challenge),
      ...encode('code_challenge_method', d.method),
      ...(d.extra === undefined ? [] : [d.extra]),
    ];
    if (d.reversed) members.reverse();
    const query = members.join('&');
    return {
      wish: {
        user: d.user,
        clientId: d.client.id,
        state: d.state,
        remembered: d.remembered,
        consents: consents[d.consent] ?? [],
      },
      query: d.plus ? query.replaceAll('%20', '+') : query,
      headers: d.header === undefined ? [] : [d.header],
      cookie: d.cookie,
    };
  });
}
