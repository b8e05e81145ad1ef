import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { calculateJwkThumbprint } from 'jose';
import Koa from 'koa';
import * as oauth from 'oauth4webapi';
import {
  expressProtectedResource,
  expressVerifier,
  koaProtectedResource,
  koaVerifier,
  protectedResource,
  type Verifier,
} from '../../../src/sdk/verify/index.ts';
import {
  type FakeIssuer,
  makeSigningKey,
  openFakeIssuer,
  organization,
  outage,
  type SigningKey,
} from './fake-issuer.ts';

let key: SigningKey;
let fake: FakeIssuer;
beforeAll(async () => {
  key = await makeSigningKey('ES256');
  fake = await openFakeIssuer([key]);
});
afterAll(() => fake.close());

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts a server whose name is its address, so that it can be its own audience. */
async function serve(make: (origin: string) => RequestListener): Promise<string> {
  let listener: RequestListener = (_req, res) => res.end();
  const server = createServer((req, res) => listener(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closing.push(() => server.close().closeAllConnections());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  listener = make(origin);
  return origin;
}

function parts(origin: string) {
  const resource = protectedResource({
    resource: `${origin}/api`,
    authorizationServers: fake.issuer,
    scopes: ['calls:read', 'calls:write'],
    name: 'Calls',
    documentation: 'https://docs.example/calls',
  });
  const verifier = fake.verifier({ audience: `${origin}/api`, realm: 'Calls', resourceMetadata: resource.url });
  return { resource, verifier };
}

const broken: Verifier = {
  verify: () => Promise.reject(new Error('broken')),
  verifyRequest: () => Promise.reject(new Error('broken')),
  prepare: () => Promise.reject(new Error('broken')),
};

/** The same server with either framework. */
const frameworks: ReadonlyArray<readonly [string, (origin: string) => RequestListener]> = [
  [
    'express',
    (origin) => {
      const { resource, verifier } = parts(origin);
      const app = express();
      app.use(expressProtectedResource(resource));
      app.use('/broken', expressVerifier(broken));
      const ofOrganization = expressVerifier<express.Request>(verifier, (req) => ({
        organization: String(req.params['sid']),
        requireScopes: 'calls:read',
      }));
      app.get('/api/organizations/:sid', ofOrganization, (_req, res) => {
        res.json({ ok: true });
      });
      app.use('/api', expressVerifier(verifier, { requireScopes: 'calls:read' }), (req, res) => {
        res.json({ subject: (req as { auth?: { subject: string } }).auth?.subject });
      });
      // Without a handler of its own express prints errors.
      app.use((_error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
        res.status(500).json({ error: 'program' });
      });
      return app as unknown as RequestListener;
    },
  ],
  [
    'koa',
    (origin) => {
      const { resource, verifier } = parts(origin);
      const app = new Koa();
      app.silent = true;
      app.use(koaProtectedResource(resource));
      app.use(async (ctx, next) => (ctx.path.startsWith('/broken') ? koaVerifier(broken)(ctx, next) : next()));
      const prefix = '/api/organizations/';
      const ofOrganization = koaVerifier(verifier, (ctx) => ({
        organization: ctx.path.slice(prefix.length),
        requireScopes: 'calls:read',
      }));
      app.use(async (ctx, next) => {
        if (!ctx.path.startsWith(prefix)) return next();
        await ofOrganization(ctx, async () => {
          ctx.body = { ok: true };
        });
      });
      app.use(koaVerifier(verifier, { requireScopes: 'calls:read' }));
      app.use((ctx) => {
        ctx.body = { subject: ctx.state['auth'].subject };
      });
      return app.callback();
    },
  ],
];

describe.each(frameworks)('with %s', (_name, make) => {
  const tokenFor = (origin: string, changes: Record<string, unknown> = {}) =>
    fake.sign(key, { ...fake.claims(), aud: `${origin}/api`, ...changes });
  const get = async (url: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      cache: response.headers.get('cache-control'),
      body: (await response.json().catch(() => undefined)) as unknown,
    };
  };

  it('a good token passes and is there to be read', async () => {
    const origin = await serve(make);
    const headers = { authorization: `Bearer ${await tokenFor(origin)}` };
    expect(await get(`${origin}/api/calls`, headers)).toMatchObject({ status: 200, body: { subject: 'US01' } });
  });

  it('who sends nothing is told what to send and where to get it', async () => {
    const origin = await serve(make);
    const document = `resource_metadata="${origin}/.well-known/oauth-protected-resource/api"`;
    expect(await get(`${origin}/api/calls`)).toEqual({
      status: 401,
      challenge: `Bearer realm="Calls", ${document}, DPoP realm="Calls", algs="ES256 ES384 RS256 PS256 EdDSA", ${document}`,
      cache: 'no-store',
      body: { error: 'missing_token', error_description: 'Send an access token.' },
    });
    expect(await get(`${origin}/api/calls`, { authorization: 'Basic abc' })).toMatchObject({ status: 401 });
    expect(await get(`${origin}/api/calls`, { authorization: 'Bearer' })).toMatchObject({ status: 400 });
    expect(await get(`${origin}/api/calls`, { authorization: 'Bearer a b' })).toMatchObject({ status: 400 });
    expect(await get(`${origin}/api/calls?access_token=${await tokenFor(origin)}`)).toMatchObject({ status: 401 });
  });

  it('a bad token, a weak one and one of another organization get their answers', async () => {
    const origin = await serve(make);
    const answer = async (path: string, changes: Record<string, unknown> = {}) =>
      get(`${origin}${path}`, { authorization: `bearer ${await tokenFor(origin, changes)}` });
    const bad = await answer('/api/calls', { exp: 1000 });
    expect(bad).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect(bad.challenge).toContain('error="invalid_token"');
    const weak = await answer('/api/calls', { scope: 'other' });
    expect(weak).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
    expect(weak.challenge).toContain('scope="calls:read"');
    expect(await answer(`/api/organizations/${organization}`)).toMatchObject({ status: 200 });
    expect(await answer('/api/organizations/OR1')).toMatchObject({
      status: 403,
      challenge: null,
      body: { error: 'wrong_organization' },
    });
  });

  it('an issuer that is away makes it 503, and a fault of the program 500', async () => {
    const origin = await serve(make);
    const headers = { authorization: `Bearer ${await tokenFor(origin)}` };
    fake.trouble = outage;
    expect(await get(`${origin}/api/calls`, headers)).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    fake.trouble = undefined;
    expect(await get(`${origin}/broken`)).toMatchObject({ status: 500 });
  });

  it('a client of oauth4webapi calls it with proofs, which count for the path as it was asked for', async () => {
    const origin = await serve(make);
    const pair = await oauth.generateKeyPair('ES256');
    const jkt = await calculateJwkThumbprint(await crypto.subtle.exportKey('jwk', pair.publicKey));
    const token = await tokenFor(origin, { cnf: { jkt } });
    const options = { DPoP: oauth.DPoP({}, pair), [oauth.allowInsecureRequests]: true };
    for (const path of ['/api/calls?page=2', `/api/organizations/${organization}`]) {
      const url = new URL(`${origin}${path}`);
      const response = await oauth.protectedResourceRequest(token, 'GET', url, undefined, null, options);
      expect(response.status).toBe(200);
    }
  });

  it('oauth4webapi finds the document of the resource and accepts it', async () => {
    const origin = await serve(make);
    const identifier = new URL(`${origin}/api`);
    const options = { [oauth.allowInsecureRequests]: true };
    const response = await oauth.resourceDiscoveryRequest(identifier, options);
    expect([response.headers.get('access-control-allow-origin'), response.headers.get('cache-control')]).toEqual([
      '*',
      'public, max-age=300',
    ]);
    expect(await oauth.processResourceDiscoveryResponse(identifier, response)).toEqual({
      resource: `${origin}/api`,
      authorization_servers: [fake.issuer],
      scopes_supported: ['calls:read', 'calls:write'],
      bearer_methods_supported: ['header'],
      resource_name: 'Calls',
      resource_documentation: 'https://docs.example/calls',
    });
  });
});

describe('the document of a resource', () => {
  it('lies at the root for a resource without a path, and can be had as a Response', async () => {
    const resource = protectedResource({
      resource: 'https://api.example',
      authorizationServers: ['https://auth.example'],
      dpopRequired: true,
    });
    expect([resource.url, resource.path]).toEqual([
      'https://api.example/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource',
    ]);
    const response = resource.respond();
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      resource: 'https://api.example',
      authorization_servers: ['https://auth.example'],
      bearer_methods_supported: ['header'],
      dpop_bound_access_tokens_required: true,
    });
  });
});
