import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { schemaSql } from '../support/prisma-schema.ts';
import { catalogOf } from './catalog.ts';

/** What Prisma does not model and the migrations add by hand. */
const byHand = [
  'function countersign_count_clients',
  'function countersign_end_document_client',
  'function countersign_end_grant',
  'function countersign_end_membership',
  'function countersign_end_user_sessions',
  'function countersign_forget_use',
  'function countersign_notify_change',
  'function countersign_notify_revocation',
  'function countersign_organization_standing',
  'function countersign_revoke',
  'function countersign_revoke_family',
  'function countersign_revoke_on_end',
  'function countersign_revoke_on_suspension',
  'index CREATE UNIQUE INDEX organizations_one_demo ON public.organizations USING btree (demo) WHERE demo',
  'trigger accounts.accounts_end',
  'trigger accounts.accounts_notify',
  'trigger accounts.accounts_suspension',
  'trigger api_keys.api_keys_end',
  'trigger api_keys.api_keys_forget_use',
  'trigger api_keys.api_keys_notify',
  'trigger api_keys.api_keys_revoked',
  'trigger api_keys.api_keys_revoked_forget_use',
  'trigger families.families_revoked',
  'trigger grants.grants_end',
  'trigger memberships.memberships_end',
  'trigger memberships.memberships_notify',
  'trigger oauth_client_secrets.oauth_client_secrets_notify',
  'trigger oauth_clients.oauth_clients_counted_delete',
  'trigger oauth_clients.oauth_clients_counted_insert',
  'trigger oauth_clients.oauth_clients_counted_update',
  'trigger oauth_clients.oauth_clients_document_end',
  'trigger oauth_clients.oauth_clients_end',
  'trigger oauth_clients.oauth_clients_forget_use',
  'trigger oauth_clients.oauth_clients_notify',
  'trigger oauth_clients.oauth_clients_suspension',
  'trigger organizations.organizations_end',
  'trigger organizations.organizations_notify',
  'trigger organizations.organizations_standing',
  'trigger public_keys.public_keys_notify',
  'trigger resource_introspectors.resource_introspectors_notify',
  'trigger resource_scopes.resource_scopes_notify',
  'trigger resources.resources_notify',
  'trigger revocations.revocations_notify',
  'trigger signing_keys.signing_keys_notify',
  'trigger users.users_changed_sessions',
  'trigger users.users_deleted_sessions',
  'trigger users.users_end',
  'trigger users.users_notify',
  'trigger users.users_suspension',
];

/** Each model of schema.prisma with the comment above it. */
function models(): ReadonlyArray<{ readonly name: string; readonly comment: string }> {
  const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
  return [...schema.matchAll(/((?:^\/\/\/.*\n)*)^model (\w+) \{/gm)].map(([, comment = '', name = '']) => ({
    name,
    comment: comment.replaceAll(/^\/\/\/ ?/gm, '').replaceAll('\n', ' '),
  }));
}

describe('schema.prisma and the migrations', () => {
  let fromSchema: TestDatabase;
  let fromMigrations: TestDatabase;
  beforeAll(async () => {
    [fromSchema, fromMigrations] = await Promise.all([createDatabase('empty'), createDatabase('migrated')]);
    await fromSchema.sql.unsafe(await schemaSql(fromSchema.url));
  });
  afterAll(() => Promise.all([fromSchema.drop(), fromMigrations.drop()]));

  it('make the same tables, columns, keys, indexes and enums, but for what is added by hand', async () => {
    const [schema, migrations] = await Promise.all([catalogOf(fromSchema), catalogOf(fromMigrations)]);
    expect(migrations).toEqual([...schema, ...byHand].toSorted());
  });

  it('make something at all', async () => {
    const catalog = await catalogOf(fromSchema);
    expect(catalog.filter((line) => line.startsWith('column')).length).toBeGreaterThan(100);
    expect(catalog.filter((line) => line.startsWith('enum')).length).toBeGreaterThan(3);
  });
});

describe('schema.prisma', () => {
  it('says of every table what it is and who writes it', () => {
    const found = models();
    expect(found.length).toBeGreaterThan(15);
    const silent = found.filter(({ comment }) => !/^[A-Z].*\. Writers?: .*(Prisma|postgres\.js)/.test(comment));
    expect(silent).toEqual([]);
  });
});
