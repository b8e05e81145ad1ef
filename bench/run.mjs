// `npm run bench`: sets the stage, plays the rounds, prints and writes what was found, and takes everything down again.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { processMemory } from './load/processes.mjs';
import { help, readOptions, UsageError } from './options.mjs';
import { describeMachine, renderMachine } from './report/machine.mjs';
import { readProfile, renderProfile } from './report/profile.mjs';
import { sumUp } from './report/statistics.mjs';
import { renderMemory, renderResults } from './report/table.mjs';
import { judge, renderVerdicts } from './report/verdicts.mjs';
import { playRounds } from './rounds.mjs';
import { Opened, profileFolder, setStage } from './stage/stage.mjs';

const resultsFolder = new URL('results/', import.meta.url);

const print = (/** @type {readonly string[]} */ lines) => process.stdout.write(`${lines.join('\n')}\n`);
const say = (/** @type {string} */ text) => process.stderr.write(`${text}\n`);

/** @typedef {import('./options.mjs').Options} Options */

/** @param {string} ending of the name, which begins with the time. @param {string} text @returns {Promise<string>} its path. */
async function keep(ending, text) {
  await mkdir(resultsFolder, { recursive: true });
  const file = new URL(`${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}${ending}`, resultsFolder);
  await writeFile(file, text);
  return fileURLToPath(file);
}

/** Ends the servers, which then write their profiles, and prints these. @param {import('./stage/stage.mjs').Stage} stage */
async function printProfiles({ servers, directory }) {
  for (const { kind, stop } of servers) {
    await stop();
    const profile = await readProfile(profileFolder(directory, kind));
    print([kind.title, ...renderProfile(profile)]);
    say(`written to ${await keep(`-${kind.name}.cpuprofile`, profile)}`);
  }
}

/** Ends the wait when the signal comes, rather than at the end of the measurement. @param {AbortSignal} signal */
const interruption = (signal) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/**
 * @param {Options} options
 * @param {readonly import('./report/statistics.mjs').Result[]} results
 * @param {readonly import('./report/verdicts.mjs').Verdict[]} verdicts
 * @returns {number} the exit code.
 */
function conclude(options, results, verdicts) {
  const wrong = results.filter(({ errors }) => errors > 0);
  for (const { workload, server, firstError } of wrong) say(`FAILED: ${workload} on ${server}: ${firstError}`);
  if (wrong.length > 0) return 1;
  return options.check && verdicts.some(({ met }) => met !== true) ? 1 : 0;
}

/** What the servers wrote to their logs explains a failure. @param {import('./stage/stage.mjs').Stage} stage */
async function sayLastWords({ servers }) {
  for (const { kind, lastWords } of servers) {
    const words = (await lastWords()).trim();
    if (words !== '') say(`--- the log of ${kind.title} ends:\n${words}`);
  }
}

/**
 * @param {Options} options
 * @param {Opened} opened
 * @param {AbortSignal} signal
 * @returns {Promise<number>} the exit code.
 */
async function run(options, opened, signal) {
  const stage = await setStage({ options, opened, signal, say });
  const machine = describeMachine(stage.postgres.version);
  const records = await Promise.race([playRounds(stage, options, signal, say), interruption(signal)]);
  const memory = stage.servers.map(({ kind, pid }) => ({ server: kind.name, ...processMemory(pid) }));
  const results = sumUp(records);
  const verdicts = judge(results, memory);
  print([...renderMachine(machine, stage.cores.note), ...renderResults(results), ...renderMemory(memory)]);
  if (options.profile) {
    await printProfiles(stage);
    return conclude(options, results, []);
  }
  print(renderVerdicts(verdicts));
  const { rounds, seconds, connections } = options;
  const settings = { rounds, seconds, connections, cores: stage.cores, clients: stage.clients.length };
  const report = { machine, settings, results, memory, verdicts, records };
  say(`written to ${await keep('.json', `${JSON.stringify(report, null, 2)}\n`)}`);
  const exitCode = conclude(options, results, verdicts);
  if (results.some(({ errors }) => errors > 0)) await sayLastWords(stage);
  return exitCode;
}

/** The first signal stops everything in order; the second finds that under way. @returns {AbortSignal} */
function stopOnSignal() {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      say(controller.signal.aborted ? 'stopping already' : 'stopping everything');
      controller.abort(new Error(`ended by ${name}`));
    });
  }
  return controller.signal;
}

/** @returns {Promise<number>} the exit code. */
async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const signal = stopOnSignal();
  const opened = new Opened();
  try {
    return await run(options, opened, signal);
  } catch (error) {
    say(signal.aborted ? String(signal.reason.message) : String(/** @type {Error} */ (error).stack));
    return signal.aborted ? 130 : 1;
  } finally {
    for (const failure of await opened.close()) say(`not stopped cleanly: ${failure}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`${error.message}\nbench --help explains the options.`);
  process.exitCode = 2;
}
