import { createHash } from 'node:crypto';
import { newSecret } from '../../src/base/index.ts';
import { openPerson, type Person } from '../support/person.ts';
import type { Authorization } from './app.ts';
import { type App, type Cluster, redirectUri, scopes } from './cluster.ts';

/** A request of an app, and the verifier that its code will need. */
export function requestOf({ clientId }: App, more: Readonly<Record<string, string>> = {}) {
  const verifier = newSecret();
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  return { parameters, verifier };
}

/** The browser of the demo's user at a node. */
export function browserAt({ issuer, demo }: Cluster, address: string): Person {
  return openPerson({ issuer, address }, { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' });
}

/** What a callback is worth: a code and what redeems it, if it has one. */
export function codeOf(url: URL, verifier: string): Authorization | undefined {
  const code = url.searchParams.get('code');
  return code === null ? undefined : { grantId: '', code, verifier };
}
