import { createHash } from 'node:crypto';
import { newSecret } from '../../src/base/index.ts';
import { openPerson } from '../support/person.ts';
import type { Resident } from '../support/residents.ts';
import { askWithForm, tokenOf } from '../support/tokens.ts';
import { asClient, type SecretClient } from '../tokens/questions.ts';
import { type Estate, tokenExchange } from './estate.ts';

const redirectUri = 'https://app.example/callback';

/** A client of the organization in the middle that acts for people, and may exchange what it gets. */
export const makeApp = (estate: Estate, organizationSid = estate.tree.own.organizationSid) =>
  estate.makeMachine({
    organizationSid,
    allowedGrantTypes: ['authorization_code', 'refresh_token', tokenExchange],
    allowedScopes: ['admin', 'accounts:read', 'accounts:write', 'read', 'write', 'openid', 'offline_access'],
    redirectUris: [redirectUri],
  });

/** What somebody's sign-in and consent in a browser gives an app. */
export async function signIn(
  estate: Estate,
  app: SecretClient,
  who: Resident,
  wish: { readonly resource?: string; readonly scope: string; readonly organization: string },
) {
  const verifier = newSecret();
  const person = openPerson(estate.house, { email: who.email, password: who.password });
  const callback = await person.authorize({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'consent',
    ...wish,
  });
  const fields = {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  const answer = await askWithForm(`${estate.house.address}/oauth/token`, fields, asClient(app).headers);
  return {
    accessToken: tokenOf(answer),
    refreshToken: String(answer.body['refresh_token']),
    idToken: String(answer.body['id_token']),
  };
}
