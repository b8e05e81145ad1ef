import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';
import type { EmbeddedPostgres } from '../../../src/store/embedded/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Says in one line of JSON how the start ended, then runs until it is killed. */
const program = `
import { startEmbedded } from './src/store/embedded/index.js';
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
startEmbedded({ dataDir: process.argv[2] }).then(
  ({ target, created, adopted }) => tell({ target, created, adopted }),
  (error) => { tell({ fault: error.message }); process.exit(1); },
);
`;

/** What a server process said of its start. */
export type Told = Omit<EmbeddedPostgres, 'stop'> | { readonly fault: string };

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly told: Told;
}

const children = new Set<ChildProcess>();

/**
 * Puts the sources, as JavaScript, and the program that starts them below a directory, as if the repository had been
 * cloned there. `node_modules` is a link to ours unless the directory has its own.
 */
export async function cloneInto(directory: string): Promise<string> {
  const folder = 'src/store/embedded';
  const names = (await readdir(join(root, folder))).map((name) => `${folder}/${name}`);
  const bases = (await readdir(join(root, 'src/base'))).map((name) => `src/base/${name}`);
  await Promise.all([...names, ...bases].map((path) => transpile(path, directory)));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules')).catch(() => undefined);
  const file = join(directory, 'server.js');
  await writeFile(file, program);
  return file;
}

async function transpile(path: string, directory: string): Promise<void> {
  const { code } = await transformFile(join(root, path), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  const place = join(directory, path.replace(/\.ts$/, '.js'));
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, code.replaceAll(/(from ['"][^'"]+)\.ts(?=['"])/g, '$1.js'));
}

/** Starts a server in a process, and process group, of its own and waits until it said how the start ended. */
export async function startProcess(program: string, dataDir: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, dataDir], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const [line]: string[] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, told: JSON.parse(line ?? '') };
}

/** Signals the process group of a server, as a terminal does, and waits for the end of the server. */
export async function signalGroup({ child }: ServerProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, signal);
  await exited;
}

/** Ends every process that a test has left. */
export async function endProcesses(): Promise<void> {
  for (const child of children) await signalGroup({ child, told: { fault: '' } }, 'SIGKILL');
  children.clear();
}
