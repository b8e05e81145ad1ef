// AccessToken minting against the real twilio package, in one process, taking turns: node bench/sdk/minting.mjs
// Nearly all of the twilio package's time goes into jsonwebtoken, which tries for every token to read the secret as a
// private key, and fails.
import { pathToFileURL } from 'node:url';
import twilio from 'twilio';
import { AccessToken } from '../../src/sdk/dist/jwt/index.js';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} ours tokens a second.
 * @property {number} theirs tokens a second.
 * @property {number} ratio
 * @property {number} target the least ratio that is good enough.
 */

const target = 3;
const rounds = 9;
const roundMilliseconds = 150;
/** Tokens between two looks at the clock. */
const batch = 50;

const accountSid = 'AC0123456789abcdef0123456789abcdef';
const keySid = 'SK0123456789abcdef0123456789abcdef';
const secret = 'a-secret-of-thirty-two-characters';
const options = { identity: 'alice@example.com', ttl: 3600 };
const voice = {
  incomingAllow: true,
  outgoingApplicationSid: 'AP0123456789abcdef0123456789abcdef',
  outgoingApplicationParams: { queue: 'support' },
};
const video = { room: 'daily-stand-up' };

/** @typedef {'HS256' | 'HS384' | 'HS512'} Algorithm */

/**
 * As a server does it: a new token for each caller. Both classes have the same interface.
 * @param {typeof AccessToken} Token @param {Algorithm} algorithm
 */
const fresh = (Token, algorithm) => () => {
  const token = new Token(accountSid, keySid, secret, options);
  token.addGrant(new Token.VoiceGrant(voice));
  token.addGrant(new Token.VideoGrant(video));
  return token.toJwt(algorithm);
};

/** One object that is signed again and again. @param {typeof AccessToken} Token @param {Algorithm} algorithm */
const again = (Token, algorithm) => {
  const token = new Token(accountSid, keySid, secret, options);
  token.addGrant(new Token.VoiceGrant(voice));
  return () => token.toJwt(algorithm);
};

const workloads = [
  { name: 'AccessToken, a new one with two grants, HS256', make: fresh, algorithm: 'HS256' },
  { name: 'AccessToken, a new one with two grants, HS512', make: fresh, algorithm: 'HS512' },
  { name: 'AccessToken, one signed again, HS256', make: again, algorithm: 'HS256' },
];

/** Tokens a second in one round. @param {() => string} mint */
function rate(mint) {
  const begin = performance.now();
  let minted = 0;
  let elapsed = 0;
  do {
    for (let at = 0; at < batch; at += 1) mint();
    minted += batch;
    elapsed = performance.now() - begin;
  } while (elapsed < roundMilliseconds);
  return (minted / elapsed) * 1000;
}

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The tokens of both must be equal, or there is nothing to compare. A second may end between the two. */
function checkEqual(/** @type {() => string} */ ours, /** @type {() => string} */ theirs) {
  const equal = () => ours() === theirs();
  if (!equal() && !equal()) throw new Error('the two packages make different tokens');
}

/** Measures both packages round after round and gives the medians. @returns {Promise<Row[]>} */
export async function minting() {
  return workloads.map(({ name, make, algorithm }) => {
    const mints = [AccessToken, twilio.jwt.AccessToken].map((Token) => make(Token, algorithm));
    const [ours, theirs] = mints;
    checkEqual(ours, theirs);
    for (const mint of mints) rate(mint);
    const rates = Array.from({ length: rounds }, () => mints.map(rate));
    const [own, other] = [0, 1].map((at) => median(rates.map((round) => round[at])));
    return { name, ours: own, theirs: other, ratio: own / other, target };
  });
}

const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await minting();
  for (const { name, ours, theirs, ratio } of rows) {
    console.log(
      `${name}: ${whole(ours)}/s, twilio ${whole(theirs)}/s, ${ratio.toFixed(1)} times as fast (target ${target})`,
    );
  }
  if (rows.some(({ ratio }) => ratio < target)) process.exitCode = 1;
}
