import { createHash } from 'node:crypto';
import { resources, scope } from './workloads.mjs';

// What the workloads with a user in them have in common, on every server: one browser for each of these clients, whose
// user is signed in and has consented.

/** How many browsers; as many clients take part. Past a hundred, so that no small cache holds them all. */
export const browsers = 200;

export const redirectUri = 'https://app.bench.example/callback';

/** One for all: a server hashes it all the same. */
const verifier = 'a-verifier-of-the-benchmark-that-is-long-enough-0';
const challenge = createHash('sha256').update(verifier).digest('base64url');

/** @param {string} clientId @returns {string} path and query of an authorization request. */
export const authorizePath = (clientId) =>
  `/oauth/authorize?${new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    resource: resources.jwt,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'state',
  })}`;

/** @param {string} code @returns {Record<string, string>} the form that redeems it. */
export const redemption = (code) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
});

/** @param {string} token @returns {Record<string, string>} the form that refreshes. */
export const refresh = (token) => ({ grant_type: 'refresh_token', refresh_token: token });
