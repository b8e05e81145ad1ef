import fc from 'fast-check';
import { type Authentication, authentication, mostly, type Pair } from './plain-authentication.ts';
import type { Cast } from './plain-cast.ts';
import { narrowings } from './plain-narrowings.ts';

/** A token request, to the byte of its headers and body. */
export interface TokenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A value in so many of a hundred cases, else none. */
const sometimes = <Value>(value: fc.Arbitrary<Value>, share: number) =>
  fc.oneof({ weight: share, arbitrary: value }, { weight: 100 - share, arbitrary: fc.constant(undefined) });

const grantTypes = [
  undefined,
  '',
  'Client_credentials',
  'client_credentials ',
  'refresh_token',
  'authorization_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'x',
];

const scopeValues = [
  'read',
  'write',
  'read write',
  'write read',
  'read read',
  'odd:scope/1',
  'clients:read',
  'clients:read grants:read',
  ' read',
  'read ',
  'read  write',
  ' ',
  '  ',
  'unknown',
  'read unknown',
  'READ',
  'openid',
  'offline_access',
  'openid read',
  'réad',
  'read\u00a0write',
  'read\twrite',
  'read\nwrite',
  'a"b',
  'a\\b',
  'read,write',
  '*',
  'admin',
  '__proto__',
  '',
  'a'.repeat(4097),
];

function resources(cast: Cast): fc.Arbitrary<readonly string[]> {
  const known = fc.constantFrom(...cast.resources);
  const near = known.chain((identifier) =>
    fc.constantFrom(
      '',
      `${identifier}/`,
      identifier.toUpperCase(),
      ` ${identifier}`,
      `${identifier}#x`,
      `${identifier}?`,
      `${identifier}x`,
      identifier.slice(0, -1),
      'https://unknown.example',
      'relative/path',
      'x',
      `https://a.example/${'a'.repeat(600)}`,
    ),
  );
  return fc.oneof(
    { weight: 35, arbitrary: fc.constant([]) },
    { weight: 50, arbitrary: known.map((one) => [one]) },
    { weight: 7, arbitrary: near.map((one) => [one]) },
    { weight: 4, arbitrary: fc.tuple(known, known) },
    { weight: 2, arbitrary: known.map((one) => [one, one]) },
    { weight: 2, arbitrary: fc.tuple(known, near) },
  );
}

const extras: readonly Pair[] = [
  ['foo', 'bar'],
  ['foo', ''],
  ['', ''],
  ['', 'x'],
  ['audience', 'https://api.example/es'],
  ['token_type', 'mac'],
  ['code', 'x'],
  ['refresh_token', 'x'],
  ['redirect_uri', 'https://app.example/callback'],
  ['request', 'x'],
  ['username', 'u'],
  ['subject_token', 'x.y.z'],
  ['organization', 'x'],
  ['scope', 'read'],
  ['grant_type', 'client_credentials'],
  ['client_id', 'x'],
  ['client_secret', 'x'],
  ['client_assertion', 'x.y.z'],
  ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['toString', 'x'],
  ['dpop_jkt', 'x'],
  ['claims', '{}'],
  ['resource', ''],
  ['SCOPE', 'read'],
];

/** Headers that change the meaning of a request, or should not. */
export const headerNoise: readonly Pair[] = [
  ['origin', 'https://app.example'],
  ['origin', 'null'],
  ['dpop', 'x.y.z'],
  ['dpop', ''],
  ['accept', 'text/html'],
  ['accept', '*/*;q=0'],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-host', 'evil.example'],
  ['x-forwarded-for', '1.2.3.4'],
  ['oauth-client-attestation', 'x.y.z'],
  ['oauth-client-attestation-pop', 'x.y.z'],
  ['cookie', 'a=b'],
  ['user-agent', 'x'],
  ['x-request-id', 'given'],
  ['accept-language', 'de'],
  ['if-none-match', '*'],
  ['range', 'bytes=0-1'],
  ['te', 'trailers'],
];

/** Media types of a form, from the usual ones to what is none. */
export const formTypes = [
  'application/x-www-form-urlencoded; charset=utf-8',
  'application/x-www-form-urlencoded;charset=UTF-8',
  'Application/X-WWW-Form-Urlencoded',
  'application/x-www-form-urlencoded; charset=latin1',
  'text/plain',
  'application/json',
  'application/x-www-form-urlencoded; boundary=x',
  '',
  'multipart/form-data; boundary=x',
];

const toForm = (pairs: readonly Pair[]) =>
  new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString();

/** The same parameters as flat JSON; one that stands twice becomes a list. */
function toJson(pairs: readonly Pair[]): string {
  const members = new Map<string, string | string[]>();
  for (const [name, value] of pairs) {
    const known = members.get(name);
    members.set(name, known === undefined ? value : [known, value].flat());
  }
  return JSON.stringify(Object.fromEntries(members));
}

/** A body in its media type. */
export const encodeBody = (pairs: readonly Pair[], type: string) =>
  type === 'application/json' ? toJson(pairs) : toForm(pairs);

interface Draft {
  readonly who: Authentication;
  readonly grantType: string | undefined;
  readonly scope: string | undefined;
  readonly wanted: readonly string[];
  readonly narrowing: readonly Pair[];
  readonly extra: Pair | undefined;
  readonly noise: Pair | undefined;
  readonly type: string;
}

const pair = (name: string, value: string | undefined): Pair[] => (value === undefined ? [] : [[name, value]]);

const pairsOf = ({ who, grantType, scope, wanted, narrowing, extra }: Draft): Pair[] => [
  ...pair('grant_type', grantType),
  ...who.fields,
  ...pair('scope', scope),
  ...wanted.flatMap((value) => pair('resource', value)),
  ...narrowing,
  ...(extra === undefined ? [] : [extra]),
];

const headersOf = ({ who, noise }: Draft, type: string) =>
  Object.fromEntries([
    ...pair('content-type', type === '' ? undefined : type),
    ...pair('authorization', who.header),
    ...(noise === undefined ? [] : [noise]),
  ]) as Readonly<Record<string, string>>;

const twilioPaths = ['/v1/token', '/v2/token', '/v1/token', '/v2/token?account_sid='];

const camelCase = (name: string) => name.replaceAll(/_(.)/g, (_whole, letter: string) => letter.toUpperCase());

/** How older clients may spell the names of parameters. */
const spellings: ReadonlyArray<(name: string) => string> = [
  (name) => name,
  (name) => camelCase(`_${name}`),
  camelCase,
  // In one way or another.
  (name) => (name.length % 2 === 0 ? name : camelCase(name)),
];

/** Token requests around the plain case: from exactly that to whatever clients get wrong. */
export function tokenRequests(cast: Cast): fc.Arbitrary<TokenRequest> {
  const path = mostly(
    '/oauth/token',
    80,
    ...twilioPaths,
    ...twilioPaths,
    '/v2/oauth/token',
    '/oauth/token?x=1',
    '/oauth/token?scope=read',
    '/oauth/token?',
  );
  const draft: fc.Arbitrary<Draft> = fc.record({
    who: authentication(cast),
    grantType: mostly<string | undefined>('client_credentials', 92, ...grantTypes),
    scope: sometimes(fc.oneof(fc.constantFrom(...scopeValues.slice(0, 5)), fc.constantFrom(...scopeValues)), 40),
    wanted: resources(cast),
    narrowing: narrowings(cast),
    extra: sometimes(fc.constantFrom(...extras), 10),
    noise: sometimes(fc.constantFrom(...headerNoise), 12),
    type: mostly('application/x-www-form-urlencoded', 95, ...formTypes),
  });
  const spell = fc.constantFrom(...spellings);
  const form = fc.tuple(mostly(false, 88, true), fc.boolean());
  return fc.tuple(path, draft, form, spell).map(([target, wish, [asJson, reversed], respell]) => {
    const isOlder = target === '/v1/token';
    const pairs = pairsOf(wish).map(([name, value]): Pair => [isOlder ? respell(name) : name, value]);
    if (reversed) pairs.reverse();
    const headers = headersOf(wish, asJson ? 'application/json' : wish.type);
    return { path: target, headers, body: encodeBody(pairs, asJson ? 'application/json' : '') };
  });
}
