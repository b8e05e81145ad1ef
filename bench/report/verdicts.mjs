import { targets } from '../targets.mjs';

/**
 * @typedef {object} Verdict
 * @property {string} title
 * @property {boolean | undefined} met undefined: not measured.
 * @property {string} found
 */

/** @type {(target: import('../targets.mjs').Target, results: readonly import('./statistics.mjs').Result[]) => Verdict} */
function judgeRatio({ title, workload, against = '', unlike, least = 0 }, results) {
  const mine = results.find((result) => result.workload === workload && result.server === 'countersign');
  const ratio = (unlike === undefined ? mine?.ratios[against] : mine?.within[unlike]) ?? Number.NaN;
  if (Number.isNaN(ratio)) return { title, met: undefined, found: 'not measured' };
  return { title, met: ratio >= least, found: `${ratio.toFixed(2)} times` };
}

/** @type {(target: import('../targets.mjs').Target, resident: number | undefined) => Verdict} */
function judgeMemory({ title, memoryBelow = 0, onNode }, resident) {
  const [major] = process.versions.node.split('.');
  if (resident === undefined || major !== onNode)
    return { title, met: undefined, found: `not measured (Node ${major})` };
  return { title, met: resident < memoryBelow * 1e6, found: `${(resident / 1e6).toFixed(0)} MB` };
}

/**
 * Holds the results against the targets.
 * @param {readonly import('./statistics.mjs').Result[]} results
 * @param {ReadonlyArray<{ server: string, resident?: number }>} memory
 * @returns {Verdict[]}
 */
export function judge(results, memory) {
  const resident = memory.find(({ server }) => server === 'countersign')?.resident;
  return targets.map((target) =>
    target.memoryBelow === undefined ? judgeRatio(target, results) : judgeMemory(target, resident),
  );
}

/** @param {readonly Verdict[]} verdicts @returns {string[]} lines. */
export function renderVerdicts(verdicts) {
  const word = (/** @type {boolean | undefined} */ met) => (met === undefined ? '?   ' : met ? 'pass' : 'FAIL');
  return ['targets', ...verdicts.map(({ title, met, found }) => `  ${word(met)}  ${title}: ${found}`), ''];
}
