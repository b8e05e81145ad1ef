import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Engines, openEngines } from '../provider/plain-engines.ts';
import { askWithForm, askWithJson, tokenOf } from '../support/tokens.ts';
import { asClient, introspect } from '../tokens/questions.ts';
import { type Estate, openEstate, refusal, resources } from './estate.ts';

let estate: Estate;
let engines: Engines;
beforeAll(async () => {
  estate = await openEstate();
  engines = await openEngines(estate.house);
}, 120_000);
afterAll(async () => {
  await engines.close();
  await estate.close();
});

/** The same request where the lanes answer what is plain, and by the library alone. */
const ways = ['the lane', 'the library'] as const;
const addressOf = (way: (typeof ways)[number]) => (way === 'the lane' ? engines.plain : engines.library);

/** What a token says that it reaches. */
async function placeOf(token: string): Promise<readonly unknown[]> {
  const { status, body } = await introspect(estate.house.address, token, asClient(estate.machine));
  expect([status, body['active']]).toEqual([200, true]);
  if (token.includes('.')) {
    const { org_id: organization, account_sid: account } = decodeJwt(token);
    expect([organization, account]).toEqual([body['org_id'], body['account_sid']]);
  }
  return [body['org_id'], body['account_sid']];
}

type Name = keyof Estate['tree'];
const organization = (name: Name) => estate.tree[name].organizationSid;
const account = (name: Name) => estate.tree[name].accountSid;

describe.each(ways)('by %s a machine’s token', (way) => {
  const targets = [undefined, resources.jwt, resources.rs256, resources.opaque];

  it.each(targets)(
    'reaches its organization, one beneath or one account, as the request says (%s)',
    async (resource) => {
      const ask = async (more: Record<string, string>) => {
        const target = resource === undefined ? {} : { resource };
        return placeOf(tokenOf(await estate.ask(estate.machine, { ...target, ...more }, addressOf(way))));
      };
      expect(await ask({})).toEqual([organization('own'), undefined]);
      expect(await ask({ org_id: organization('own') })).toEqual([organization('own'), undefined]);
      expect(await ask({ org_id: organization('grandchild') })).toEqual([organization('grandchild'), undefined]);
      expect(await ask({ account_sid: account('own') })).toEqual([organization('own'), account('own')]);
      const both = { org_id: organization('child'), account_sid: account('grandchild') };
      expect(await ask(both)).toEqual([organization('grandchild'), account('grandchild')]);
    },
  );

  it('is refused for anything outside, in the same words whatever it is', async () => {
    const outside: ReadonlyArray<Record<string, string>> = [
      ...(['parent', 'sibling', 'stranger'] as const).flatMap((name) => [
        { org_id: organization(name) },
        { account_sid: account(name) },
        { org_id: organization(name), account_sid: account('own') },
        { org_id: organization('own'), account_sid: account(name) },
      ]),
      { org_id: `OR${'0'.repeat(32)}` },
      { account_sid: `AC${'0'.repeat(32)}` },
      // The account lies above the organization that is named.
      { org_id: organization('child'), account_sid: account('own') },
    ];
    for (const more of outside) {
      const answer = await estate.ask(estate.machine, more, addressOf(way));
      expect([more, ...refusal(answer)]).toEqual([
        more,
        400,
        'invalid_target',
        'The organization or account is not within what the token could reach, or is suspended.',
      ]);
    }
  });

  it('is refused for what is no SID, and never wide instead', async () => {
    for (const name of ['org_id', 'account_sid']) {
      for (const value of ['', 'x', organization('own').toUpperCase(), organization('own').slice(0, -1), '__proto__']) {
        const answer = await estate.ask(estate.machine, { [name]: value }, addressOf(way));
        expect(refusal(answer)).toEqual([400, 'invalid_request', expect.stringContaining(`${name} must be the SID`)]);
      }
      const twice = [['grant_type', 'client_credentials'], ...[1, 2].map(() => [name, organization('own')])] as const;
      const pairs = twice.map(([key = '', value = '']) => [key, value] as const);
      const { headers } = asClient(estate.machine);
      const answer = await askWithForm(`${addressOf(way)}/oauth/token`, pairs, headers);
      expect(refusal(answer).slice(0, 2)).toEqual([400, 'invalid_request']);
      const url = `${addressOf(way)}/oauth/token?${name}=${organization('own')}`;
      const inUrl = await askWithForm(url, { grant_type: 'client_credentials' }, headers);
      expect(refusal(inUrl)).toEqual([400, 'invalid_request', expect.stringContaining('not in the URL')]);
    }
  });

  it('is narrowed by JSON too', async () => {
    const body = { grant_type: 'client_credentials', account_sid: account('child') };
    const answer = await askWithJson(`${addressOf(way)}/oauth/token`, body, asClient(estate.machine).headers);
    expect(await placeOf(tokenOf(answer))).toEqual([organization('child'), account('child')]);
  });

  it('of a client without an organization is not to be had for any', async () => {
    const orphan = await estate.makeMachine({
      organizationSid: undefined,
      origin: 'registered',
      allowedGrantTypes: ['client_credentials'],
    });
    for (const more of [{ org_id: organization('own') }, { account_sid: account('own') }]) {
      const target = { resource: resources.open };
      expect((await estate.ask(orphan, target, addressOf(way))).status).toBe(200);
      const answer = await estate.ask(orphan, { ...more, ...target }, addressOf(way));
      expect(refusal(answer).slice(0, 2)).toEqual([400, 'invalid_target']);
    }
  });
});

describe('at the addresses of the twilio clients', () => {
  it.each(['/v1/token', '/v2/token'])('a token is as narrow as the request says (%s)', async (path) => {
    const url = estate.house.address + path;
    const post = (fields: Record<string, string>, query = '') =>
      askWithForm(url + query, { grant_type: 'client_credentials', ...fields }, asClient(estate.machine).headers);
    const narrowed = async (...asked: Parameters<typeof post>) => {
      const { body } = await post(...asked);
      return placeOf(String(body['access_token']));
    };
    const expected = [organization('child'), account('child')];
    expect(await narrowed({ account_sid: account('child') })).toEqual(expected);
    expect(await narrowed({}, `?account_sid=${account('child')}`)).toEqual(expected);
    expect(await narrowed({ org_id: organization('child') })).toEqual([organization('child'), undefined]);
    for (const fields of [{ account_sid: account('sibling') }, { org_id: organization('parent') }]) {
      expect((await post(fields)).body['error']).toBe('invalid_target');
    }
  });

  it('is by the spellings of /v1, too', async () => {
    const fields = { GrantType: 'client_credentials', AccountSid: account('child') };
    const { body } = await askWithForm(`${estate.house.address}/v1/token`, fields, asClient(estate.machine).headers);
    expect(await placeOf(String(body['access_token']))).toEqual([organization('child'), account('child')]);
  });
});

describe('the narrowed token of a plain request', () => {
  it('is made in the lane, from memory', async () => {
    const wishes: ReadonlyArray<Record<string, string>> = [
      { org_id: organization('grandchild') },
      { account_sid: account('grandchild') },
    ];
    for (const more of wishes) await estate.ask(estate.machine, more, engines.plain);
    const before = engines.answered();
    for (const more of wishes) await estate.ask(estate.machine, more, engines.plain);
    expect(engines.answered()).toBe(before + wishes.length);
  });
});

describe('at the other grants', () => {
  it.each(['authorization_code', 'refresh_token'])('%s narrowing is refused, not ignored', async (grantType) => {
    const client = await estate.makeMachine({
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      redirectUris: ['https://app.example/callback'],
    });
    for (const name of ['org_id', 'account_sid']) {
      for (const value of [organization('own'), account('own'), '', 'x']) {
        const fields = { grant_type: grantType, code: 'x', refresh_token: 'x', [name]: value };
        const answer = await askWithForm(`${estate.house.address}/oauth/token`, fields, asClient(client).headers);
        expect(refusal(answer)).toEqual([400, 'invalid_request', expect.stringContaining('token exchange')]);
      }
    }
  });
});

// Last: what is issued in the five seconds after a suspension is revoked with it.
describe('a narrowed token', () => {
  it.each(ways)('is not to be had by %s for what is suspended, nor for what lies beneath', async (way) => {
    const { sql } = estate.house.database;
    const asleep = async (more: Record<string, string>, table: 'accounts' | 'organizations', sid: string) => {
      await sql`update ${sql(table)} set standing = 'suspended' where sid = ${sid}`;
      try {
        // A node may hear of it a moment later; what it issues until then is revoked.
        await estate.patiently(async () => (await estate.ask(estate.machine, more, addressOf(way))).status === 400);
        expect(refusal(await estate.ask(estate.machine, more, addressOf(way))).slice(0, 2)).toEqual([
          400,
          'invalid_target',
        ]);
      } finally {
        await sql`update ${sql(table)} set standing = 'active' where sid = ${sid}`;
      }
      await estate.patiently(async () => (await estate.ask(estate.machine, more, addressOf(way))).status === 200);
    };
    await asleep({ account_sid: account('child') }, 'accounts', account('child'));
    await asleep({ org_id: organization('child') }, 'organizations', organization('child'));
    await asleep({ account_sid: account('grandchild') }, 'organizations', organization('child'));
  });
});
