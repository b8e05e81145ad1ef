import { encoded, forge, goodClaims, goodHeader, type IssuerScene, secondsNow } from './scene.ts';

const sid = (prefix: string) => prefix + 'a'.repeat(32);

/** A token of the minter, good but for what is said. */
export const makeToken = ({ minter, acme }: IssuerScene, claims: object = {}, header: object = {}): string =>
  forge({ ...goodHeader, ...header }, goodClaims(minter, acme.account, { ...claims }), minter.secret);

const now = secondsNow();
/** What is wrong with an AccessToken, one that is, the code of the reason and what its sentence says. */
export const reasons: ReadonlyArray<readonly [string, (scene: IssuerScene) => string, string, RegExp]> = [
  ['it is no JWT', () => 'hello', 'malformed', /three parts/],
  ['it has too many parts', (scene) => `${makeToken(scene)}.x`, 'malformed', /three parts/],
  ['its header is a list', () => `${encoded([])}.${encoded({})}.x`, 'malformed', /header is no JSON object/],
  ['its payload is no UTF-8', () => `${encoded({})}._w.x`, 'malformed', /payload is no JSON object/],
  [
    'its signature has a character too many',
    (scene) => `${makeToken(scene)}=`,
    'malformed',
    /signature is not base64url/,
  ],
  [
    'a member of its payload stands twice',
    ({ minter, acme }) =>
      forge(goodHeader, JSON.stringify(goodClaims(minter, acme.account)).replace('{', '{"exp":1,'), minter.secret),
    'malformed',
    /payload is no JSON object/,
  ],
  ['it is not signed', (scene) => makeToken(scene, {}, { alg: 'none' }), 'wrong_algorithm', /not signed/],
  ['it is not signed, in capitals', (scene) => makeToken(scene, {}, { alg: 'NONE' }), 'wrong_algorithm', /not signed/],
  [
    'another algorithm',
    (scene) => makeToken(scene, {}, { alg: 'RS256' }),
    'wrong_algorithm',
    /alg is RS256; an AccessToken is signed/,
  ],
  ['no algorithm', (scene) => makeToken(scene, {}, { alg: undefined }), 'wrong_algorithm', /alg is unknown/],
  ['another type', (scene) => makeToken(scene, {}, { typ: 'at+jwt' }), 'wrong_type', /typ is not JWT/],
  [
    'another content type',
    (scene) => makeToken(scene, {}, { cty: 'twilio-pkrv;v=1' }),
    'wrong_type',
    /twilio-fpa;v=1 as cty/,
  ],
  ['no content type', (scene) => makeToken(scene, {}, { cty: undefined }), 'wrong_type', /not an AccessToken/],
  [
    'a key of its own',
    (scene) => makeToken(scene, {}, { jwk: { kty: 'oct', k: 'eA' } }),
    'wrong_type',
    /has a member jwk/,
  ],
  ['a name of a key', (scene) => makeToken(scene, {}, { kid: '/dev/null' }), 'wrong_type', /has a member kid/],
  ['a critical extension', (scene) => makeToken(scene, {}, { crit: ['exp'] }), 'wrong_type', /has a member crit/],
  ['no issuer', (scene) => makeToken(scene, { iss: undefined }), 'malformed', /iss and sub/],
  ['no subject', (scene) => makeToken(scene, { sub: 5 }), 'malformed', /iss and sub/],
  ['no grants', (scene) => makeToken(scene, { grants: undefined }), 'malformed', /grants must be an object/],
  ['grants that are a list', (scene) => makeToken(scene, { grants: [] }), 'malformed', /grants must be an object/],
  ['an identity that is an object', (scene) => makeToken(scene, { grants: { identity: {} } }), 'malformed', /identity/],
  ['no end', (scene) => makeToken(scene, { exp: undefined }), 'malformed', /exp must be a number/],
  ['an end in words', (scene) => makeToken(scene, { exp: String(now + 60) }), 'malformed', /exp must be a number/],
  [
    'an end without end',
    (scene) => makeToken(scene).replace(/\.[^.]+\./, `.${encoded('{"exp":1e999}')}.`),
    'malformed',
    /iss and sub/,
  ],
  ['a beginning in words', (scene) => makeToken(scene, { nbf: 'now' }), 'malformed', /nbf must be a number/],
  ['an unknown key', (scene) => makeToken(scene, { iss: sid('SK') }), 'unknown_key', /no API key/],
  ['no SID of a key', (scene) => makeToken(scene, { iss: '../x' }), 'unknown_key', /no API key/],
  [
    'a changed payload',
    (scene) =>
      makeToken(scene).replace(/\.[^.]+\./, `.${encoded(goodClaims(scene.minter, scene.acme.account, { x: 1 }))}.`),
    'wrong_signature',
    /signature is wrong/,
  ],
  [
    'another algorithm’s signature',
    (scene) => `${makeToken(scene, {}, { alg: 'HS512' }).replace(/\.[^.]+$/, '')}.${makeToken(scene).split('.')[2]}`,
    'wrong_signature',
    /signature is wrong/,
  ],
  [
    'the account of somebody else',
    (scene) => makeToken(scene, { sub: scene.rival.account }),
    'wrong_account',
    /another account/,
  ],
  ['it has expired', (scene) => makeToken(scene, { exp: secondsNow() - 12 }), 'expired', /^It expired 1[2-9] s ago\.$/],
  [
    'it does not begin yet',
    (scene) => makeToken(scene, { nbf: secondsNow() + 30 }),
    'not_yet_valid',
    /^It is not valid before (30|2\d) s from now \(nbf\)\.$/,
  ],
  [
    'it was issued in the future',
    (scene) => makeToken(scene, { iat: secondsNow() + 300 }),
    'not_yet_valid',
    /issued \d+ s in the future/,
  ],
  [
    'it lives for more than a day',
    (scene) => makeToken(scene, { exp: secondsNow() + 86_500 }),
    'lifetime_too_long',
    /24 h/,
  ],
  [
    'it never says when it began',
    (scene) => makeToken(scene, { iat: undefined, exp: secondsNow() + 90_000 }),
    'lifetime_too_long',
    /24 h/,
  ],
];
