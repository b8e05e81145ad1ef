import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renderExample } from '../../src/config/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { endProcesses, launch, newDirectory, runCli } from '../support/process.ts';

afterAll(endProcesses);

describe('the command line', () => {
  it('teaches with --help: the commands, where the configuration comes from, examples', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of ['serve', 'migrate', 'env']) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain('Configuration comes from the environment');
    expect(stdout).toMatch(/Examples:\n( {2}.*countersign.*\n){3,}/);
    expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it.each(['serve', 'migrate'])('says of %s with which codes it exits', async (command) => {
    const { code, stdout } = await runCli([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Exit codes: 0 .*1 /);
  });

  it('knows its version', async () => {
    const { code, stdout } = await runCli(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('prints .env.example with env', async () => {
    expect(await runCli(['env'])).toEqual({ code: 0, stdout: renderExample(), stderr: '' });
  });

  it.each([
    ['an unknown command', ['serv'], "unknown command 'serv'"],
    ['an unknown option', ['migrate', '--force'], "unknown option '--force'"],
    ['an argument too many', ['env', 'now'], 'too many arguments'],
  ])('refuses %s with exit code 1 and points to the help', async (_what, args, reason) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(reason);
    expect(stderr).toContain('Run countersign --help for the commands.');
  });
});

describe('countersign migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase('empty');
  });
  afterEach(() => database.drop());

  it('applies what is pending and says which, then says that there is nothing to do', async () => {
    const env = { DATABASE_URL: database.url };
    const first = await runCli(['migrate'], env);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Applied:\n( {2}\d{14}_\w+\n)+$/);
    const second = { code: 0, stdout: 'The database is up to date.\n', stderr: '' };
    expect(await runCli(['migrate'], env)).toEqual(second);
    expect(await runCli(['migrate', '--check'], env)).toEqual(second);
  });

  it('only looks with --check: exit code 2, the names, and an untouched database', async () => {
    const { code, stdout } = await runCli(['migrate', '--check'], { DATABASE_URL: database.url });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Pending:\n( {2}\d{14}_\w+\n)+$/);
    expect(await database.sql`select 1 from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
  });

  it('needs no master key, as a production server would: it opens nothing that is sealed', async () => {
    const { code } = await runCli(['migrate'], { DATABASE_URL: database.url, NODE_ENV: 'production' });
    expect(code).toBe(0);
  });

  it('reads .env of the working directory, and a variable that is set wins over it', async () => {
    const cwd = await newDirectory();
    await writeFile(join(cwd, '.env'), `DATABASE_URL=${database.url}\n`);
    // Without the variables the embedded database would be started: it must not find a place for it.
    const env = { COUNTERSIGN_DATA_DIR: '/dev/null/nowhere' };
    const byFile = await (await launch('cli/main.js', ['migrate'], env, cwd)).exited;
    expect(byFile).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied:'), stderr: '' });
    const elsewhere = { ...env, DATABASE_URL: 'postgres://app@127.0.0.1:1/nowhere' };
    const byVariable = await (await launch('cli/main.js', ['migrate'], elsewhere, cwd)).exited;
    expect(byVariable.stderr).toContain('127.0.0.1:1/nowhere');
  });

  it.each([
    ['postgres://app:a-secret-word@127.0.0.1:1/name', 'the database at 127.0.0.1:1/name cannot be used'],
    ['mysql://app:a-secret-word@host/name', 'DATABASE_URL: must be a URL like postgresql://'],
  ])('fails with exit code 1 and one clear line, without the password: %s', async (url, reason) => {
    const { code, stdout, stderr } = await runCli(['migrate'], { DATABASE_URL: url });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`The migration failed:\n  - ${reason}`);
    expect(stderr).not.toContain('a-secret-word');
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });
});
