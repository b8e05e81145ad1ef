import { spawn } from 'node:child_process';
import { reasonOf } from './causes.ts';

/** The system user a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface CommandOptions {
  /** Not given: as the user of this process. */
  readonly account?: Account | undefined;
  /** What the command reads on its standard input; not given: nothing. */
  readonly input?: string;
}

export interface Outcome {
  /** Undefined when the command could not be run or was ended by a signal; `output` then says which. */
  readonly exitCode: number | undefined;
  /** Standard output and standard error as they came. */
  readonly output: string;
}

/** Our own environment holds secrets and perhaps PGPORT or PGDATA: PostgreSQL gets none of it. */
const environment = {
  // A root shell may lack the directories of `useradd`.
  PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
  LC_ALL: 'C',
};

/** Runs a command to its end, in a process group of its own so that Ctrl-C does not reach it. Never rejects. */
export async function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  try {
    return await finish(file, args, options);
  } catch (cause) {
    return { exitCode: undefined, output: `${file}: ${reasonOf(cause)}` };
  }
}

function finish(file: string, args: readonly string[], { account, input }: CommandOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      // Ours may be a directory that the account cannot enter.
      cwd: '/',
      env: environment,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...account,
    });
    const chunks: string[] = [];
    const collect = (chunk: string) => chunks.push(chunk);
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.stdin?.on('error', (error) => collect(`${error.message}\n`)).end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) collect(`${file} was ended by ${signal}\n`);
      resolve({ exitCode: code ?? undefined, output: chunks.join('') });
    });
  });
}

/** The end of a text as one indented block, for the message of a {@link StartupError}. */
export function lastLines(text: string, count = 8): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n  ');
}
