import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sdk = fileURLToPath(new URL('../../../src/sdk', import.meta.url));

/** The package as a user gets it. */
export interface Packed {
  /** The paths in it. */
  readonly files: readonly string[];
  /** Bytes of the archive. */
  readonly size: number;
  readonly tarball: Uint8Array;
  /** A directory in which it is installed, and nothing else. */
  readonly project: string;
  /** Where it is installed. */
  readonly installed: string;
  remove(): Promise<void>;
}

interface Report {
  readonly filename: string;
  readonly size: number;
  readonly files: ReadonlyArray<{ readonly path: string }>;
}

/** Packs the build of the SDK, and installs it. It needs no network: the package has no dependency. */
export async function packSdk(): Promise<Packed> {
  const project = await mkdtemp(join(tmpdir(), 'countersign-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: sdk });
  const [report] = JSON.parse(stdout) as readonly Report[];
  if (report === undefined) throw new Error(`npm pack says nothing: ${stdout}`);
  const tarball = join(project, report.filename);
  const installed = join(project, 'node_modules/@countersign/sdk');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
  return {
    files: report.files.map(({ path }) => path),
    size: report.size,
    tarball: new Uint8Array(await readFile(tarball)),
    project,
    installed,
    remove: () => rm(project, { recursive: true, force: true }),
  };
}
