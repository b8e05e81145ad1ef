// How often a token that is kept already can be asked for, beside the strategy of the real twilio package at its best:
// kept by the caller, since its provider makes a new one for each request.
import TheirTokenAuthStrategy from 'twilio/lib/auth_strategy/TokenAuthStrategy.js';
import { ApiTokenManager, TokenAuthStrategy } from '../../src/sdk/dist/index.js';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} perSecond calls a second.
 * @property {number | undefined} target the least that is good enough.
 */

/** What `getToken()` has to reach. */
const target = 1_000_000;
const rounds = 7;
const roundMilliseconds = 200;
/** Calls between two looks at the clock. */
const batch = 1000;

const encode = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const claims = { iss: 'https://auth.example', sub: 'OQ1', aud: 'https://auth.example', iat: now, exp: now + 3600 };
const token = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}.${'s'.repeat(86)}`;

const manager = new ApiTokenManager({
  tokenUrl: 'https://auth.example/oauth/token',
  clientId: 'client',
  clientSecret: 'secret',
  fetch: async () => Response.json({ access_token: token, token_type: 'Bearer', expires_in: 3600 }),
});
const ours = new TokenAuthStrategy(manager);
const theirs = new TheirTokenAuthStrategy.default({ fetchToken: async () => token });

/** @param {() => Promise<string>} call */
async function oneAfterAnother(call) {
  for (let index = 0; index < batch; index += 1) await call();
}

/** @param {() => Promise<string>} call */
async function allAtOnce(call) {
  await Promise.all(Array.from({ length: batch }, call));
}

const workloads = [
  { name: 'getToken(), one after another', call: () => manager.getToken(), way: oneAfterAnother, target },
  { name: 'getToken(), a thousand at once', call: () => manager.getToken(), way: allAtOnce, target },
  { name: 'getAuthString() of our strategy', call: () => ours.getAuthString(), way: oneAfterAnother },
  { name: "getAuthString() of twilio's strategy", call: () => theirs.getAuthString(), way: oneAfterAnother },
];

/** Calls a second in one round. @param {typeof workloads[number]} workload */
async function rate({ call, way }) {
  const begin = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    await way(call);
    calls += batch;
    elapsed = performance.now() - begin;
  } while (elapsed < roundMilliseconds);
  return (calls / elapsed) * 1000;
}

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Measures all of them round after round and gives the medians. @returns {Promise<Row[]>} */
export async function warmCache() {
  for (const { name, call } of workloads) {
    if (!(await call()).endsWith(token)) throw new Error(`${name} gives another token`);
  }
  /** @type {number[][]} */
  const rates = workloads.map(() => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, workload] of workloads.entries()) {
      const perSecond = await rate(workload);
      if (round > 0) rates[index].push(perSecond);
    }
  }
  return workloads.map(({ name, target: least }, index) => ({ name, perSecond: median(rates[index]), target: least }));
}
