import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { hashSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { basic, send } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { authorize, makeWebClient } from './people.ts';
import { asApiKey, asClient, introspect, isActive, machineToken, type SecretClient } from './questions.ts';
import { openTenants, type Tenants } from './tenants.ts';

const kinds = ['ES256', 'RS256', 'EdDSA', 'opaque'] as const;
const resourceOf = (kind: string) => `https://api.example/${kind}`;

describe('POST /oauth/introspect', () => {
  let house: House;
  let registry: Registry;
  let desk: Desk;
  let tenants: Tenants;
  let owner: SecretClient;
  let auditor: SecretClient;
  let stranger: SecretClient;
  let web: SecretClient;
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    desk = await openDesk(house.database, house.issuer, house.dataDir);
    tenants = openTenants(house);
    const elsewhere = await tenants.makeOrganization();
    owner = await registry.makeClient();
    stranger = await registry.makeClient();
    auditor = await registry.makeClient({ organizationSid: elsewhere });
    web = await makeWebClient(registry);
    for (const kind of kinds) {
      const format = kind === 'opaque' ? { tokenFormat: 'opaque' } : { signingAlg: kind };
      const id = await registry.makeResource({ identifier: resourceOf(kind), ...format } as never);
      const { sql } = house.database;
      await sql`insert into resource_introspectors (resource_id, client_id) values (${id}, ${auditor.clientId})`;
    }
  });
  afterAll(async () => {
    await desk.close();
    await registry.close();
    await house.close();
  });

  it.each(kinds)('describes a machine token (%s) to its own client, with aud as a string', async (kind) => {
    const token = await machineToken(house.issuer, owner, { resource: resourceOf(kind) });
    const { status, headers, body } = await introspect(house.issuer, token, asClient(owner));
    expect({ status, cache: headers.get('cache-control') }).toEqual({ status: 200, cache: 'no-store' });
    const now = Date.now() / 1000;
    expect(body).toEqual({
      active: true,
      token_type: 'Bearer',
      sub: owner.clientId,
      client_id: owner.clientId,
      org_id: house.demo.organization_sid,
      scope: 'read',
      iss: house.issuer,
      aud: resourceOf(kind),
      iat: expect.closeTo(now, -1),
      exp: expect.closeTo(now + 3600, -1),
      ...(kind === 'opaque' ? {} : { jti: decodeJwt(token).jti }),
    });
  });

  it.each(kinds)('tells of a machine token (%s) whom the resource lists, and nobody else', async (kind) => {
    const token = await machineToken(house.issuer, owner, { resource: resourceOf(kind) });
    expect(await isActive(house.issuer, token, asClient(auditor))).toBe(true);
    expect(await isActive(house.issuer, token, asClient(stranger))).toBe(false);
  });

  it('tells a listed client about tokens for its resource only', async () => {
    const token = await machineToken(house.issuer, {
      clientId: house.demo.client_id,
      clientSecret: house.demo.client_secret,
    });
    expect(await isActive(house.issuer, token, asClient(auditor))).toBe(false);
  });

  it('stops telling a client that the resource lists no longer', async () => {
    const former = await registry.makeClient();
    const id = await registry.makeResource({ identifier: 'https://api.example/handed-over' });
    const { sql } = house.database;
    await sql`insert into resource_introspectors (resource_id, client_id) values (${id}, ${former.clientId})`;
    const token = await machineToken(house.issuer, owner, { resource: 'https://api.example/handed-over' });
    await within(1000, () => isActive(house.issuer, token, asClient(former)));
    await sql`delete from resource_introspectors where client_id = ${former.clientId}`;
    await within(1000, async () => !(await isActive(house.issuer, token, asClient(former))));
  });

  it('tells nobody whom a later resource of the same name lists about tokens for the one before', async () => {
    const identifier = 'https://api.example/taken-over';
    const { sql } = house.database;
    const list = async (id: string) => {
      await sql`insert into resource_introspectors (resource_id, client_id) values (${id}, ${auditor.clientId})`;
    };
    await list(await registry.makeResource({ identifier }));
    const token = await machineToken(house.issuer, owner, { resource: identifier });
    await within(10_000, () => isActive(house.issuer, token, asClient(auditor)));
    await sql`delete from resources where identifier = ${identifier}`;
    const later = await registry.makeResource({ identifier });
    await list(later);
    await sql`update resources set created_at = created_at + interval '1 second' where id = ${later}`;
    await within(10_000, async () => !(await isActive(house.issuer, token, asClient(auditor))));
    const fresh = async () =>
      isActive(house.issuer, await machineToken(house.issuer, owner, { resource: identifier }), asClient(auditor));
    await within(10_000, fresh);
    expect(await isActive(house.issuer, token, asClient(auditor))).toBe(false);
    expect(await isActive(house.issuer, token, asClient(owner))).toBe(true);
  });

  it.each(['ES256', 'opaque'])("describes a person's access token (%s) without naming its family", async (kind) => {
    const { user, accessToken, grantId } = await authorize(desk, house.issuer, web, resourceOf(kind));
    for (const who of [web, auditor]) {
      const { body, text } = await introspect(house.issuer, accessToken, asClient(who));
      expect(body).toMatchObject({ active: true, sub: user, client_id: web.clientId, aud: resourceOf(kind) });
      expect(body).not.toHaveProperty('fam');
      expect(text).not.toContain(grantId);
      expect(text).not.toContain(hashSecret(grantId).toString('hex'));
    }
  });

  it('describes a refresh token to its own client and to its organization, and not as an access token', async () => {
    const { user, refreshToken } = await authorize(desk, house.issuer, web, resourceOf('ES256'));
    const { body } = await introspect(house.issuer, refreshToken, asClient(web));
    expect(body).toMatchObject({ active: true, sub: user, client_id: web.clientId, scope: 'read' });
    expect(body).not.toHaveProperty('token_type');
    expect(body).not.toHaveProperty('aud');
    const key = await tenants.makeApiKey(house.demo.organization_sid, ['tokens:introspect']);
    expect(await isActive(house.issuer, refreshToken, asApiKey(key))).toBe(true);
    const foreign = await tenants.makeApiKey(await tenants.makeOrganization(), ['admin']);
    const others = [asClient(auditor), asClient(owner), asApiKey(foreign)];
    for (const who of others) expect(await isActive(house.issuer, refreshToken, who)).toBe(false);
  });

  it('says no more of a spent refresh token than of an unknown one', async () => {
    const { refreshToken } = await authorize(desk, house.issuer, web, resourceOf('ES256'));
    const fields = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
    const headers = basic(web.clientId, web.clientSecret);
    await send(`${house.issuer}/oauth/token`, { method: 'POST', headers, body: fields });
    expect(await isActive(house.issuer, refreshToken, asClient(web))).toBe(false);
  });

  it('calls expired tokens of every form inactive', async () => {
    const { accessToken, refreshToken } = await authorize(desk, house.issuer, web, resourceOf('opaque'));
    const jwt = await authorize(desk, house.issuer, web, resourceOf('ES256'));
    const tokens = [accessToken, jwt.accessToken, refreshToken];
    for (const token of tokens) expect(await isActive(house.issuer, token, asClient(web))).toBe(true);
    const month = 2_592_001_000;
    house.moveClock(month);
    try {
      for (const token of tokens) expect(await isActive(house.issuer, token, asClient(web))).toBe(false);
    } finally {
      house.moveClock(-month);
    }
    for (const token of tokens) expect(await isActive(house.issuer, token, asClient(web))).toBe(true);
  });

  describe('when an API key asks', () => {
    it('answers for its organization and those beneath it, and for no other', async () => {
      const top = await tenants.makeOrganization();
      const child = await tenants.makeOrganization(top);
      const grandchild = await tenants.makeOrganization(child);
      const other = await tenants.makeOrganization(top);
      const tokenIn = async (organizationSid: string, kind: string) =>
        machineToken(house.issuer, await registry.makeClient({ organizationSid }), { resource: resourceOf(kind) });
      const key = asApiKey(await tenants.makeApiKey(child, ['tokens:introspect']));
      for (const kind of ['ES256', 'opaque']) {
        expect(await isActive(house.issuer, await tokenIn(child, kind), key)).toBe(true);
        expect(await isActive(house.issuer, await tokenIn(grandchild, kind), key)).toBe(true);
        expect(await isActive(house.issuer, await tokenIn(top, kind), key)).toBe(false);
        expect(await isActive(house.issuer, await tokenIn(other, kind), key)).toBe(false);
      }
    });

    it('needs the scope tokens:introspect or admin', async () => {
      const token = await machineToken(house.issuer, owner, { resource: resourceOf('ES256') });
      const organization = house.demo.organization_sid;
      const admin = await tenants.makeApiKey(organization, ['admin']);
      expect(await isActive(house.issuer, token, asApiKey(admin))).toBe(true);
      const weak = await tenants.makeApiKey(organization, ['clients:read', 'clients:write']);
      const { status, body } = await introspect(house.issuer, token, asApiKey(weak));
      expect({ status, error: body['error'] }).toEqual({ status: 403, error: 'insufficient_scope' });
    });

    it('refuses one that is unknown, wrong, mangled or revoked, with a Bearer challenge', async () => {
      const key = await tenants.makeApiKey(house.demo.organization_sid, ['tokens:introspect']);
      const revoked = await tenants.makeApiKey(house.demo.organization_sid, ['tokens:introspect']);
      const sid = (text: string) => text.slice(0, 34);
      const token = await machineToken(house.issuer, owner, { resource: resourceOf('ES256') });
      expect(await isActive(house.issuer, token, asApiKey(revoked))).toBe(true);
      await house.database.sql`update api_keys set revoked_at = now() where sid = ${sid(revoked)}`;
      await within(1000, async () => (await introspect(house.issuer, token, asApiKey(revoked))).status === 401);
      const wrong = [
        `${sid(key)}.${'A'.repeat(43)}`,
        `SK${'0'.repeat(32)}.x`,
        sid(key),
        `${key}.x`,
        `${key}x`,
        'x',
        token,
      ];
      for (const bad of [...wrong, revoked, '']) {
        const { status, headers, body } = await introspect(house.issuer, token, asApiKey(bad));
        expect({ bad, status, error: body['error'] }).toEqual({ bad, status: 401, error: 'invalid_client' });
        expect(headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
      }
    });
  });

  it('asks for the token where it is missing or empty', async () => {
    const headers = basic(owner.clientId, owner.clientSecret);
    for (const body of [new URLSearchParams(), new URLSearchParams({ token: '' })]) {
      const answer = await send(`${house.issuer}/oauth/introspect`, { method: 'POST', headers, body });
      expect({ status: answer.status, error: answer.body['error'] }).toEqual({ status: 400, error: 'invalid_request' });
    }
  });
});
