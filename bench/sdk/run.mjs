// The benchmarks of the SDK: npm run bench:sdk. Prints a table; exit code 1 when a target is missed.
import { minting } from './minting.mjs';
import { verifying } from './verifier.mjs';
import { warmCache } from './warm-cache.mjs';

const whole = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');

/** @param {readonly string[]} cells */
const line = ([name, ...figures]) => `${name.padEnd(52)}${figures.map((cell) => cell.padStart(16)).join('')}`.trimEnd();

/** @type {string[]} */
const missed = [];

/** @param {string} name @param {boolean} met */
function verdict(name, met) {
  if (!met) missed.push(name);
  return met ? 'met' : 'MISSED';
}

const cache = await warmCache();
const mints = await minting();
const verifications = await verifying();

const lines = [
  `Node ${process.version}, ${process.platform} ${process.arch}; medians, all in one process`,
  '',
  line(['A kept token', 'calls/s', 'target', '']),
  ...cache.map(({ name, perSecond, target }) =>
    target === undefined
      ? line([name, whole(perSecond)])
      : line([name, whole(perSecond), whole(target), verdict(name, perSecond >= target)]),
  ),
  '',
  line(['Minting', 'tokens/s', 'twilio', 'times as fast', 'target', '']),
  ...mints.map(({ name, ours, theirs, ratio, target }) =>
    line([name, whole(ours), whole(theirs), ratio.toFixed(1), String(target), verdict(name, ratio >= target)]),
  ),
  '',
  line(['Verifying', 'tokens/cpu s', 'jose', 'times as fast', 'target', '']),
  ...verifications.map(({ name, ours, theirs, ratio, target }) =>
    line([name, whole(ours), whole(theirs), ratio.toFixed(2), String(target), verdict(name, ratio >= target)]),
  ),
];
process.stdout.write(`${lines.join('\n')}\n`);

if (missed.length > 0) {
  process.stderr.write(`below the target: ${missed.join('; ')}\n`);
  process.exitCode = 1;
}
