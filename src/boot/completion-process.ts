import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StartupError } from '../base/index.ts';
import type { Completion } from './completion.ts';
import { type Ground, type PackedGround, packGround } from './ground.ts';

/** What the process that makes the rest tells the server. */
export type CompletionReport =
  | { readonly kind: 'hello' }
  | { readonly kind: 'made'; readonly made: readonly string[] }
  | { readonly kind: 'failed'; readonly faults: readonly string[] };

/** Of the build: it is not run from the sources. */
const program = fileURLToPath(new URL('./completer.js', import.meta.url));

/** Its last word, once it has ended. */
function lastWordOf(child: ChildProcess, ground: Ground): Promise<CompletionReport> {
  return new Promise((resolve, reject) => {
    let last: CompletionReport | undefined;
    child.on('message', (report: CompletionReport) => {
      // One that is on its way out says so by ending.
      if (report.kind === 'hello') child.send(packGround(ground) satisfies PackedGround, () => undefined);
      else last = report;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (last !== undefined) resolve(last);
      else reject(new StartupError([`the process that prepares the database ended early (${signal ?? code})`]));
    });
  });
}

/**
 * Makes the rest in a process of its own, which takes the management client's query compiler with it when it ends: that
 * is as much memory as the whole server. @throws StartupError with the faults of that process.
 */
export const completeApart: Completion = async (_config, ground) => {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const report = await lastWordOf(child, ground);
  if (report.kind === 'failed') throw new StartupError(report.faults);
  return report.kind === 'made' ? report.made : [];
};
