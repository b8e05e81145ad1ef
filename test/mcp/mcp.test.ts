import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type DocumentSite, openDocumentSite } from '../support/documents.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { send } from '../support/tokens.ts';
import { type Agent, type AgentOptions, callback, openAgent, type Shelf } from './agent.ts';
import { type NotesServer, newAddress, startNotes } from './notes-server.ts';

const scopes = ['notes:read', 'notes:write'];

let site: DocumentSite;
let house: House;
let registry: Registry;
let notes: NotesServer;
/** Another server, whose identifier is its bare origin, without a slash behind it. */
let others: NotesServer;
beforeAll(async () => {
  site = await openDocumentSite();
  house = await openHouse({ OUTBOUND_CA_FILE: site.caFile });
  registry = await openRegistry(house);
  const [first, second] = [await newAddress(), await newAddress()];
  const [resource, bare] = [`${first.origin}/mcp`, second.origin];
  await registry.makeResource({ identifier: resource, scopes, acceptsRegisteredClients: true });
  await registry.makeResource({ identifier: bare, scopes, acceptsRegisteredClients: true });
  notes = await startNotes(house.issuer, first.port, resource);
  others = await startNotes(house.issuer, second.port, bare);
}, 60_000);

const agents: Agent[] = [];
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await Promise.all([notes?.close(), others?.close()]);
  await registry.close();
  await house.close();
  await site.close();
});

function open(options?: AgentOptions, shelf?: Shelf): Agent {
  const agent = openAgent(house, options, shelf);
  agents.push(agent);
  return agent;
}

const tokenOf = ({ shelf }: Agent) => shelf.tokens?.access_token ?? '';
const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** Calls an MCP server without the SDK. */
const post = (server: NotesServer, headers: Record<string, string> = {}) =>
  send(server.url.href, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: ping,
  });

describe('the official MCP client, which has never heard of this server', () => {
  it('finds its way from a refusal to a token, and uses the tools', async () => {
    const agent = open();
    await agent.connect(notes.url);
    expect(await agent.call('list_notes')).toBe('');
    const [request] = agent.requests;
    expect(request?.origin).toBe(house.issuer);
    expect(Object.fromEntries(request?.searchParams ?? [])).toMatchObject({
      client_id: expect.stringMatching(/^OQ[0-9a-f]{32}$/),
      code_challenge_method: 'S256',
      resource: notes.url.href,
      scope: 'notes:read',
    });
    expect(decodeJwt(tokenOf(agent))).toMatchObject({
      iss: house.issuer,
      aud: notes.url.href,
      scope: 'notes:read',
      client_id: agent.shelf.client?.client_id,
      org_id: house.demo.organization_sid,
    });
  });

  it('registers as what it says it is: a confidential client with its secret, too', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post']) {
      const agent = open({ metadata: { token_endpoint_auth_method: method } });
      await agent.connect(notes.url);
      expect(agent.shelf.client?.client_secret).toEqual(expect.any(String));
      expect(await agent.call('list_notes')).toBe('');
    }
  });

  it('needs no registration where it has a metadata document', async () => {
    const documentUrl = site.publish('/agent/client.json', (url) => ({
      client_id: url,
      client_name: 'Documented application',
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    }));
    const agent = open({ documentUrl });
    await agent.connect(notes.url);
    expect(await agent.call('list_notes')).toBe('');
    expect(agent.shelf.client?.client_id).toBe(documentUrl);
    expect(decodeJwt(tokenOf(agent))['client_id']).toBe(documentUrl);
  });

  it('asks for the resource byte for byte as it calls itself', async () => {
    const agent = open();
    await agent.connect(others.url);
    const resource = agent.requests[0]?.searchParams.get('resource');
    expect(resource).toBe(others.origin);
    expect(decodeJwt(tokenOf(agent)).aud).toBe(others.origin);
    const slashed = new URL(agent.requests[0]?.href ?? '');
    slashed.searchParams.set('resource', `${others.origin}/`);
    const refused = await send(slashed.href);
    expect(new URL(refused.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_target');
  });

  it('gets tokens that are good at that resource and nowhere else', async () => {
    const agent = open();
    await agent.connect(notes.url);
    const headers = { authorization: `Bearer ${tokenOf(agent)}` };
    expect((await post(notes, headers)).status).toBe(200);
    const elsewhere = await post(others, headers);
    expect([elsewhere.status, elsewhere.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect((await send(`${house.issuer}/oauth/userinfo`, { headers })).status).toBe(401);
  });

  it('refreshes a token that is no longer good, without asking anybody', async () => {
    const agent = open();
    await agent.connect(notes.url);
    const [before, refresh] = [tokenOf(agent), agent.shelf.tokens?.refresh_token];
    agent.shelf.tokens = { ...agent.shelf.tokens, access_token: `${before}x` } as NonNullable<Shelf['tokens']>;
    expect(await agent.call('list_notes')).toBe('');
    expect(agent.requests).toHaveLength(1);
    expect(tokenOf(agent)).not.toBe(before);
    expect(agent.shelf.tokens?.refresh_token).not.toBe(refresh);
    expect(decodeJwt(tokenOf(agent)).aud).toBe(notes.url.href);
  });

  it('asks the person for more when a tool takes more', async () => {
    const agent = open({ metadata: { grant_types: ['authorization_code'] } });
    await agent.connect(notes.url);
    expect(decodeJwt(tokenOf(agent))['scope']).toBe('notes:read');
    expect(await agent.call('add_note', { text: 'Buy milk' })).toBe('Noted.');
    expect(agent.requests.map((url) => url.searchParams.get('scope'))).toEqual([
      'notes:read',
      'notes:read notes:write',
    ]);
    expect(new Set(agent.requests.map((url) => url.searchParams.get('client_id'))).size).toBe(1);
    expect(decodeJwt(tokenOf(agent))['scope']).toBe('notes:read notes:write');
    expect(await agent.call('list_notes')).toContain('Buy milk');
  });

  it('registers anew when its client is gone', async () => {
    const agent = open();
    await agent.connect(notes.url);
    const first = agent.shelf.client as { client_id: string; registration_access_token?: string };
    await house.database.sql`delete from oauth_clients where client_id = ${first.client_id}`;
    agent.shelf.tokens = { ...agent.shelf.tokens, access_token: 'gone' } as NonNullable<Shelf['tokens']>;
    expect(await agent.call('list_notes')).toEqual(expect.any(String));
    expect(agent.shelf.client?.client_id).not.toBe(first.client_id);
    expect(agent.requests).toHaveLength(2);
  });

  it('gets nothing when the person refuses', async () => {
    const agent = open({ answers: { deny: 'consent' } });
    await expect(agent.connect(notes.url)).rejects.toThrow('access_denied');
    expect(agent.shelf.tokens).toBeUndefined();
  });
});

describe('the demo', () => {
  it('has a resource for the example where it listens by itself', async () => {
    const [row] = await house.database.sql`
      select r.accepts_registered_clients as open, array_agg(s.name order by s.name) as scopes
      from resources r join resource_scopes s on s.resource_id = r.id
      where r.identifier = ${house.demo['mcp_resource'] ?? ''} group by r.id`;
    expect(house.demo['mcp_resource']).toBe('http://localhost:8090/mcp');
    expect(row).toEqual({ open: true, scopes });
  });
});

describe('what such a client reads on its way', () => {
  it('begins with a challenge that names the metadata of the resource, which names this server', async () => {
    const refused = await post(notes);
    expect(refused.status).toBe(401);
    const metadataUrl = `${notes.origin}/.well-known/oauth-protected-resource/mcp`;
    expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${metadataUrl}"`);
    const metadata = await send(metadataUrl);
    expect(metadata.body).toMatchObject({ resource: notes.url.href, authorization_servers: [house.issuer] });
  });

  it.each(['oauth-authorization-server', 'openid-configuration'])('has all that MCP takes in %s', async (name) => {
    const { body } = await send(`${house.issuer}/.well-known/${name}`);
    expect(body).toMatchObject({
      issuer: house.issuer,
      registration_endpoint: `${house.issuer}/oauth/register`,
      code_challenge_methods_supported: ['S256'],
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('can be read by pages, with the header of the protocol', async () => {
    const paths = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
    for (const path of [...paths, '/oauth/register', '/oauth/token']) {
      const headers = {
        origin: 'https://inspector.example',
        'access-control-request-method': path.startsWith('/oauth') ? 'POST' : 'GET',
        'access-control-request-headers': 'mcp-protocol-version',
      };
      const preflight = await send(house.issuer + path, { method: 'OPTIONS', headers });
      expect([path, preflight.status]).toEqual([path, 204]);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
    }
  });
});
