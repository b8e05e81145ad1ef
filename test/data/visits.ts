import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../support/database.ts';
import type { DemoFile, House } from '../support/house.ts';
import { openDesk } from '../support/protocol.ts';
import { openRegistry } from '../support/registry.ts';
import type { Answer } from '../support/tokens.ts';
import {
  askWithForm,
  basic,
  byAssertion,
  type ClientKey,
  goodClaims,
  grant,
  makeKey,
  send,
  signAssertion,
  tokenOf,
} from '../support/tokens.ts';
import type { Visit } from './load.ts';

/** Whoever has an id and a secret. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Those who keep asking while the database is away. */
export interface Cast {
  readonly machine: Credentials;
  /** Asks for opaque tokens at a resource that has them. */
  readonly opaque: Credentials & { readonly resource: string };
  /** Has not been seen by the server before the database goes. */
  readonly stranger: Credentials;
  readonly signer: { readonly clientId: string; readonly key: ClientKey };
  /** Has a user's refresh token. */
  readonly app: Credentials & { readonly refreshToken: string };
  readonly apiKey: string;
}

const redirectUri = 'https://app.example.com/callback';

async function firstRefreshToken(database: TestDatabase, issuer: string, dataDir: string, app: Credentials) {
  const desk = await openDesk(database, issuer, dataDir);
  try {
    const user = await desk.makeUser();
    const scope = 'clients:read';
    const grantId = await desk.makeGrant(app.clientId, user, scope);
    const { code, verifier } = await desk.makeCode({ clientId: app.clientId, user, grantId, scope, redirectUri });
    const answer = await askWithForm(
      `${issuer}/oauth/token`,
      { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri },
      basic(app.clientId, app.clientSecret),
    );
    return String(answer.body['refresh_token']);
  } finally {
    await desk.close();
  }
}

/** Registers everybody who will ask. */
export async function makeCast(
  database: TestDatabase,
  { issuer, dataDir }: { readonly issuer: string; readonly dataDir: string },
  demo: DemoFile,
): Promise<Cast> {
  const registry = await openRegistry({ database, demo } as House);
  try {
    const resource = `https://${randomUUID()}.example.com`;
    await registry.makeResource({ identifier: resource, tokenFormat: 'opaque' });
    const key = await makeKey('ES256');
    const opaque = await registry.makeClient();
    const stranger = await registry.makeClient({ allowedScopes: ['clients:read'] });
    const signer = await registry.makeClient({ jwks: { keys: [key.publicJwk] }, allowedScopes: ['clients:read'] });
    const app = await registry.makeClient({
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      allowedScopes: ['clients:read'],
      redirectUris: [redirectUri],
    });
    return {
      machine: { clientId: demo.client_id, clientSecret: demo.client_secret },
      opaque: { ...opaque, resource },
      stranger,
      signer: { clientId: signer.clientId, key },
      app: { ...app, refreshToken: await firstRefreshToken(database, issuer, dataDir, app) },
      apiKey: String(demo['api_key']),
    };
  } finally {
    await registry.close();
  }
}

/** What the server has acknowledged, to be held against it afterwards. */
export interface Acknowledged {
  readonly opaqueTokens: string[];
  readonly revoked: string[];
}

/** The requests to a server, by name, and what they got acknowledged. */
export function visitsTo(issuer: string, cast: Cast) {
  const { machine, opaque, stranger, signer, app } = cast;
  const acknowledged: Acknowledged = { opaqueTokens: [], revoked: [] };
  let { refreshToken } = app;
  /** Refreshes that were refused although each one used the last token that had been handed out. */
  const refusals: Answer[] = [];
  const post = (path: string, fields: Readonly<Record<string, string>>, { clientId, clientSecret }: Credentials) =>
    askWithForm(`${issuer}/oauth/${path}`, fields, basic(clientId, clientSecret));
  const machineToken = () => post('token', grant, machine);
  const opaqueToken = () => post('token', { ...grant, resource: opaque.resource }, opaque);

  /** They ask the database nothing that memory does not hold. */
  const fromMemory: Record<string, Visit> = {
    'a token of a known client': machineToken,
    'the JWKS': () => send(`${issuer}/oauth/jwks`),
    discovery: () => send(`${issuer}/.well-known/openid-configuration`),
    'introspection of a JWT': async () => post('introspect', { token: tokenOf(await machineToken()) }, machine),
    'introspection of a JWT by API key': async () =>
      send(`${issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${cast.apiKey}` },
        body: new URLSearchParams({ token: tokenOf(await machineToken()) }),
      }),
  };

  /** They cannot be answered without it. */
  const fromDatabase: Record<string, Visit> = {
    'an opaque token': async () => {
      const answer = await opaqueToken();
      if (answer.status === 200) acknowledged.opaqueTokens.push(tokenOf(answer));
      return answer;
    },
    'introspection of an opaque token': () =>
      post('introspect', { token: acknowledged.opaqueTokens[0] ?? 'none' }, opaque),
    'a token by private_key_jwt': async () => {
      const assertion = await signAssertion(signer.key, goodClaims(signer.clientId, issuer));
      return askWithForm(`${issuer}/oauth/token`, byAssertion(assertion));
    },
    'a revocation': async () => {
      const token = tokenOf(await machineToken());
      const answer = await post('revoke', { token }, machine);
      if (answer.status === 200) acknowledged.revoked.push(token);
      return answer;
    },
    'a refresh': async () => {
      const answer = await post('token', { grant_type: 'refresh_token', refresh_token: refreshToken }, app);
      if (answer.status === 200) refreshToken = String(answer.body['refresh_token']);
      if (answer.status === 400) refusals.push(answer);
      return answer;
    },
    'a pushed request': () =>
      post(
        'par',
        {
          client_id: app.clientId,
          response_type: 'code',
          redirect_uri: redirectUri,
          scope: 'clients:read',
          state: randomUUID(),
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
        },
        app,
      ),
  };

  /** A client that the server has never seen; before and after the outage it gets a token. */
  const askAsStranger = () => post('token', grant, stranger);
  /** Whether a token is active, as the client knows that it was issued to. */
  const isActive = async (token: string, who: Credentials) =>
    (await post('introspect', { token }, who)).body['active'] as boolean;
  return { fromMemory, fromDatabase, askAsStranger, isActive, acknowledged, refusals };
}
