import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic, send } from '../../support/tokens.ts';
import { within } from '../../support/within.ts';
import { expectMalformed, expectRefusal } from './refusal.ts';
import { accountSid, keySid, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

describe('elsewhere', () => {
  const elsewhere = ['/oauth/token', '/v2/oauth/token', '/oauth/introspect', '/oauth/revoke', '/oauth/par'];

  it.each(elsewhere)('an empty Authorization header, and that of an account, is refused: %s', async (path) => {
    for (const header of [{ authorization: '' }, basic(accountSid, 'x'), basic(keySid, 'x')]) {
      const answer = await scene.ask(path, { ...scene.machine, token: 'x' }, header);
      expect([path, answer.status, answer.body['error']]).toEqual([path, 400, 'invalid_request']);
      expect(answer.body['code']).toBeUndefined();
    }
  });

  it('account_sid is not passed over in a URL', async () => {
    const answer = await scene.ask(`/oauth/token?account_sid=${accountSid}`, scene.machine);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ...['/token', '/v2/v2/token', '/v2/token/', '/V2/token', '/v2/Token', '/v2//token', '/v3/token', '/authorize'],
    ...['/v2/%74oken', '/v2/v2/authorize', '/v2/authorize/', '/oauth-authorization-server'],
  ])('there is nothing at %s', async (path) => {
    expect((await scene.ask(path, scene.machine)).status).toBe(404);
    expect((await send(scene.house.address + path)).status).toBe(404);
  });

  it('what is not there below /v1 is told in the dialect of these clients', async () => {
    expectRefusal(await scene.ask('/v1/nothing', {}), 404, 'invalid_request', 20404, /nothing/);
  });
});

describe('the addresses beside them', () => {
  it('/v2/authorize is the authorization endpoint, by GET and by POST', async () => {
    const query = 'response_type=code&client_id=x';
    const [own, alias] = await Promise.all(
      ['/oauth', '/v2'].map((prefix) => send(`${scene.house.address}${prefix}/authorize?${query}`)),
    );
    expect([alias?.status, alias?.text]).toEqual([own?.status, own?.text]);
    const posted = await scene.ask('/v2/authorize', { client_id: 'x', state: 'y' });
    expect([posted.status, posted.headers.get('location')]).toEqual([303, '/oauth/authorize?client_id=x&state=y']);
  });

  it('/v1/authorize leads on to it with the spelling settled', async () => {
    const at = (query: string) => send(`${scene.house.address}/v1/authorize?${query}`);
    const { status, headers } = await at('ResponseType=code&ClientId=a%26b&redirectUri=https://a.example&state=1&x=2');
    expect([status, headers.get('location')]).toEqual([
      303,
      '/oauth/authorize?response_type=code&client_id=a%26b&redirect_uri=https%3A%2F%2Fa.example&state=1&x=2',
    ]);
    expectMalformed(await at('State=1&state=2'), /State and state/);
    expectMalformed(await at(`state=${'x'.repeat(9000)}`), /too long/);
  });

  it('the metadata is at /v1 and /v2 too', async () => {
    const read = (path: string) => send(scene.house.address + path);
    const { text } = await read('/.well-known/oauth-authorization-server');
    for (const path of ['/v1/oauth-authorization-server', '/v2/oauth-authorization-server']) {
      expect([path, (await read(path)).text]).toEqual([path, text]);
    }
  });
});

describe('the number of a refusal', () => {
  it('is explained where it says', async () => {
    const { body } = await scene.ask('/v2/token', { ...scene.machine, scope: 'nothing:read' });
    const { origin, pathname, hash } = new URL(String(body['more_info']));
    expect(origin).toBe(scene.house.issuer);
    const { text } = await send(scene.house.address + pathname);
    const [, section = ''] = text.split(`<section class="operation" id="${hash.slice(1)}"`);
    expect(section.split('</section>')[0]).toContain(`<code>${body['code']}</code>`);
  });
});

describe('what is measured of a request', () => {
  it('stands under the route that answered', async () => {
    for (const path of ['/v1/token', '/v2/token', '/v2/token?x=1']) await scene.ask(path, scene.machine);
    for (const path of ['/v2/authorize?x', '/v1/authorize?x', '/v2/oauth-authorization-server']) {
      await send(scene.house.address + path);
    }
    await within(5_000, async () => {
      const routes = await scene.routes();
      const own = ['/v1/token', '/v2/token', '/v1/authorize'];
      return [...own, '/oauth/authorize', '/.well-known/oauth-authorization-server'].every((at) => routes.has(at));
    });
    const routes = [...(await scene.routes())];
    expect(routes.filter((at) => /^\/v2\/(authorize|oauth)/.test(at))).toEqual([]);
  });
});
