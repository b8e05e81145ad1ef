// Takes out each protection in turn, in a copy of the sources, and sees that its test fails. For people, not for CI:
// it takes ten to twenty minutes. `npm run test:mutations [check...]` does those of some checks only.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { mutations } from './mutations/index.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parts = [
  'src',
  'test',
  'views',
  'migrations',
  'prisma',
  '.config',
  'package.json',
  'tsconfig.json',
  '.env.example',
];

const copy = mkdtempSync(join(tmpdir(), 'countersign-mutations-'));
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const say = (text) => process.stdout.write(text);
const run = (args) => spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', timeout: 300_000 });

function apply(edits) {
  const before = new Map();
  for (const [file, find, replace] of edits) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    if (text.split(find).length !== 2) throw new Error(`${file} does not hold exactly once: ${find}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}

/** What a test said: the first lines of its failure. */
const gist = (message) =>
  stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '))
    .slice(0, 14)
    .join('\n      ');

/** An expectation that was not met, and no accident on the way to it. */
const isVerdict = /expect\(|it did not happen within/;

/** Runs one test. @returns what its failures said; nothing where it stayed green. */
function failuresOf({ check, test, name = `(^| )${check}: ` }) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const options = ['--config', '.config/jest.config.mjs', '--forceExit', '--json', '--outputFile', report];
  const { stderr } = run([...jest, ...options, test, '-t', name]);
  if (!existsSync(report)) throw new Error(`no test ran: ${stderr}`);
  const [suite] = JSON.parse(readFileSync(report, 'utf8')).testResults;
  const ran = suite?.assertionResults.filter(({ status }) => status === 'passed' || status === 'failed') ?? [];
  if (ran.length === 0) throw new Error(`no test ran: ${suite?.message ?? stderr}`);
  return ran.flatMap(({ failureMessages }) => failureMessages);
}

function build() {
  const { status, stdout, stderr } = run(['.config/build.mjs']);
  if (status !== 0) throw new Error(`it does not build: ${stdout}${stderr}`);
}

/** @returns a word about what is wrong; nothing where the test failed as it should. */
function tryOut(mutation, verbose) {
  const restore = apply(mutation.edits);
  try {
    if (mutation.build) build();
    const [first] = failuresOf(mutation);
    if (first === undefined) return 'the test stayed green';
    if (!isVerdict.test(first)) return `the test failed of something else:\n      ${gist(first)}`;
    if (verbose) say(`\n      ${gist(first)}\n`);
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    restore();
  }
}

const asked = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const verbose = process.argv.includes('--verbose');
const wanted = mutations.filter(({ check }) => asked.length === 0 || asked.includes(check));

for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const wrong = [];
for (const mutation of wanted) {
  say(`${mutation.check}: without ${mutation.out} ... `);
  const complaint = tryOut(mutation, verbose);
  say(complaint === undefined ? 'red\n' : `NOT SEEN TO FAIL\n      ${complaint.slice(0, 2000)}\n`);
  if (complaint !== undefined) wrong.push(mutation);
}
say(`\n${wanted.length - wrong.length} of ${wanted.length} protections are proven: without them a test fails.\n`);
process.exit(wrong.length === 0 ? 0 : 1);
