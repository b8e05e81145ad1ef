import { type Change, createAccount, createApiKey, createMember, createOrganization } from '../accounts/index.ts';
import { bySystem } from '../audit/index.ts';
import { newSecret, type Sealer } from '../base/index.ts';
import { createClient } from '../clients/index.ts';
import { addResource } from '../resources/index.ts';
import type { Management, ManagementTransaction, Sql } from '../store/index.ts';
import { writeDemoFile } from './file.ts';
import { hasDemoRows, onceForAll } from './store.ts';
import type { Demo } from './types.ts';

interface SeedOptions {
  readonly sql: Sql;
  readonly management: Management;
  readonly sealer: Sealer;
  readonly issuer: string;
  readonly dataDir: string;
}

const machineScopes = ['clients:read', 'grants:read', 'tokens:introspect'];
const organizationScopes = ['organizations:read', 'accounts:read', 'accounts:write', 'users:read', 'audit:read'];

/** Any port of this machine (RFC 8252 section 7.3): what a command-line tool or a desktop app listens on. */
const appRedirectUri = 'http://127.0.0.1/callback';
const appScopes = ['openid', 'profile', 'email', 'org', 'offline_access', 'clients:read', 'grants:read'];

async function makeClients(transaction: ManagementTransaction, organizationSid: string, userSid: string) {
  const shared = {
    organizationSid,
    userSid,
    clientType: 'confidential',
    allowedGrantTypes: ['client_credentials'],
  } as const;
  const machine = await createClient(
    transaction,
    { ...shared, name: 'Demo machine client', allowedScopes: machineScopes },
    bySystem,
  );
  const tenant = await createClient(
    transaction,
    { ...shared, name: 'Demo organization client', allowedScopes: organizationScopes },
    bySystem,
  );
  const app = await createClient(
    transaction,
    {
      name: 'Demo app',
      organizationSid,
      userSid,
      clientType: 'public',
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      allowedScopes: appScopes,
      redirectUris: [appRedirectUri],
    },
    bySystem,
  );
  return {
    client_id: machine.clientId,
    client_secret: machine.clientSecret as string,
    org_client_id: tenant.clientId,
    org_client_secret: tenant.clientSecret as string,
    app_client_id: app.clientId,
    app_redirect_uri: appRedirectUri,
  };
}

/** Where `examples/mcp-server` listens. Its users need no account for their clients, which register themselves. */
const notesResource = {
  identifier: 'http://localhost:8090/mcp',
  name: 'Notes (examples/mcp-server)',
  acceptsRegisteredClients: true,
  scopes: [
    { name: 'notes:read', description: 'Read your notes' },
    { name: 'notes:write', description: 'Write notes for you' },
  ],
};

async function makeDemo(change: Change, issuer: string): Promise<Demo> {
  const organizationSid = await createOrganization(change, { name: 'Demo organization', demo: true, operator: true });
  const account = await createAccount(change, { name: 'Demo account', organizationSid });
  const user = { email: 'demo@example.com', name: 'Demo User', password: newSecret() };
  const userSid = await createMember(change, user, { organizationSid, role: 'owner' });
  const apiKey = await createApiKey(change, {
    name: 'Demo API key',
    userSid,
    organizationSid,
    accountSid: account.sid,
    scopes: ['admin'],
  });
  await addResource(change.transaction, { ...notesResource, organizationSid }, { actor: bySystem });
  const clients = await makeClients(change.transaction, organizationSid, userSid);
  return {
    issuer,
    organization_sid: organizationSid,
    account_sid: account.sid,
    account_auth_token: account.authToken,
    user_email: user.email,
    user_password: user.password,
    api_key: apiKey.key,
    api_key_sid: apiKey.sid,
    api_key_secret: apiKey.secret,
    ...clients,
    mcp_resource: notesResource.identifier,
  };
}

/**
 * Seeds the demo once per database. The file is written before the commit: a crash in between leaves credentials of
 * nothing, which the next start replaces, rather than a demo whose secrets nobody knows.
 * @returns whether this call made it.
 */
export async function seedDemo({ sql, management, sealer, issuer, dataDir }: SeedOptions): Promise<boolean> {
  if (await hasDemoRows(sql)) return false;
  return onceForAll(management, async (transaction) => {
    const demo = await makeDemo({ transaction, actor: bySystem, sealer }, issuer);
    await writeDemoFile(dataDir, demo);
  });
}
