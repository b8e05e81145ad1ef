import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DocumentSite, openDocumentSite } from '../../support/documents.ts';
import { type House, openHouse } from '../../support/house.ts';
import { openPerson } from '../../support/person.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import { askWithJson, send } from '../../support/tokens.ts';

const resource = 'https://notes.example.com/mcp';
const callback = 'https://app.example.com/callback';

let site: DocumentSite;
let house: House;
let registry: Registry;
beforeAll(async () => {
  site = await openDocumentSite();
  house = await openHouse({ OUTBOUND_CA_FILE: site.caFile });
  registry = await openRegistry(house);
  await registry.makeResource({ identifier: resource, scopes: ['notes:read'], acceptsRegisteredClients: true });
});
afterAll(async () => {
  await registry.close();
  await house.close();
  await site.close();
});

async function register(redirectUri = callback): Promise<string> {
  const body = { client_name: 'Stranger', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' };
  return String((await askWithJson(`${house.issuer}/oauth/register`, body)).body['client_id']);
}

const requestOf = (clientId: string, more: Record<string, string> = {}) => ({
  client_id: clientId,
  response_type: 'code',
  redirect_uri: callback,
  state: 'kept',
  code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
  code_challenge_method: 'S256',
  resource,
  ...more,
});

/** Requests that fail before anybody is asked. */
const failing: ReadonlyArray<readonly [string, Record<string, string>]> = [
  ['login_required', { prompt: 'none' }],
  ['invalid_scope', { scope: 'other' }],
  ['invalid_target', { resource: 'https://other.example.com' }],
  ['unsupported_response_type', { response_type: 'token' }],
];

describe('an unverified client that registered itself', () => {
  it.each(failing)('has nobody forwarded by %s: the person sees where the link leads', async (_error, more) => {
    const page = await openPerson(house).begin(requestOf(await register(), more));
    expect([page.status, page.page, page.url.origin]).toEqual([400, 'other', house.issuer]);
    expect(page.headers.get('location')).toBeNull();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).toContain('app.example.com');
    expect(page.text).toContain('rel="noreferrer">Go back to Stranger');
    expect(page.text).toContain('state=kept');
  });

  it('cannot have a form sent for it either', async () => {
    const page = await openPerson(house).begin(
      requestOf(await register(), { prompt: 'none', response_mode: 'form_post' }),
    );
    expect([page.status, page.forms.length, page.text.includes('<script')]).toEqual([400, 0, false]);
  });

  it('is told by the person who refuses it, and programs are told at once', async () => {
    const clientId = await register();
    const end = await openPerson(house).authorize(requestOf(clientId), { deny: 'consent' });
    expect([end.origin, end.searchParams.get('error')]).toEqual(['https://app.example.com', 'access_denied']);
    const query = new URLSearchParams(requestOf(clientId, { prompt: 'none' }));
    const answer = await send(`${house.issuer}/oauth/authorize?${query}`);
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('login_required');
  });

  it('is forwarded to like any other once an operator has verified it', async () => {
    const clientId = await register();
    await house.database.sql`update oauth_clients set verified = true where client_id = ${clientId}`;
    const page = await openPerson(house).begin(requestOf(clientId, { prompt: 'none' }));
    expect([page.page, page.url.searchParams.get('error')]).toEqual(['client', 'login_required']);
  });
});

describe('the consent page of a client that registered itself', () => {
  const consentPage = async (clientId: string, redirectUri = callback) => {
    const person = openPerson(house);
    const login = await person.begin(requestOf(clientId, { redirect_uri: redirectUri }));
    const { user_email: email = '', user_password: password = '' } = house.demo;
    return person.send(login, 'login', [
      ['email', email],
      ['password', password],
    ]);
  };

  it('says where it leads, and warns of redirects that stay on the machine', async () => {
    const away = await consentPage(await register());
    expect(away.page).toBe('consent');
    expect(away.text).toContain('has not verified this application');
    expect(away.text).toMatch(/sent back to .*app\.example\.com/);
    expect(away.text).not.toContain('could claim to be');
    const local = 'http://127.0.0.1:4000/callback';
    const here = await consentPage(await register(local), local);
    expect(here.text).toMatch(/Any program on this computer could claim to be/);
  });

  it('says who publishes one that is known by its document', async () => {
    const clientId = site.publish('/oauth/client.json', (url) => ({
      client_id: url,
      client_name: 'Documented app',
      redirect_uris: [callback],
    }));
    const page = await consentPage(clientId);
    expect([page.page, page.text.includes(`${new URL(clientId).host} publishes it`)]).toEqual(['consent', true]);
  });
});
