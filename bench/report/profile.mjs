import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @typedef {object} ProfileNode of V8's .cpuprofile.
 * @property {number} id
 * @property {{ functionName: string, url: string, lineNumber: number }} callFrame
 *
 * @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile
 */

const shown = 30;
const idle = new Set(['(idle)', '(root)']);

/** The package, or the folder of this server's own code, that a script belongs to. @param {string} url */
function ownerOf(url) {
  if (url === '') return 'V8 and native code';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const path = url.replace('file://', '');
  const module = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
  return module ?? `dist/${/\/dist\/([^/]+)/.exec(path)?.[1] ?? ''}`;
}

/** @param {ProfileNode} node */
function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  const place = url === '' ? '' : ` (${ownerOf(url)}, ${url.split('/').slice(-1)[0]}:${lineNumber + 1})`;
  return `${functionName || '(anonymous)'}${place}`;
}

/** @param {Map<string, number>} into @param {string} name @param {number} time */
const add = (into, name, time) => into.set(name, (into.get(name) ?? 0) + time);

/** @param {string} title @param {Map<string, number>} times */
function render(title, times) {
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const rows = [...times].sort(([, left], [, right]) => right - left).slice(0, shown);
  return [title, ...rows.map(([name, time]) => `  ${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`), ''];
}

/**
 * Where a server under --cpu-prof spent its time, without the time it waited. The start is in it too: run long enough.
 * @param {string} text of a .cpuprofile.
 * @returns {string[]} lines.
 */
export function renderProfile(text) {
  const profile = /** @type {Profile} */ (JSON.parse(text));
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const byFunction = new Map();
  const byOwner = new Map();
  profile.samples.forEach((id, index) => {
    const node = nodes.get(id);
    if (node === undefined || idle.has(node.callFrame.functionName)) return;
    const time = profile.timeDeltas[index] ?? 0;
    add(byFunction, nameOf(node), time);
    add(byOwner, ownerOf(node.callFrame.url), time);
  });
  return [...render('self time by package', byOwner), ...render('self time by function', byFunction)];
}

/**
 * The profile that a process wrote at its end.
 * @param {string} folder of that process alone.
 */
export async function readProfile(folder) {
  const [name] = (await readdir(folder)).filter((entry) => entry.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error(`there is no profile in ${folder}`);
  return readFile(join(folder, name), 'utf8');
}
