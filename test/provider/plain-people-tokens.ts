import fc from 'fast-check';
import type { Pair } from './plain-authentication.ts';
import { organizationNames, type PeopleCast, type PeopleClient, redirectUris, userNames } from './plain-people-cast.ts';
import { type TokenWish, tokenStates } from './plain-people-stage.ts';
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

/** A token request whose token stands as VALUE in it until the twins are made. */
export interface TokenCase {
  readonly wish: TokenWish;
  readonly client: PeopleClient;
  readonly pairs: readonly Pair[];
  /** How the client's secret is presented: as it should, or otherwise. */
  readonly presented: 'right' | 'wrong' | 'elsewhere' | 'not at all';
  readonly headers: readonly Pair[];
  readonly again: boolean;
}

const extras: readonly Pair[] = [
  ['foo', 'bar'],
  ['foo', ''],
  ['scope', 'read'],
  ['scope', 'write'],
  ['resource', ''],
  ['resource', 'https://api.example/rs'],
  ['code_verifier', verifier],
  ['redirect_uri', 'https://app.example/callback'],
  ['client_id', 'x'],
  ['grant_type', 'refresh_token'],
  ['code', 'VALUE'],
  ['refresh_token', 'VALUE'],
  ['claims', '{}'],
];
/** What was granted, which is mostly what the token says. */
function familyMembers(resource: string, scope: string, kind: number): Readonly<Record<string, unknown>> {
  const names = scope.split(' ');
  const ofOpenid = names.filter((name) => /^(openid|offline_access|profile|org)$/.test(name));
  const others = names.filter((name) => !ofOpenid.includes(name)).join(' ');
  const openid = ofOpenid.length === 0 ? {} : { openid: { scope: ofOpenid.join(' ') } };
  const granted = others === '' ? {} : { resources: { [resource]: others } };
  const shapes = [
    { ...openid, ...granted },
    { ...openid, resources: { [resource]: names.toReversed().join(' ') } },
    { ...openid, resources: { [resource]: 'write' } },
    { ...openid, ...granted, rejected: { resources: { [resource]: 'write' } } },
    { ...openid, resources: { 'https://api.example/rs': others } },
    { ...openid },
    { ...openid, ...granted, organizationSid: undefined },
  ];
  return shapes[kind] ?? {};
}

const verifiers = [
  verifier,
  undefined,
  '',
  `${verifier}x`,
  verifier.slice(0, 42),
  `${verifier.slice(0, -1)}!`,
  'é'.repeat(43),
  'a'.repeat(128),
  'a'.repeat(129),
];
const pair = (name: string, value: string | undefined): Pair[] => (value === undefined ? [] : [[name, value]]);

/** The resource parameters of a request for a token of a resource. */
const askedFor = (kind: string, resource: string): readonly string[] =>
  ({
    none: [],
    same: [resource],
    other: ['https://api.example/rs'],
    unknown: ['https://unknown.example'],
    twice: [resource, resource],
    empty: [''],
  })[kind] ?? [];

interface CodeDraft {
  readonly uri: string;
  readonly sentUri: string | undefined;
  readonly verifier: string | undefined;
  readonly challenged: string;
  readonly value: string;
  readonly members: Readonly<Record<string, unknown>>;
}

const codeParameters = ({ value, uri, sentUri, verifier: sent }: CodeDraft): Pair[] => [
  ['code', value],
  ...pair('redirect_uri', sentUri === 'same' ? uri : sentUri),
  ...pair('code_verifier', sent),
];

function codeMembers({ uri, challenged, verifier: sent, members }: CodeDraft): object {
  const codeChallenge = challengeOf(challenged === 'the usual' ? verifier : (sent ?? verifier));
  return { redirectUri: uri, codeChallenge, ...members };
}

const refreshMembers = ({ members }: Pick<CodeDraft, 'members'>): object => ({
  ...members,
  codeChallenge: undefined,
  codeChallengeMethod: undefined,
});

/** Redemptions and refreshes around the plain case. */
export function tokenCases(cast: PeopleCast, model: TokenWish['model']): fc.Arbitrary<TokenCase> {
  const isCode = model === 'AuthorizationCode';
  const draft = fc.record({
    client: client(cast),
    other: fc.constantFrom(...cast.clients.slice(0, 3)),
    foreign: often(95, [false, true]),
    user: often(80, userNames),
    organization: often(85, organizationNames),
    state: often(72, tokenStates),
    scope: fc.oneof(fc.constantFrom(...scopeLists.slice(0, 4)), fc.constantFrom(...scopeLists)),
    resource: resources(cast),
    shape: often(75, [0, 1, 2, 3, 4, 5, 6]),
    age: often(85, [0, 30, 7200]),
    older: often(85, [false, true]),
    members: often(88, [
      {},
      { resource: undefined },
      { scope: undefined },
      { scope: '' },
      { nonce: 'n' },
      { claims: {} },
      { amr: ['pwd'] },
      { acr: 'x' },
      { sid: 'x' },
      { gty: 'authorization_code refresh_token', rotations: 7 },
      { codeChallengeMethod: 'plain' },
      { codeChallenge: undefined, codeChallengeMethod: undefined },
    ]),
    asked: often(75, ['none', 'same', 'other', 'unknown', 'twice', 'empty']),
    uri: often(92, redirectUris),
    sentUri: fc.oneof(
      { weight: 90, arbitrary: fc.constant('same') },
      { weight: 10, arbitrary: fc.constantFrom(...nearUris, ...redirectUris) },
    ),
    verifier: often(86, verifiers),
    challenged: often(92, ['the usual', 'the sent']),
    presented: often(88, ['right', 'wrong', 'elsewhere', 'not at all'] as const),
    value: often(95, ['VALUE', 'unknown', '']),
    extra: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...extras) },
    ),
    header: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom(...tokenHeaders) },
    ),
    again: often(92, [false, true]),
    reversed: fc.boolean(),
  });
  return draft.map((d): TokenCase => {
    const asked = askedFor(d.asked, d.resource);
    const own = isCode ? codeParameters(d) : [['refresh_token', d.value] as const];
    const pairs: Pair[] = [
      ['grant_type', isCode ? 'authorization_code' : 'refresh_token'],
      ...own,
      ...asked.map((value): Pair => ['resource', value]),
      ...(d.extra === undefined ? [] : [d.extra]),
    ];
    if (d.reversed) pairs.reverse();
    return {
      client: d.foreign ? d.other : d.client,
      pairs,
      presented: d.presented,
      headers: d.header === undefined ? [] : [d.header],
      again: d.again,
      wish: {
        model,
        clientId: d.client.id,
        user: d.user,
        consent: { organization: d.organization, permissions: permissionsFor(d.resource, d.scope) },
        state: d.state,
        age: d.age,
        older: d.older,
        members: { resource: d.resource, scope: d.scope, ...(isCode ? codeMembers(d) : refreshMembers(d)) },
        family: familyMembers(d.resource, d.scope, d.shape),
      },
    };
  });
}
