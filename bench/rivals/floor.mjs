// The floor: what the same answers cost with nothing around them. One raw node:http handler that checks the client's
// secret by its hash, signs and verifies ES256 with node:crypto, and sends single prepared statements for opaque tokens
// and revocations. No protocol checks, no cache rules, no log: nobody should run this.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { createServer } from 'node:http';
import postgres from 'postgres';
import { resources, scope } from '../workloads.mjs';
import { readStage } from './stage.mjs';

const { accessTokenTtl, clients, database, issuer, port, signingKey } = await readStage();
const sql = postgres({ ...database, onnotice: () => undefined });
await sql`create table if not exists tokens (
  hash bytea primary key, client_id text not null, iat bigint not null, exp bigint not null)`;
await sql`create table if not exists revoked (jti text primary key, exp bigint not null)`;
/** Token ids that were revoked, as a server with the revocations in memory would hold them. */
const revoked = new Set();

const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest();
const now = () => Math.floor(Date.now() / 1000);
const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const secrets = new Map(clients.map(({ id, secret }) => [id, sha256(secret)]));
const privateKey = createPrivateKey({ key: signingKey, format: 'jwk' });
const { d: _private, ...publicJwk } = signingKey;
const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
const dsaEncoding = /** @type {const} */ ('ieee-p1363');
const header = encode({ typ: 'at+jwt', alg: 'ES256', kid: signingKey.kid });

/** @param {string | undefined} authorization @returns {string | undefined} the client's id. */
function authenticate(authorization = '') {
  const credentials = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
  const colon = credentials.indexOf(':');
  const id = credentials.slice(0, colon);
  const hash = secrets.get(id);
  return hash !== undefined && timingSafeEqual(hash, sha256(credentials.slice(colon + 1))) ? id : undefined;
}

/** @param {string} clientId @param {number} iat @param {number} exp */
function signToken(clientId, iat, exp) {
  const claims = { iss: issuer, sub: clientId, aud: resources.jwt, client_id: clientId, scope };
  const input = `${header}.${encode({ ...claims, iat, exp, jti: randomUUID() })}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding }).toString('base64url')}`;
}

/** @param {string} token */
function verifyToken(token) {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (!verify('sha256', Buffer.from(token.slice(0, end)), { key: publicKey, dsaEncoding }, signature)) return undefined;
  const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url').toString());
  return claims.exp > now() && !revoked.has(claims.jti) ? claims : undefined;
}

const isJwt = (/** @type {string} */ token) => token.includes('.');

/** @typedef {(form: URLSearchParams, clientId: string) => Promise<object | undefined>} Endpoint */

/** @type {Endpoint} */
async function token(form, clientId) {
  const iat = now();
  const exp = iat + accessTokenTtl;
  const answer = { expires_in: accessTokenTtl, token_type: 'Bearer', scope };
  if (form.get('resource') === resources.jwt) return { access_token: signToken(clientId, iat, exp), ...answer };
  const value = randomBytes(32).toString('base64url');
  await sql`insert into tokens (hash, client_id, iat, exp) values (${sha256(value)}, ${clientId}, ${iat}, ${exp})`;
  return { access_token: value, ...answer };
}

/** @type {Endpoint} */
async function introspect(form) {
  const value = form.get('token') ?? '';
  if (isJwt(value)) {
    const claims = verifyToken(value);
    return claims === undefined ? { active: false } : { active: true, token_type: 'Bearer', ...claims };
  }
  const [row] = await sql`select client_id, iat, exp from tokens where hash = ${sha256(value)} and exp > ${now()}`;
  if (row === undefined) return { active: false };
  const { client_id, iat, exp } = row;
  const times = { iat: Number(iat), exp: Number(exp) };
  return { active: true, client_id, scope, iss: issuer, aud: resources.opaque, token_type: 'Bearer', ...times };
}

/** @type {Endpoint} */
async function revoke(form) {
  const value = form.get('token') ?? '';
  if (isJwt(value)) {
    const claims = verifyToken(value);
    if (claims === undefined) return undefined;
    await sql`insert into revoked (jti, exp) values (${claims.jti}, ${claims.exp}) on conflict do nothing`;
    revoked.add(claims.jti);
  } else {
    await sql`delete from tokens where hash = ${sha256(value)}`;
  }
  return undefined;
}

/** @type {Readonly<Record<string, Endpoint>>} */
const endpoints = { '/oauth/token': token, '/oauth/introspect': introspect, '/oauth/revoke': revoke };

/** @type {Readonly<Record<string, string>>} */
const documents = {
  '/.well-known/openid-configuration': JSON.stringify({
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    jwks_uri: `${issuer}/oauth/jwks`,
  }),
  '/oauth/jwks': JSON.stringify({ keys: [publicJwk] }),
};

/** @param {import('node:http').ServerResponse} res @param {number} status @param {string} body */
function answer(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

const server = createServer((req, res) => {
  const { url = '' } = req;
  const document = documents[url];
  const endpoint = endpoints[url];
  if (document !== undefined) return answer(res, 200, document);
  if (endpoint === undefined) return answer(res, 404, '{}');
  let body = '';
  req.setEncoding('latin1');
  req.on('data', (chunk) => {
    body += chunk;
  });
  req.on('end', () => {
    const clientId = authenticate(req.headers.authorization);
    if (clientId === undefined) return answer(res, 401, '{"error":"invalid_client"}');
    endpoint(new URLSearchParams(body), clientId).then(
      (value) => answer(res, 200, value === undefined ? '' : JSON.stringify(value)),
      (error) => answer(res, 500, JSON.stringify({ error: String(error) })),
    );
  });
});
server.listen(port, '127.0.0.1');
