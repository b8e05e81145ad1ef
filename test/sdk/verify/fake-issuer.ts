import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { createVerifier, type VerifierOptions } from '../../../src/sdk/verify/index.ts';

/** A key that signs, and its public half as the JWKS has it. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function makeSigningKey(alg: string, kid = alg): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const audience = 'https://api.example';
export const organization = 'OR0123456789abcdef0123456789abcdef';

/** In milliseconds. */
export const second = 1000;

type Answer = (res: ServerResponse) => void;

/** An issuer that does what a test says, and counts what it is asked. */
export interface FakeIssuer {
  readonly issuer: string;
  /** What is in the JWKS. */
  keys: readonly unknown[];
  /** What the documents are sent with. */
  headers: Record<string, string>;
  /** Members of the metadata on top of the right ones. */
  metadata: Record<string, unknown>;
  /** Answers everything in the issuer's place. */
  trouble: Answer | undefined;
  /** Says what introspection says. */
  introspect: (token: string, authorization: string) => unknown;
  /** Milliseconds that have passed on the clock of verifiers, which stands still otherwise. */
  ahead: number;
  now(): number;
  asked(path: string): number;
  forget(): void;
  /** Claims as RFC 9068 wants them. */
  claims(): JWTPayload;
  sign(key: SigningKey, claims?: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  verifier(options?: Partial<VerifierOptions>): ReturnType<typeof createVerifier>;
  close(): Promise<void>;
}

export const paths = { metadata: '/.well-known/oauth-authorization-server', keys: '/keys', introspect: '/introspect' };

/** Makes every answer a failure of the server. */
export const outage: Answer = (res) => {
  res.writeHead(503).end();
};
/** Leaves everybody waiting. */
export const silence: Answer = () => undefined;

export async function openFakeIssuer(keys: readonly SigningKey[]): Promise<FakeIssuer> {
  const counts = new Map<string, number>();
  const server = createServer(async (req, res) => {
    const path = req.url ?? '';
    counts.set(path, (counts.get(path) ?? 0) + 1);
    if (fake.trouble !== undefined) return fake.trouble(res);
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const answers: Record<string, () => unknown> = {
      [paths.metadata]: () => ({
        issuer: fake.issuer,
        jwks_uri: `${fake.issuer}${paths.keys}`,
        introspection_endpoint: `${fake.issuer}${paths.introspect}`,
        ...fake.metadata,
      }),
      [paths.keys]: () => ({ keys: fake.keys }),
      [paths.introspect]: () =>
        fake.introspect(new URLSearchParams(body).get('token') ?? '', req.headers.authorization ?? ''),
    };
    const answer = answers[path]?.();
    res.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json', ...fake.headers });
    res.end(JSON.stringify(answer ?? null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // It stands still, so that a slow machine changes nothing.
  const opened = Math.floor(Date.now() / 1000) * 1000;
  const now = () => opened + fake.ahead;
  const fake: FakeIssuer = {
    issuer,
    keys: keys.map(({ jwk }) => jwk),
    headers: {},
    metadata: {},
    trouble: undefined,
    introspect: () => ({ active: false }),
    ahead: 0,
    now,
    asked: (path) => counts.get(path) ?? 0,
    forget: () => counts.clear(),
    claims() {
      const seconds = Math.floor(now() / 1000);
      return {
        iss: issuer,
        aud: audience,
        sub: 'US01',
        client_id: 'OQ01',
        jti: crypto.randomUUID(),
        iat: seconds,
        exp: seconds + 3600,
        scope: 'calls:read calls:write',
        org_id: organization,
      };
    },
    sign: (key, claims = fake.claims(), header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey),
    verifier: (options = {}) => createVerifier({ issuer, audience, now, ...options }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
