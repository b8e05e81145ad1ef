import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { mostly, type Pair } from './plain-authentication.ts';
import type { PeopleCast } from './plain-people-cast.ts';
import { headerNoise } from './plain-requests.ts';

/** What codes are made for. */
export const verifier = 'a-verifier.of~exactly_forty-three-characters';
/** RFC 7636 section 4.2. */
export const challengeOf = (text: string) => createHash('sha256').update(text).digest('base64url');

/** The first of the list most of the time. */
export function often<Value>(share: number, values: readonly Value[]): fc.Arbitrary<Value> {
  const [first, ...others] = values as [Value, ...Value[]];
  return mostly(first, share, ...others);
}

/** The first clients of the cast are ordinary ones. */
export const client = ({ clients }: PeopleCast) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...clients.slice(0, 4)) },
    { weight: 1, arbitrary: fc.constantFrom(...clients) },
  );

/** The first four are plain. */
export const scopeLists = [
  'read',
  'read write',
  'write read',
  'write odd:scope/1 read',
  'read read',
  'read unknown',
  'unknown',
  'openid read',
  'openid',
  'openid offline_access read',
  'offline_access read',
  'profile read',
  'org read',
  'clients:read',
  'clients:read grants:read',
  'grants:read clients:read',
];

/** Mostly the two that are signed without the library. */
export const resources = (cast: PeopleCast) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('https://api.example/es', 'https://api.example/ed') },
    { weight: 2, arbitrary: fc.constantFrom(...cast.resources) },
  );

/** As a consent record holds them. */
export const permissionsFor = (resource: string, scopes: string) =>
  scopes.split(' ').map((name) => (/^(openid|offline_access|profile|org)$/.test(name) ? name : `${resource} ${name}`));

/** Headers that may matter to either path. */
export const tokenHeaders: readonly Pair[] = [...headerNoise, ['origin', 'https://other.example']];

/** What is almost a redirect URI. */
export const nearUris = [
  undefined,
  '',
  'https://app.example/callback/',
  'https://app.example/callback?',
  'https://app.example/',
  'HTTPS://app.example/callback',
  'https://app.example:443/callback',
  'https://evil.example/callback',
  'not a uri',
];
