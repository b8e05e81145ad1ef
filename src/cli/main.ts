#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { keepHeapSmall } from '../base/index.ts';
import type { SetupOptions } from './setup.ts';

// Each command imports what it runs: help should not wait for the whole server to load.
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('countersign')
  .description('A token server for API platforms: OAuth 2.0 / OpenID Connect on PostgreSQL.')
  .version(version)
  .showHelpAfterError('Run countersign --help for the commands.')
  .addHelpText(
    'after',
    `
Configuration comes from the environment and from .env in the working directory; "countersign env" lists it all.

Examples:
  countersign serve                                   run with the embedded PostgreSQL and demo data
  DATABASE_URL=postgres://... countersign migrate     bring a database up to date before a deployment
  countersign env > .env                              start a configuration file`,
  );

program
  .command('serve')
  .description('run the server until SIGINT or SIGTERM')
  .addHelpText(
    'after',
    '\nExit codes: 0 after a clean stop, 1 when it cannot start (every fault is listed on standard error).',
  )
  .action(async () => {
    keepHeapSmall();
    const { runServer } = await import('../boot/index.ts');
    await runServer();
  });

program
  .command('migrate')
  .description('apply pending migrations to the database, and say which')
  .option('--check', 'only look: exit 2 when migrations are pending, and apply none')
  .addHelpText(
    'after',
    `
Safe to run from any number of nodes at once, and interchangeable with "prisma migrate deploy".
Exit codes: 0 up to date, 1 failed (nothing half-applied), 2 pending (with --check).`,
  )
  .action(async (options: { readonly check?: boolean }) => {
    const { runMigrations } = await import('./migrate.ts');
    await runMigrations(options);
  });

program
  .command('env')
  .description('print every option with its default and what it does, as a .env file')
  .action(async () => {
    const { renderExample } = await import('../config/index.ts');
    process.stdout.write(renderExample());
  });

program
  .command('setup')
  .description('make the first organization, its owner and an API key, on a database of your own')
  .requiredOption('--organization <name>', 'the organization that runs this server')
  .requiredOption('--email <address>', 'of its owner')
  .requiredOption('--name <name>', 'of its owner')
  .requiredOption('--password-file <path>', 'a file with the password of its owner; - for standard input')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Example:
  countersign migrate
  countersign setup --organization Acme --email ada@example.com --name Ada --password-file - < password.txt
Exit codes: 0 made, 1 refused or failed; then nothing was made.`,
  )
  .action(async (options: SetupOptions) => {
    const { runSetup } = await import('./setup.ts');
    await runSetup(options);
  });

// The rest has a command for each operation of the REST API, whose descriptions load the server's parts.
const own = new Set(['serve', 'migrate', 'env', 'setup', '-V', '--version']);
if (!own.has(process.argv[2] ?? '')) {
  const { addManagement } = await import('./management.ts');
  addManagement(program);
}

await program.parseAsync();
