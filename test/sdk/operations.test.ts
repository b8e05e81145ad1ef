import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeApi } from '../../src/api/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { managementOperations, type OperationParts } from '../../src/operations.ts';
import { type CountersignClient, countersign } from '../../src/sdk/index.ts';
import { type Endpoint, hasty, json, openEndpoint } from './endpoint.ts';

/** Stands for the database: operations are only described here. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });
const { paths } = describeApi({
  issuer: 'https://auth.example.com',
  version: '',
  operations: managementOperations({
    config: readConfig({}).config,
    store: nothing as OperationParts['store'],
    sealer: nothing as OperationParts['sealer'],
    clock: nothing as OperationParts['clock'],
  }),
  endpoints: [],
  scopes: [],
});
const described = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
);

const client = { name: 'a', client_type: 'confidential', allowed_scopes: [], allowed_grant_types: [] } as const;

/** The method for each operation. Ids are ID, those within another record are SECOND. */
const methods: Readonly<Record<string, (api: CountersignClient) => Promise<unknown>>> = {
  listOAuthClients: (api) => api.oauthClients.list().page(),
  createOAuthClient: (api) => api.oauthClients.create(client),
  retrieveOAuthClient: (api) => api.oauthClients.retrieve('ID'),
  updateOAuthClient: (api) => api.oauthClients.update('ID', { name: 'b' }),
  deleteOAuthClient: (api) => api.oauthClients.delete('ID'),
  disableOAuthClient: (api) => api.oauthClients.disable('ID'),
  enableOAuthClient: (api) => api.oauthClients.enable('ID'),
  createOAuthClientSecret: (api) => api.oauthClients.createSecret('ID'),
  deleteOAuthClientSecret: (api) => api.oauthClients.deleteSecret('ID', 'SECOND'),
  listOrganizations: (api) => api.organizations.list().page(),
  createOrganization: (api) => api.organizations.create({ name: 'a' }),
  retrieveOrganization: (api) => api.organizations.retrieve('ID'),
  updateOrganization: (api) => api.organizations.update('ID', { name: 'b' }),
  deleteOrganization: (api) => api.organizations.delete('ID'),
  suspendOrganization: (api) => api.organizations.suspend('ID'),
  resumeOrganization: (api) => api.organizations.resume('ID'),
  listMemberships: (api) => api.organizations.memberships('ID').list().page(),
  addMember: (api) => api.organizations.memberships('ID').create({ email: 'a@example.com' }),
  retrieveMembership: (api) => api.organizations.memberships('ID').retrieve('SECOND'),
  setMembership: (api) => api.organizations.memberships('ID').update('SECOND', { role: 'admin' }),
  deleteMembership: (api) => api.organizations.memberships('ID').delete('SECOND'),
  listAccounts: (api) => api.accounts.list().page(),
  createAccount: (api) => api.accounts.create({ name: 'a' }),
  retrieveAccount: (api) => api.accounts.retrieve('ID'),
  updateAccount: (api) => api.accounts.update('ID', { name: 'b' }),
  deleteAccount: (api) => api.accounts.delete('ID'),
  suspendAccount: (api) => api.accounts.suspend('ID'),
  resumeAccount: (api) => api.accounts.resume('ID'),
  rotateAuthToken: (api) => api.accounts.rotateAuthToken('ID'),
  listUsers: (api) => api.users.list().page(),
  createUser: (api) => api.users.create({ name: 'a', email: 'a@example.com' }),
  retrieveUser: (api) => api.users.retrieve('ID'),
  updateUser: (api) => api.users.update('ID', { name: 'b' }),
  deleteUser: (api) => api.users.delete('ID'),
  suspendUser: (api) => api.users.suspend('ID'),
  resumeUser: (api) => api.users.resume('ID'),
  deleteUserSessions: (api) => api.users.deleteSessions('ID'),
  listApiKeys: (api) => api.apiKeys.list().page(),
  createApiKey: (api) => api.apiKeys.create({ name: 'a', account_sid: 'AC1', scopes: [] }),
  retrieveApiKey: (api) => api.apiKeys.retrieve('ID'),
  updateApiKey: (api) => api.apiKeys.update('ID', { name: 'b' }),
  revokeApiKey: (api) => api.apiKeys.delete('ID'),
  listPublicKeys: (api) => api.publicKeys.list().page(),
  createPublicKey: (api) => api.publicKeys.create({ name: 'a', public_key: 'b' }),
  retrievePublicKey: (api) => api.publicKeys.retrieve('ID'),
  updatePublicKey: (api) => api.publicKeys.update('ID', { name: 'b' }),
  deletePublicKey: (api) => api.publicKeys.delete('ID'),
  listResources: (api) => api.resources.list().page(),
  createResource: (api) => api.resources.create({ name: 'a', identifier: 'https://api.example.com/' }),
  retrieveResource: (api) => api.resources.retrieve('ID'),
  updateResource: (api) => api.resources.update('ID', { name: 'b' }),
  deleteResource: (api) => api.resources.delete('ID'),
  listOAuthGrants: (api) => api.oauthGrants.list().page(),
  retrieveOAuthGrant: (api) => api.oauthGrants.retrieve('ID'),
  deleteOAuthGrant: (api) => api.oauthGrants.delete('ID'),
  listSessions: (api) => api.sessions.list().page(),
  retrieveSession: (api) => api.sessions.retrieve('ID'),
  deleteSession: (api) => api.sessions.delete('ID'),
  listSigningKeys: (api) => api.signingKeys.list().page(),
  retrieveSigningKey: (api) => api.signingKeys.retrieve('ID'),
  deleteSigningKey: (api) => api.signingKeys.delete('ID'),
  rotateSigningKeys: (api) => api.signingKeys.rotate(),
  createAccessToken: (api) => api.accessTokens.create({ identity: 'a' }),
  verifyAccessToken: (api) => api.accessTokens.verify('a'),
  createCapabilityToken: (api) => api.capabilityTokens.create({ type: 'client', scopes: [] }),
  verifyCapabilityToken: (api) => api.capabilityTokens.verify('a', { url: 'https://a.example/', method: 'GET' }),
  listAuditEvents: (api) => api.auditEvents.list().page(),
  exportAuditEvents: async (api) => {
    for await (const event of api.auditEvents.export()) expect(event.id).toBe('1');
  },
};

const lists = new Set(['rotateSigningKeys', ...Object.keys(methods).filter((id) => id.startsWith('list'))]);

let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await openEndpoint(json(500, {}));
});
afterAll(() => endpoint.close());

it('the client has a method for every operation of the management API, and for no other', () => {
  expect(Object.keys(methods).sort()).toEqual(described.map(({ operationId }) => operationId).sort());
});

it.each(described)('$operationId is asked for as the document says: $method $path', async (operation) => {
  const { operationId, method, path } = operation;
  endpoint.seen.length = 0;
  endpoint.reply((seen, res) => {
    if (path.endsWith('/export')) res.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"id":"1"}\n');
    else json(200, { data: lists.has(operationId) ? [] : { id: '1' }, token: 'a', valid: true })(seen, res);
  });
  await methods[operationId]?.(countersign({ ...hasty, baseUrl: endpoint.url, apiKey: 'key' }));
  const [first, second] = ['ID', 'SECOND'];
  const names = [...path.matchAll(/\{[^}]+\}/g)];
  const expected = names.reduce((filled, [name], index) => filled.replace(name, index === 0 ? first : second), path);
  expect(endpoint.seen.map((seen) => `${seen.method} ${seen.path.split('?')[0]}`)).toEqual([`${method} ${expected}`]);
});
