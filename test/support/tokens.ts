import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { newSecret } from '../../src/base/index.ts';

/** An answer of the server, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty when it is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** The two addresses of the token endpoint. */
export const tokenPaths = ['/oauth/token', '/v2/oauth/token'] as const;

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What every request of these tests is after. */
export const grant = { grant_type: 'client_credentials' };

type Fields = Readonly<Record<string, string>> | ReadonlyArray<readonly [string, string]>;

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // The tests of status and text say what came instead.
    return {};
  }
}

/** Sends any request and reads the answer. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parseObject(text) };
}

/** The header of HTTP Basic; both parts are free of characters that RFC 6749 section 2.3.1 would encode. */
export function basic(id: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

/** Asks a token endpoint with a form. */
export function askWithForm(
  url: string,
  fields: Fields,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const pairs = (Array.isArray(fields) ? fields : Object.entries(fields)) as Array<[string, string]>;
  return send(url, { method: 'POST', headers, body: new URLSearchParams(pairs) });
}

/** Asks a token endpoint with JSON. A string is sent as it stands. */
export function askWithJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The access token of a good answer. */
export function tokenOf(answer: Answer): string {
  const token = answer.body['access_token'];
  if (answer.status !== 200 || typeof token !== 'string') throw new Error(`no token: ${answer.status} ${answer.text}`);
  return token;
}

/** A key pair of a client: the private half signs assertions, the public half is registered. */
export interface ClientKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function makeKey(alg: string, kid = alg): Promise<ClientKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** The same key for another algorithm of its kind: RSA keys take long to make. */
export async function forAlgorithm(key: ClientKey, alg: string): Promise<ClientKey> {
  const jwk = await exportJWK(key.privateKey);
  const publicJwk = { ...key.publicJwk, kid: alg, alg };
  return { alg, privateKey: (await importJWK(jwk, alg, { extractable: true })) as CryptoKey, publicJwk };
}

/** The claims of a good client assertion (RFC 7523 section 3), a new one each time. */
export function goodClaims(clientId: string, issuer: string): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return { iss: clientId, sub: clientId, aud: issuer, jti: newSecret(), iat: now, exp: now + 60 };
}

/** Signs claims as a client would. @param header members on top of `alg` and `kid`. */
export function signAssertion(key: ClientKey, claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.publicJwk.kid ?? '', ...header })
    .sign(key.privateKey);
}

/** The parameters that carry an assertion. */
export function byAssertion(assertion: string) {
  return { ...grant, client_assertion_type: assertionType, client_assertion: assertion };
}
