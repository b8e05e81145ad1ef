// Brings dist/ up to date: the Prisma client when schema.prisma changed, then the TypeScript sources, the SDK's apart.
// Kept apart from `prisma generate && tsc` because a start on an unchanged tree should cost well under a second.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => `${root}node_modules/.bin/${name}`;

function run(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(`${command} ${args.join(' ')} failed\n${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n`);
  process.exit(1);
}

function generatePrismaClient() {
  const output = `${root}src/store/generated`;
  const stamp = `${output}/.schema-sha256`;
  const inputs = ['prisma/schema.prisma', 'node_modules/prisma/package.json'];
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(readFileSync(root + input));
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  // `prisma generate` looks up a schema engine that it never runs; naming any executable spares the download.
  run(bin('prisma'), ['generate', '--config', '.config/prisma.ts'], {
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  });
  writeFileSync(stamp, digest);
}

generatePrismaClient();
run(bin('tsc'), ['-p', '.config/tsconfig.build.json']);
run(bin('tsc'), ['-p', 'src/sdk/tsconfig.json']);
