import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import * as oauth from 'oauth4webapi';
import twilio from 'twilio';
import { createVerifier, type VerifierOptions, verifyAccessToken } from '../../../src/sdk/verify/index.ts';
import { type House, openHouse } from '../../support/house.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import { within } from '../../support/within.ts';
import { asClient, demoClients, machineToken, revoke, type SecretClient } from '../../tokens/questions.ts';
import { refusalOf } from './refusal.ts';

const resources = { ES256: 'https://api.example/es', RS256: 'https://api.example/rs', EdDSA: 'https://api.example/ed' };
const opaque = 'https://api.example/opaque';

let house: House;
let registry: Registry;
let client: SecretClient;
beforeAll(async () => {
  house = await openHouse();
  registry = await openRegistry(house);
  client = await registry.makeClient();
  for (const [signingAlg, identifier] of Object.entries(resources)) {
    await registry.makeResource({ identifier, signingAlg } as never);
  }
  await registry.makeResource({ identifier: opaque, tokenFormat: 'opaque' });
}, 60_000);
afterAll(async () => {
  await registry.close();
  await house.close();
});

const verifierFor = (audience: string, options: Partial<VerifierOptions> = {}) =>
  createVerifier({ issuer: house.issuer, audience, ...options });

describe('a resource server behind this server', () => {
  it.each(Object.entries(resources))('verifies its machine tokens (%s)', async (_alg, resource) => {
    const token = await machineToken(house.issuer, client, { resource });
    const requirements = { requireScopes: 'read', organization: house.demo.organization_sid };
    expect(await verifierFor(resource).verify(token, requirements)).toMatchObject({
      issuer: house.issuer,
      audience: [resource],
      clientId: client.clientId,
      subject: client.clientId,
      organization: house.demo.organization_sid,
    });
  });

  it('refuses a token for another resource, and one of the management API', async () => {
    const verifier = verifierFor(resources.ES256);
    for (const more of [{ resource: resources.RS256 }, {}]) {
      const who = 'resource' in more ? client : demoClients(house).machine;
      const token = await machineToken(house.issuer, who, more as Record<string, string>);
      expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token audience');
    }
  });

  it('refuses a client of another organization', async () => {
    const organizationSid = await registry.makeOrganization('Another one');
    const stranger = await registry.makeClient({ organizationSid });
    const token = await machineToken(house.issuer, stranger, { resource: resources.ES256 });
    const verifier = verifierFor(resources.ES256, { organization: house.demo.organization_sid });
    expect(await refusalOf(verifier.verify(token))).toBe('403 wrong_organization organization');
    expect((await verifierFor(resources.ES256).verify(token)).organization).toBe(organizationSid);
  });

  it('takes a token that was bound by oauth4webapi at the token endpoint, with its proofs only', async () => {
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'));
    const server = { issuer: house.issuer, token_endpoint: `${house.issuer}/oauth/token` };
    const options = { DPoP, [oauth.allowInsecureRequests]: true };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id: client.clientId },
      oauth.ClientSecretBasic(client.clientSecret),
      { resource: resources.ES256 },
      options,
    );
    const { access_token: token, token_type: type } = await oauth.processClientCredentialsResponse(
      server,
      { client_id: client.clientId },
      answer,
    );
    expect(type).toBe('dpop');
    const verifier = verifierFor(resources.ES256);
    const seen: string[] = [];
    await oauth.protectedResourceRequest(token, 'POST', new URL(`${resources.ES256}/calls`), undefined, null, {
      ...options,
      [oauth.customFetch]: async (url, init) => {
        const request = new Request(url, init as RequestInit);
        seen.push(await refusalOf(verifier.verifyRequest(request)), await refusalOf(verifier.verifyRequest(request)));
        return new Response();
      },
    });
    expect(seen).toEqual(['passed', '401 invalid_dpop_proof replayed']);
    expect(await refusalOf(verifier.verify(token))).toBe('401 invalid_token binding');
  });
});

describe('asking this server about tokens', () => {
  const asking = (audience: string, options: object = {}) =>
    verifierFor(audience, { introspection: { credentials: client, maxAge: 0, ...options } });

  it('opaque tokens are read, until they are revoked', async () => {
    const token = await machineToken(house.issuer, client, { resource: opaque });
    const verifier = asking(opaque);
    expect(await verifier.verify(token, { requireScopes: 'read' })).toMatchObject({ clientId: client.clientId });
    await revoke(house.issuer, token, asClient(client));
    await within(10_000, async () => (await refusalOf(verifier.verify(token))) === '401 invalid_token inactive');
  });

  it('a JWT that was revoked is refused by who asks, and runs to its end with who does not', async () => {
    const token = await machineToken(house.issuer, client, { resource: resources.ES256 });
    const verifier = asking(resources.ES256, { tokens: 'all' });
    await verifier.verify(token);
    await revoke(house.issuer, token, asClient(client));
    await within(10_000, async () => (await refusalOf(verifier.verify(token))) === '401 invalid_token inactive');
    await verifierFor(resources.ES256).verify(token);
  });

  it('works with an API key, and with wrong credentials it is 503 and not 401', async () => {
    const token = await machineToken(house.issuer, client, { resource: opaque });
    const getAuthString = () => `Bearer ${house.demo['api_key']}`;
    expect(await refusalOf(asking(opaque, { credentials: { getAuthString } }).verify(token))).toBe('passed');
    const wrong = { clientId: client.clientId, clientSecret: 'wrong' };
    expect(await refusalOf(asking(opaque, { credentials: wrong }).verify(token))).toBe(
      '503 unavailable issuer_unavailable',
    );
  });
});

describe('an AccessToken that the twilio package made with an API key of this server', () => {
  it('is verified with the key’s secret', async () => {
    const { account_sid: accountSid = '', api_key_sid: keySid = '', api_key_secret: secret = '' } = house.demo;
    const token = new twilio.jwt.AccessToken(accountSid, keySid, secret, { identity: 'alice' });
    token.addGrant(new twilio.jwt.AccessToken.VideoGrant({ room: 'stand-up' }));
    const findKey = (sid: string) => (sid === keySid ? { secret, accountSid } : undefined);
    expect(await verifyAccessToken(token.toJwt(), { findKey })).toMatchObject({ identity: 'alice', accountSid });
  });
});

// The last of all: the keys that the other tests know are gone after it.
describe('when all keys were replaced in the database', () => {
  it('a node that starts with the new ones issues tokens that are taken at once', async () => {
    let address = house.address;
    const verifier = verifierFor(resources.ES256, {
      keys: { cooldown: 0 },
      // What a load balancer does: the issuer's name stands for whichever node there is.
      fetch: (url, init) => fetch(url.replace(house.issuer, address), init),
    });
    const old = await machineToken(house.issuer, client, { resource: resources.ES256 });
    await verifier.verify(old);
    await house.database.sql`delete from signing_keys`;
    const next = await openHouse({}, house);
    try {
      address = next.address;
      const token = await machineToken(next.address, client, { resource: resources.ES256 });
      expect(decodeProtectedHeader(token).kid).not.toBe(decodeProtectedHeader(old).kid);
      expect(await refusalOf(verifier.verify(token))).toBe('passed');
      expect(await refusalOf(verifier.verify(old))).toBe('401 invalid_token key');
    } finally {
      await next.close();
    }
  }, 60_000);
});
