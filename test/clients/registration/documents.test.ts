import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DocumentSite, openDocumentSite } from '../../support/documents.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Landing, openPerson } from '../../support/person.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import { askWithForm, assertionType, goodClaims, makeKey, send, signAssertion, tokenOf } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';

const resource = 'https://notes.example.com/mcp';
const callback = 'https://app.example.com/callback';
const verifier = 'v'.repeat(43);

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

/** A good document, with other members. */
const goodDocument =
  (more: object = {}) =>
  (url: string) => ({
    client_id: url,
    client_name: 'Documented app',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...more,
  });

const requestOf = (clientId: string) => ({
  client_id: clientId,
  response_type: 'code',
  redirect_uri: callback,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
  resource,
});

const begin = (clientId: string): Promise<Landing> => openPerson(house).begin(requestOf(clientId));
/** How often the site was asked for a document. */
const timesAsked = (clientId: string) => site.asked.filter((path) => site.origin + path === clientId).length;

async function redeem(clientId: string, fields: Record<string, string> = {}) {
  const code = (await openPerson(house).authorize(requestOf(clientId))).searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier };
  return askWithForm(`${house.issuer}/oauth/token`, { ...grant, client_id: clientId, ...fields });
}

describe('a client whose id is the URL of its metadata document', () => {
  it('gets tokens without ever having registered', async () => {
    const clientId = site.publish('/oauth/client.json', goodDocument());
    const answer = await redeem(clientId);
    expect([answer.status, answer.body['scope']]).toEqual([200, 'notes:read']);
    const claims = JSON.parse(Buffer.from(tokenOf(answer).split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ client_id: clientId, aud: resource });
    const again = { grant_type: 'refresh_token', refresh_token: String(answer.body['refresh_token']) };
    expect((await askWithForm(`${house.issuer}/oauth/token`, { ...again, client_id: clientId })).status).toBe(200);
  });

  it('is fetched once, however many ask for it at a time and however often', async () => {
    const clientId = site.publish('/oauth/once.json', goodDocument());
    const pages = await Promise.all(Array.from({ length: 8 }, () => begin(clientId)));
    expect(pages.map(({ page }) => page)).toEqual(Array.from({ length: 8 }, () => 'login'));
    await begin(clientId);
    expect(timesAsked(clientId)).toBe(1);
  });

  it('may prove who it is by a key of its document', async () => {
    const key = await makeKey('ES256');
    const more = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.publicJwk] } };
    const clientId = site.publish('/oauth/keys.json', goodDocument(more));
    const bare = await redeem(clientId);
    expect([bare.status, bare.body['error']]).toEqual([401, 'invalid_client']);
    const assertion = await signAssertion(key, goodClaims(clientId, house.issuer));
    const fields = { client_assertion_type: assertionType, client_assertion: assertion };
    expect((await redeem(clientId, fields)).status).toBe(200);
  });
});

describe('a client with a document that is deleted', () => {
  it('loses what it had, and may come back under its URL', async () => {
    const clientId = site.publish('/oauth/back.json', goodDocument());
    const introspect = async (token: string) => {
      const key = { authorization: `Bearer ${house.demo['api_key']}` };
      return (await askWithForm(`${house.issuer}/oauth/introspect`, { token }, key)).body['active'] === true;
    };
    const before = tokenOf(await redeem(clientId));
    expect(await introspect(before)).toBe(true);
    await house.database.sql`delete from oauth_clients where client_id = ${clientId}`;
    await within(10_000, async () => !(await introspect(before)));
    const isBack = async () => {
      try {
        return await introspect(tokenOf(await redeem(clientId)));
      } catch {
        // For a moment it may still count as gone.
        return false;
      }
    };
    await within(40_000, isBack);
    expect(await introspect(before)).toBe(false);
  }, 90_000);
});

describe('the time for which a document is believed', () => {
  it('is what its sender says, within 5 minutes and a day, and a change counts from then on', async () => {
    const cached = { 'cache-control': 'public, max-age=600' };
    const clientId = site.publish('/oauth/fresh.json', goodDocument(), { headers: cached });
    const greedy = site.publish('/oauth/long.json', goodDocument(), {
      headers: { 'cache-control': 'max-age=9999999' },
    });
    const shy = site.publish('/oauth/short.json', goodDocument(), { headers: { 'cache-control': 'no-store' } });
    for (const id of [clientId, greedy, shy]) await begin(id);
    site.publish('/oauth/fresh.json', goodDocument({ redirect_uris: ['https://moved.example.com/cb'] }), {
      headers: cached,
    });
    house.moveClock(240_000);
    for (const id of [clientId, greedy, shy]) expect((await begin(id)).page).toBe('login');
    expect([clientId, greedy, shy].map(timesAsked)).toEqual([1, 1, 1]);
    house.moveClock(400_000);
    expect((await begin(clientId)).status).toBe(400);
    for (const id of [greedy, shy]) await begin(id);
    expect([clientId, greedy, shy].map(timesAsked)).toEqual([2, 1, 2]);
    house.moveClock(86_400_000);
    await begin(greedy);
    expect(timesAsked(greedy)).toBe(2);
  });

  it('is over when the document is gone, but not yet when its server is only away', async () => {
    const gone = site.publish('/oauth/gone.json', goodDocument());
    const away = site.publish('/oauth/away.json', goodDocument());
    for (const id of [gone, away]) expect((await begin(id)).page).toBe('login');
    site.publish('/oauth/gone.json', () => 'gone', { status: 404 });
    site.publish('/oauth/away.json', () => 'away', { status: 503 });
    house.moveClock(7_200_000);
    expect((await begin(gone)).status).toBe(400);
    expect((await begin(away)).page).toBe('login');
    house.moveClock(2 * 86_400_000);
    expect((await begin(away)).status).toBe(400);
  });
});

describe('a document that cannot be used', () => {
  const key = { kty: 'oct', k: 'c2VjcmV0' };
  it.each<[string, (url: string) => unknown, Record<string, string>?]>([
    ['another client_id', goodDocument({ client_id: 'https://localhost/other' })],
    ['no client_name', goodDocument({ client_name: undefined })],
    ['no redirect URIs', goodDocument({ redirect_uris: undefined })],
    ['an unsafe redirect URI', goodDocument({ redirect_uris: ['http://app.example.com/cb'] })],
    ['a method with a shared secret', goodDocument({ token_endpoint_auth_method: 'client_secret_post' })],
    ['a secret', goodDocument({ client_secret: 'oh no' })],
    ['a symmetric key', goodDocument({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } })],
    ['no JSON', () => '<html>'],
    ['a list', () => '[]'],
    ['another content type', goodDocument(), { 'content-type': 'text/html' }],
    ['too much', goodDocument({ padding: 'x'.repeat(70_000) })],
  ])('has %s: the person stays here, and nothing is kept', async (what, metadata, headers = {}) => {
    const path = `/bad/${encodeURIComponent(what)}`;
    const clientId = site.publish(path, metadata, { headers });
    const page = await begin(clientId);
    expect([page.status, page.page, page.url.origin]).toEqual([400, 'other', house.issuer]);
    expect(page.text).toContain('metadata document cannot be used');
    const rows = await house.database.sql`select from oauth_clients where client_id = ${clientId}`;
    expect(rows.count).toBe(0);
    await begin(clientId);
    expect(timesAsked(clientId)).toBe(1);
  });

  it('lies behind a redirect', async () => {
    const target = site.publish('/oauth/target.json', goodDocument());
    const clientId = site.publish('/oauth/moved.json', () => '', { status: 302, headers: { location: target } });
    expect((await begin(clientId)).status).toBe(400);
    expect(timesAsked(target)).toBe(0);
  });

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/client.json',
    'https://[::ffff:10.0.0.1]/client.json',
  ])('lies where nobody should look: %s', async (clientId) => {
    const page = await begin(new URL(clientId).href);
    expect([page.status, page.text.includes('could not be fetched')]).toEqual([400, true]);
  });

  it('has a URL that is no good name', async () => {
    const good = new URL(site.publish('/names/client.json', goodDocument()));
    const { host } = good;
    const odd = [
      `https://${host}/`,
      `https://${host}`,
      `${good}?a`,
      `${good}#a`,
      `https://u@${host}/names/client.json`,
    ];
    odd.push(
      `https://${host}/x/../names/client.json`,
      `HTTPS://${host}/names/client.json`,
      `http://${host}/names/client.json`,
    );
    for (const clientId of odd) expect([clientId, (await begin(clientId)).status]).toEqual([clientId, 400]);
    expect(timesAsked(good.href)).toBe(0);
  });
});

describe('a stranger who names ever new documents', () => {
  it('is stopped after a while, and what is known goes on', async () => {
    const known = site.publish('/oauth/known.json', goodDocument());
    await begin(known);
    const before = site.asked.length;
    const ask = (id: string) => send(`${house.issuer}/oauth/authorize?${new URLSearchParams(requestOf(id))}`);
    const answers = [];
    for (let number = 0; number < 70; number += 1) answers.push(await ask(`${site.origin}/flood/${number}`));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400, 429]));
    expect(site.asked.length - before).toBeLessThanOrEqual(60);
    expect((await begin(known)).page).toBe('login');
  });
});

describe('without metadata documents', () => {
  it('no URL is a client, nor one that was known before', async () => {
    const clientId = site.publish('/oauth/later.json', goodDocument());
    const rows = house.database.sql`
      insert into oauth_clients (client_id, name, origin, client_type, token_endpoint_auth_method, allowed_grant_types,
        allowed_scopes, allowed_resources, redirect_uris, fresh_until)
      values (${clientId}, 'Before', 'document', 'public', 'none', '{authorization_code}', '{}', '{}', ${[callback]},
        now() + interval '1 day')`;
    await rows;
    const closed = await openHouse({ CLIENT_ID_METADATA_DOCUMENTS: 'false', OUTBOUND_CA_FILE: site.caFile }, house);
    try {
      const page = await openPerson(closed).begin(requestOf(clientId));
      expect(page.status).toBe(400);
      expect(timesAsked(clientId)).toBe(0);
      const metadata = await send(`${closed.address}/.well-known/oauth-authorization-server`);
      expect(metadata.body).not.toHaveProperty('client_id_metadata_document_supported');
    } finally {
      await closed.close();
    }
  });
});
