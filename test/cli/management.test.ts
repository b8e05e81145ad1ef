import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.ts';
import { type House, openHouse } from '../support/house.ts';
import { endProcesses, runCli } from '../support/process.ts';
import { askWithForm, basic, grant } from '../support/tokens.ts';

let house: House;
let scratch: string;
beforeAll(async () => {
  house = await openHouse();
  scratch = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
});
afterAll(async () => {
  await endProcesses();
  await house.close();
  await rm(scratch, { recursive: true, force: true });
});

const environment = () => ({
  NODE_ENV: 'test',
  DATABASE_URL: house.database.url,
  COUNTERSIGN_DATA_DIR: house.dataDir,
  ISSUER: house.issuer,
});
const run = (...args: readonly string[]) => runCli(args, environment());

const machine = ['--client-type', 'confidential', '--allowed-grant-types', 'client_credentials'];

describe('countersign clients, beside a running server', () => {
  it('makes a client that gets a token, and shows its secret in no other place', async () => {
    const made = await run(
      'clients',
      'create',
      '--name',
      'By hand',
      ...machine,
      '--allowed-scopes',
      'clients:read',
      '--json',
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { data } = JSON.parse(made.stdout) as { data: { client_id: string; client_secret: string } };
    const token = await askWithForm(`${house.address}/oauth/token`, grant, basic(data.client_id, data.client_secret));
    expect(token.status).toBe(200);
    const listed = await run('clients', 'list', '--name', 'By hand');
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(/^CLIENT ID +NAME/);
    expect(listed.stdout).toContain(data.client_id);
    expect(listed.stdout).not.toContain(data.client_secret);
  });

  it('changes what is named and says what it is now, as a table', async () => {
    const made = await run(
      'clients',
      'create',
      '--name',
      'Old name',
      ...machine,
      '--allowed-scopes',
      'clients:read,grants:read',
      '--json',
    );
    const { data } = JSON.parse(made.stdout) as { data: { client_id: string; allowed_scopes: string[] } };
    expect(data.allowed_scopes).toEqual(['clients:read', 'grants:read']);
    const changed = await run('clients', 'update', data.client_id, '--name', 'New name');
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    expect(changed.stdout).toMatch(/^name +New name$/m);
    expect((await run('clients', 'delete', data.client_id)).code).toBe(0);
    const gone = await run('clients', 'get', data.client_id);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toMatch(/^countersign: There is no /);
  });

  it('says every fault by the name of the member, and changes nothing', async () => {
    const before = (await house.database.sql`select from oauth_clients`).count;
    const refused = await run('clients', 'create', '--client-type', 'secret', '--data', '{"nonsense":1}');
    expect(refused.code).toBe(1);
    for (const member of ['name', 'client_type', 'allowed_scopes', 'nonsense'])
      expect(refused.stderr).toContain(`countersign: ${member} `);
    expect((await house.database.sql`select from oauth_clients`).count).toBe(before);
  });

  it('refuses --data that is no JSON, and an organization that is not there', async () => {
    expect((await run('clients', 'create', '--data', '{')).stderr).toMatch(/^countersign: --data is not JSON/);
    const nowhere = await run('clients', 'list', '--org', `OR${'0'.repeat(32)}`);
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no organization') });
  });

  it('leaves its name in the audit log', async () => {
    const rows = await house.database.sql<Array<{ actor: string }>>`
      select distinct actor_type as actor from audit_events where action = 'client.deleted'`;
    expect(rows.map(({ actor }) => actor)).toEqual(['system']);
  });
});

describe('the help', () => {
  it('lists the kinds of records, and teaches each by examples', async () => {
    const all = await runCli(['--help']);
    expect(all.code).toBe(0);
    for (const noun of [
      'clients',
      'grants',
      'orgs',
      'accounts',
      'users',
      'api-keys',
      'resources',
      'keys',
      'sessions',
      'audit',
    ]) {
      expect(all.stdout).toMatch(new RegExp(`^  ${noun} `, 'm'));
      const own = await runCli([noun, '--help']);
      expect(own.stdout).toContain('Examples:');
    }
  });

  it('takes no password as an option, where the list of processes would show it', async () => {
    const { stdout } = await runCli(['users', 'create', '--help']);
    expect(stdout).toContain('--password-file');
    expect(stdout).not.toMatch(/--password[ <]/);
  });
});

describe('countersign setup', () => {
  it('makes the first organization, whose key may do everything, and no second one', async () => {
    const database = await createDatabase();
    const password = join(scratch, 'password');
    await writeFile(password, 'a long and quiet afternoon\n');
    const env = { ...environment(), DATABASE_URL: database.url, SEED_DEMO: 'false' };
    const setup = () =>
      runCli(
        [
          'setup',
          '--organization',
          'Acme',
          '--email',
          'ada@example.com',
          '--name',
          'Ada',
          '--password-file',
          password,
          '--json',
        ],
        env,
      );
    const made = await setup();
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { api_key: key } = JSON.parse(made.stdout) as { api_key: string };
    expect(key).toMatch(/^SK[0-9a-f]{32}\./);
    const again = await setup();
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
    expect((await database.sql`select from organizations`).count).toBe(1);
    await database.drop();
  });
});
