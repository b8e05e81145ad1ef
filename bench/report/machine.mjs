import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The version of what was measured, where it was checked out with git. */
function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    // A packed copy has no history, and git may be missing.
    return undefined;
  }
}

const versionOf = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')).version;

/** What the figures depend on. @param {string} postgresVersion */
export function describeMachine(postgresVersion) {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memory: totalmem(),
    kernel: `${type()} ${release()}`,
    loadAverage: loadavg()[0] ?? 0,
    node: process.version,
    openssl: process.versions.openssl,
    postgres: postgresVersion,
    oidcProvider: versionOf('oidc-provider'),
    commit: commit(),
  };
}

/** @param {ReturnType<typeof describeMachine>} machine @param {string} placing */
export function renderMachine(machine, placing) {
  const { cpu, cores, memory, kernel, loadAverage, node, openssl, postgres, oidcProvider, commit } = machine;
  return [
    '',
    `${cpu}, ${cores} cores, ${(memory / 1e9).toFixed(0)} GB, ${kernel}, load average before the run ${loadAverage.toFixed(1)}`,
    `Node ${node} (OpenSSL ${openssl}), PostgreSQL ${postgres}, oidc-provider ${oidcProvider}${commit === undefined ? '' : `, Countersign ${commit}`}`,
    placing,
    '',
  ];
}
