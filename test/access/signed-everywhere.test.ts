import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recipes } from '../api/recipes.ts';
import { type Call, openScene, type Scene } from '../api/scene.ts';
import { type House, openHouse } from '../support/house.ts';
import { dataOf, operatorOf } from '../support/tenancy.ts';
import { type Answer, send } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { bearerOf, makeSigner, requirementOf, type Signer, tokenFor } from './signer.ts';

let house: House;
let scene: Scene;
/** An operator's key to an account that requires signed calls. */
let signer: Signer;
beforeAll(async () => {
  house = await openHouse({ REGISTRATION: 'token' });
  scene = await openScene(house, recipes);
  const operator = operatorOf(house);
  signer = await makeSigner(operator, {}, ['admin']);
  dataOf(await requirementOf(operator, signer, true));
  await within(
    5_000,
    async () => (await ask({ path: '/accounts', init: { method: 'GET', headers: {} } })).status === 401,
  );
});
afterAll(() => house.close());

/** What else takes an API key, besides the management API. */
const others = ['introspect', 'retrieveConsent', 'answerConsent', 'registerClient'];

/** Sends a call with the signer's key. */
function ask({ path, init }: Call, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const headers = { ...init.headers, authorization: bearerOf(signer), ...more };
  return send(house.issuer + path, { ...init, headers });
}

describe('an API key whose account requires validation', () => {
  it('is good for nothing without a signature, and with one for all that it is good for: at every door', async () => {
    const doors = scene.operations.filter(({ id, managed }) => managed || others.includes(id));
    expect(doors.filter(({ id }) => others.includes(id))).toHaveLength(others.length);
    expect(doors.length).toBeGreaterThan(60);
    for (const { id, success } of doors) {
      const call = await scene.prepare(id);
      const unsigned = await ask(call);
      expect([id, unsigned.status, unsigned.text]).toEqual([
        id,
        401,
        expect.stringContaining('wants its calls signed'),
      ]);
      expect(unsigned.headers.get('www-authenticate')).toMatch(/^Bearer .*error_description="The account of this API/);
      const sent = { method: String(call.init.method), path: call.path, body: call.init.body as string | undefined };
      const token = tokenFor(signer, house.issuer, sent);
      const other = await ask(call, {
        'twilio-client-validation': tokenFor(signer, house.issuer, { ...sent, method: 'X' }),
      });
      expect([id, other.status, other.text]).toEqual([id, 401, expect.stringContaining('(rqh)')]);
      const signed = await ask(call, { 'twilio-client-validation': token });
      expect([id, signed.status, signed.status === success ? '' : signed.text]).toEqual([id, success, '']);
    }
  }, 120_000);

  it('introspects under /v2 too, with a signature only', async () => {
    const { path, init } = await scene.prepare('introspect');
    const call = { path: `/v2${path}`, init };
    const [client, body] = [init.headers, String(init.body)];
    expect((await send(house.issuer + call.path, { ...init, headers: client })).body['active']).toBe(true);
    const sent = { method: 'POST', path: call.path, body };
    expect((await ask(call)).status).toBe(401);
    expect(
      (await ask(call, { 'twilio-client-validation': tokenFor(signer, house.issuer, { ...sent, path }) })).status,
    ).toBe(401);
    const answer = await ask(call, { 'twilio-client-validation': tokenFor(signer, house.issuer, sent) });
    expect([answer.status, answer.body['active']]).toEqual([200, true]);
  });
});
