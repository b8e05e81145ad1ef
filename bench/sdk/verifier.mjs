// The verifier for resource servers against bare jose, in one process, taking turns: node bench/sdk/verifier.mjs
// Both have the keys of the same JWKS in memory, and both check type, issuer, audience, times and required claims. The
// verifier checks the rest of RFC 9068 on top, scopes and organization, and that no bit of the token is loose.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { createVerifier } from '../../src/sdk/dist/verify/index.js';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} ours tokens a second of processor time.
 * @property {number} theirs tokens a second of processor time.
 * @property {number} ratio
 * @property {number} target the least ratio that is good enough.
 */

const target = 0.9;
const rounds = 31;
const roundTokens = 1024;
/** Tokens that are verified at the same time, as a server with as many requests would. */
const inFlight = 32;
/** Different tokens, so that nobody gets by with a memory of tokens. */
const tokensEach = 256;

const audience = 'https://api.example';
const organization = 'OR0123456789abcdef0123456789abcdef';
const algorithms = ['ES256', 'RS256', 'EdDSA'];

/** @typedef {{ alg: string, privateKey: CryptoKey, jwk: object }} Signer */

/** @param {string} alg @returns {Promise<Signer>} */
async function makeSigner(alg) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' } };
}

/** @param {Signer} signer @param {string} issuer */
const makeTokens = ({ alg, privateKey }, issuer) =>
  Promise.all(
    Array.from({ length: tokensEach }, (_, at) =>
      new SignJWT({ client_id: 'OQ0123', org_id: organization, scope: 'calls:read calls:write', jti: `token-${at}` })
        .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('OQ0123')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    ),
  );

/**
 * Tokens for each second of processor time in one round, the threads that do the cryptography included: what else runs
 * on the machine does not come into it.
 * @param {(token: string) => Promise<unknown>} verify @param {readonly string[]} tokens
 */
async function rate(verify, tokens) {
  const begin = process.cpuUsage();
  for (let verified = 0; verified < roundTokens; verified += inFlight) {
    const batch = Array.from({ length: inFlight }, (_, at) => tokens[(verified + at) % tokens.length]);
    await Promise.all(batch.map(verify));
  }
  const { user, system } = process.cpuUsage(begin);
  return (roundTokens / (user + system)) * 1e6;
}

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {Signer} signer @param {string} issuer @returns {Promise<Row>} */
async function measure(signer, issuer) {
  const tokens = await makeTokens(signer, issuer);
  const verifier = createVerifier({
    issuer,
    audience,
    jwksUri: `${issuer}/jwks`,
    requireScopes: 'calls:read',
    organization,
  });
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const options = {
    issuer,
    audience,
    algorithms,
    typ: 'at+jwt',
    clockTolerance: 5,
    requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
  };
  const ways = [
    (/** @type {string} */ token) => verifier.verify(token),
    (/** @type {string} */ token) => jwtVerify(token, keys, options),
  ];
  for (const way of ways) await rate(way, tokens);
  /** @type {number[][]} */
  const rates = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    // Whoever goes second finds the machine in another state, so they take turns at that too.
    for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) rates[at].push(await rate(ways[at], tokens));
  }
  const [ours, theirs] = rates.map(median);
  // Round by round, since both had the same machine then, whatever else it was doing.
  const ratio = median(rates[0].map((own, round) => own / rates[1][round]));
  return { name: `verifying an access token, ${signer.alg}`, ours, theirs, ratio, target };
}

/** Measures both, algorithm by algorithm, and gives the medians. @returns {Promise<Row[]>} */
export async function verifying() {
  const signers = await Promise.all(algorithms.map(makeSigner));
  const document = JSON.stringify({ keys: signers.map(({ jwk }) => jwk) });
  const server = createServer((_req, res) => res.setHeader('content-type', 'application/json').end(document));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const issuer = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  try {
    const rows = [];
    for (const signer of signers) rows.push(await measure(signer, issuer));
    return rows;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await verifying();
  for (const { name, ours, theirs, ratio } of rows) {
    console.log(`${name}: ${whole(ours)}/s, jose ${whole(theirs)}/s, ${ratio.toFixed(2)} times (target ${target})`);
  }
  if (rows.some(({ ratio }) => ratio < target)) process.exitCode = 1;
}
