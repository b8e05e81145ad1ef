import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { type Desk, openDesk } from '../support/protocol.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import {
  askWithForm,
  askWithJson,
  assertionType,
  basic,
  goodClaims,
  makeKey,
  signAssertion,
} from '../support/tokens.ts';
import { authorize, consent, makeWebClient, refresh } from './people.ts';
import { asApiKey, asClient, isActive, machineToken, revoke, type SecretClient } from './questions.ts';
import { openTenants } from './tenants.ts';

const resource = 'https://api.example/revocable';
const opaque = 'https://api.example/revocable-opaque';

describe('POST /oauth/revoke', () => {
  let house: House;
  let registry: Registry;
  let desk: Desk;
  let owner: SecretClient;
  let stranger: SecretClient;
  let web: SecretClient;
  beforeAll(async () => {
    house = await openHouse();
    registry = await openRegistry(house);
    desk = await openDesk(house.database, house.issuer, house.dataDir);
    owner = await registry.makeClient();
    stranger = await registry.makeClient();
    web = await makeWebClient(registry);
    await registry.makeResource({ identifier: resource });
    await registry.makeResource({ identifier: opaque, tokenFormat: 'opaque' });
  });
  afterAll(async () => {
    await desk.close();
    await registry.close();
    await house.close();
  });

  const active = (token: string, client = owner) => isActive(house.issuer, token, asClient(client));

  it.each([resource, opaque])('takes back one access token, at once, and no other (%s)', async (identifier) => {
    const [token, other] = [
      await machineToken(house.issuer, owner, { resource: identifier }),
      await machineToken(house.issuer, owner, { resource: identifier }),
    ];
    const { status, text, headers } = await revoke(house.issuer, token, asClient(owner));
    expect({ status, text, cache: headers.get('cache-control') }).toEqual({ status: 200, text: '', cache: 'no-store' });
    expect(await active(token)).toBe(false);
    expect(await active(other)).toBe(true);
    expect((await revoke(house.issuer, token, asClient(owner))).status).toBe(200);
  });

  it.each(['access_token', 'refresh_token', 'nonsense'])('whatever the hint says (%s)', async (hint) => {
    const token = await machineToken(house.issuer, owner, { resource });
    expect((await revoke(house.issuer, token, asClient(owner), { token_type_hint: hint })).status).toBe(200);
    expect(await active(token)).toBe(false);
  });

  it.each([resource, opaque])(
    "leaves a foreign client's token alone and says nothing of it (%s)",
    async (identifier) => {
      const token = await machineToken(house.issuer, owner, { resource: identifier });
      const foreign = await revoke(house.issuer, token, asClient(stranger));
      const unknown = await revoke(house.issuer, 'unknown', asClient(stranger));
      expect({ status: foreign.status, text: foreign.text }).toEqual({ status: 200, text: '' });
      expect({ status: unknown.status, text: unknown.text }).toEqual({ status: 200, text: '' });
      expect(await active(token)).toBe(true);
    },
  );

  it.each([resource, opaque])('takes an access token of a person alone (%s)', async (identifier) => {
    const { accessToken, refreshToken } = await authorize(desk, house.issuer, web, identifier);
    await revoke(house.issuer, accessToken, asClient(web));
    expect(await active(accessToken, web)).toBe(false);
    expect(await active(refreshToken, web)).toBe(true);
    expect((await refresh(house.issuer, web, refreshToken)).status).toBe(200);
  });

  it.each([resource, opaque])(
    'takes the family along with a refresh token, and no other family (%s)',
    async (identifier) => {
      const person = await authorize(desk, house.issuer, web, identifier);
      const again = await authorize(desk, house.issuer, web, identifier, person.user);
      const later = await refresh(house.issuer, web, person.refreshToken);
      const successor = later.body['refresh_token'] as string;
      await revoke(house.issuer, successor, asClient(web));
      for (const token of [person.accessToken, later.body['access_token'] as string, successor, person.refreshToken]) {
        expect(await active(token, web)).toBe(false);
      }
      for (const token of [successor, person.refreshToken]) {
        const { status, body } = await refresh(house.issuer, web, token);
        expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
      }
      expect(await active(again.accessToken, web)).toBe(true);
      expect((await refresh(house.issuer, web, again.refreshToken)).status).toBe(200);
    },
  );

  it('takes the family along with a refresh token that has been spent: who gives it back wants an end', async () => {
    const { accessToken, refreshToken } = await authorize(desk, house.issuer, web, resource);
    const later = await refresh(house.issuer, web, refreshToken);
    await revoke(house.issuer, refreshToken, asClient(stranger));
    expect(await active(accessToken, web)).toBe(true);
    await revoke(house.issuer, refreshToken, asClient(web));
    expect(await active(accessToken, web)).toBe(false);
    expect((await refresh(house.issuer, web, later.body['refresh_token'] as string)).status).toBe(400);
  });

  it('leaves no refresh token alive when it meets a refresh of the same token', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { refreshToken } = await authorize(desk, house.issuer, web, resource);
      const [later] = await Promise.all([
        refresh(house.issuer, web, refreshToken),
        revoke(house.issuer, refreshToken, asClient(web)),
      ]);
      const successor = (later.body['refresh_token'] as string | undefined) ?? refreshToken;
      expect((await refresh(house.issuer, web, successor)).status).toBe(400);
    }
  });

  it('is of effect however far the clocks of the nodes are apart', async () => {
    const behind = await openHouse({}, house);
    try {
      behind.moveClock(-8000);
      const token = await machineToken(house.issuer, owner, { resource });
      await revoke(behind.address, token, asClient(owner));
      expect(await isActive(behind.address, token, asClient(owner))).toBe(false);
    } finally {
      await behind.close();
    }
  });

  it('lets a public client give its own tokens back, and only those', async () => {
    const made = await makeWebClient(registry, { clientType: 'public' });
    const asPublic = { fields: { client_id: made.clientId } };
    const foreign = await machineToken(house.issuer, owner, { resource });
    expect((await revoke(house.issuer, foreign, asPublic)).status).toBe(200);
    expect(await active(foreign)).toBe(true);
    const auditor = await registry.makeClient();
    const { sql } = house.database;
    await sql`
      insert into resource_introspectors select id, ${auditor.clientId} from resources where identifier = ${resource}`;
    const fields = { grant_type: 'refresh_token', client_id: made.clientId };
    const { refreshToken } = await consent(desk, made.clientId, resource);
    const answer = await askWithForm(`${house.issuer}/oauth/token`, { ...fields, refresh_token: refreshToken });
    const own = answer.body['access_token'] as string;
    expect(await active(own, auditor)).toBe(true);
    expect((await revoke(house.issuer, own, asPublic)).status).toBe(200);
    expect(await active(own, auditor)).toBe(false);
  });

  it('takes who asks from a JSON body, the body, or a client assertion', async () => {
    const fields = { client_id: owner.clientId, client_secret: owner.clientSecret };
    const [one, two] = [
      await machineToken(house.issuer, owner, { resource }),
      await machineToken(house.issuer, owner, { resource }),
    ];
    await askWithJson(`${house.issuer}/oauth/revoke`, { token: one, ...fields });
    await revoke(house.issuer, two, { fields, headers: { authorization: 'Bearer KEY0123456789_stray' } });
    const key = await makeKey('ES256');
    const signer = await registry.makeClient({ authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } });
    const proof = async () => ({
      client_assertion_type: assertionType,
      client_assertion: await signAssertion(key, goodClaims(signer.clientId, house.issuer)),
    });
    const request = { grant_type: 'client_credentials', resource, ...(await proof()) };
    const three = (await askWithForm(`${house.issuer}/oauth/token`, request)).body['access_token'] as string;
    expect(await isActive(house.issuer, three, { fields: await proof() })).toBe(true);
    await revoke(house.issuer, three, { fields: await proof() });
    expect(await isActive(house.issuer, three, { fields: await proof() })).toBe(false);
    for (const token of [one, two]) expect(await active(token)).toBe(false);
  });

  it('refuses who does not prove who they are, with 401 and no effect', async () => {
    const token = await machineToken(house.issuer, owner, { resource });
    const key = await openTenants(house).makeApiKey(house.demo.organization_sid, ['admin']);
    const callers = [{}, { headers: basic(owner.clientId, 'wrong') }, { fields: { client_id: owner.clientId } }];
    for (const who of [...callers, asApiKey(key), asApiKey(token), { headers: { authorization: 'DPoP x' } }]) {
      const { status, body } = await revoke(house.issuer, token, who);
      expect({ status, error: body['error'] }).toEqual({ status: 401, error: 'invalid_client' });
    }
    expect(await active(token)).toBe(true);
  });
});
