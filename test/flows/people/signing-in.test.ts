import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as openid from 'openid-client';
import { type App, callback, obtain, openidScopes, openTown, prepare, resource, type Town } from './town.ts';

let town: Town;
let app: App;
beforeAll(async () => {
  town = await openTown();
  app = await town.makeApp();
});
afterAll(() => town.close());

const subjectOf = async () => {
  const [row] = await town.house.database.sql<Array<{ sid: string }>>`
    select sid from users where email = ${town.house.demo['user_email'] ?? ''}`;
  return row?.sid ?? '';
};

describe('openid-client signs a person in', () => {
  it('with code, PKCE, state and nonce, and gets an ID token that it has checked', async () => {
    const person = town.browserOf();
    const tokens = await obtain(app, person, { scope: openidScopes });
    expect(person.asked).toEqual(['login', 'consent']);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ iss: town.house.issuer, aud: app.clientId, sub: await subjectOf() });
    expect(claims?.exp).toBe((claims?.iat ?? 0) + 3600);
    expect(decodeProtectedHeader(tokens.id_token ?? '')).toMatchObject({ alg: 'ES256', kid: expect.any(String) });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: openidScopes, expires_in: 3600 });
    expect(tokens.refresh_token).toBeUndefined();
  });

  it('and an access token whose hash the ID token names, where it names one', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'openid' });
    const hash = tokens.claims()?.['at_hash'];
    const digest = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16).toString('base64url');
    expect([digest, undefined]).toContain(hash);
  });

  it('who is asked nothing the second time', async () => {
    const person = town.browserOf();
    const first = await obtain(app, person, { scope: 'openid email' });
    person.asked.splice(0);
    const second = await obtain(app, person, { scope: 'openid email' });
    expect(person.asked).toEqual([]);
    expect(second.claims()?.sub).toBe(first.claims()?.sub);
    expect(second.access_token).not.toBe(first.access_token);
  });

  it('who is asked again for what is new, and only in an organization of theirs', async () => {
    const resident = await town.residents.makeUser();
    const person = town.browserOf(resident);
    await obtain(app, person, { scope: 'openid' });
    person.asked.splice(0);
    const more = await obtain(app, person, { scope: 'openid email' });
    expect(person.asked).toEqual(['consent']);
    expect(more.scope).toBe('openid email');
    await expect(
      person.authorize((await prepare(app, { scope: 'openid', organization: `OR${'0'.repeat(32)}` })).parameters),
    ).rejects.toThrow(/no callback/);
  });

  it('and learns when that was, where it asks by max_age', async () => {
    const person = town.browserOf();
    const tokens = await obtain(app, person, { scope: 'openid', max_age: '600' });
    const claims = tokens.claims();
    expect(Math.abs((claims?.auth_time ?? 0) - Date.now() / 1000)).toBeLessThan(10);
    const again = await obtain(app, person, { scope: 'openid', max_age: '600' });
    expect(again.claims()?.auth_time).toBe(claims?.auth_time);
  });

  it('and gets what they kept of what it asked for', async () => {
    const person = town.browserOf(await town.residents.makeUser());
    const keep = (value: string) => value !== 'email' && !value.endsWith(' write');
    const tokens = await obtain(app, person, { scope: 'openid email read write', resource }, { keep });
    expect(tokens.scope).toBe('read');
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: resource, scope: 'read' });
    expect(tokens.claims()).toMatchObject({ sub: expect.any(String) });
    expect(tokens.claims()).not.toHaveProperty('email');
  });

  it('and learns that they would not', async () => {
    for (const deny of ['login', 'consent'] as const) {
      const { parameters, checks } = await prepare(app, { scope: 'openid' });
      const url = await town.browserOf(await town.residents.makeUser()).authorize(parameters, { deny });
      await expect(openid.authorizationCodeGrant(app.config, url, checks)).rejects.toMatchObject({
        error: 'access_denied',
      });
    }
  });

  it('and their no is recorded, once they are known', async () => {
    const resident = await town.residents.makeUser();
    const { sql } = town.house.database;
    const told = () => sql`
      select actor_type as kind, actor_id as actor, organization_sid as organization, address, request_id as request, detail
      from audit_events where action = 'grant.declined' and target_id = ${stern.clientId}`;
    const stern = await town.makeApp();
    for (const [deny, count] of [
      ['login', 0],
      ['consent', 1],
    ] as const) {
      const { parameters } = await prepare(stern, { scope: 'openid' });
      await town.browserOf(resident).authorize(parameters, { deny });
      expect(await told()).toHaveLength(count);
    }
    expect([...(await told())]).toEqual([
      {
        kind: 'user',
        actor: resident.sid,
        organization: town.house.demo.organization_sid,
        address: '127.0.0.1',
        request: expect.any(String),
        detail: { client_id: stern.clientId },
      },
    ]);
  });

  it('by form_post too', async () => {
    const person = town.browserOf();
    const { parameters, checks } = await prepare(app, { scope: 'openid', response_mode: 'form_post' });
    const page = await person.answer(await person.begin(parameters));
    expect([page.page, page.forms[0]?.action]).toEqual(['form_post', callback]);
    const body = new URLSearchParams(page.forms[0]?.fields.map(([name, value]): [string, string] => [name, value]));
    expect(body.get('iss')).toBe(town.house.issuer);
    const tokens = await openid.authorizationCodeGrant(
      app.config,
      new Request(callback, { method: 'POST', body }),
      checks,
    );
    expect(tokens.claims()?.sub).toBe(await subjectOf());
  });
});

describe('an access token of a person', () => {
  it('says of a resource who may do what there, and in whose name', async () => {
    const tokens = await obtain(app, town.browserOf(), { scope: 'read', resource });
    const { organization_sid: organization } = town.house.demo;
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      iss: town.house.issuer,
      aud: resource,
      sub: await subjectOf(),
      client_id: app.clientId,
      scope: 'read',
      org_id: organization,
      fam: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
  });

  it('is for the organization that they chose among theirs', async () => {
    const [north, south] = [
      await town.registry.makeOrganization('North'),
      await town.registry.makeOrganization('South'),
    ];
    const resident = await town.residents.makeUser(north, south);
    const person = town.browserOf(resident);
    const tokens = await obtain(app, person, { scope: 'openid org read', resource }, { organization: south });
    expect(person.asked).toEqual(['login', 'organization', 'consent']);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ org_id: south });
    // An access token for a resource opens no userinfo endpoint, so the ID token says it all (Core section 5.4).
    expect(tokens.claims()).toMatchObject({ org_id: south, org_name: 'South', org_role: 'viewer' });
    // The choice is remembered for this client in this browser, and a request may name another.
    expect(decodeJwt((await obtain(app, person, { scope: 'read', resource })).access_token)['org_id']).toBe(south);
    person.asked.splice(0);
    const other = await obtain(app, person, { scope: 'read', resource, organization: north });
    expect(decodeJwt(other.access_token)['org_id']).toBe(north);
    expect(person.asked).toEqual(['consent']);
  });
});
