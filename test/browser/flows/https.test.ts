import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCertificate } from '../../support/certificate.ts';
import { freePort } from '../../support/house.ts';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { arriveAt, goThrough, press } from './steps.ts';

const host = 'auth.localhost';

let scene: Scene;
let front: Server;
let client: Client;
let person: Person;

/** Ends TLS, as whatever stands in front of a server does. */
function forward(req: IncomingMessage, res: ServerResponse): void {
  const { method, url, headers } = req;
  const inner = request(`${scene.house.address}${url}`, { method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  req.pipe(inner);
}

beforeAll(async () => {
  const port = await freePort();
  scene = await openScene({ ISSUER: `https://${host}:${port}` });
  front = createServer(createCertificate(host), forward).listen(port, '127.0.0.1');
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson();
});
afterEach(() => scene.endTest());
afterAll(async () => {
  front.closeAllConnections();
  await new Promise((resolve) => front.close(resolve));
  await scene.close();
});

describe('under an https issuer, behind a proxy that ends TLS', () => {
  it('the whole way is gone with cookies that travel by https alone and are bound to the host', async () => {
    const tab = await scene.openTab();
    const begun = await client.begin();
    await goThrough(tab, begun.url, person);
    const { parameters } = await client.came(tab);
    expect(parameters).toMatchObject({ code: expect.any(String), state: begun.state, iss: scene.house.issuer });

    const cookies = await tab.context().cookies();
    for (const { name, secure, httpOnly, sameSite, domain } of cookies) {
      const attributes = { secure: true, httpOnly: true, sameSite: 'Lax', domain: host };
      expect({ name, secure, httpOnly, sameSite, domain }).toEqual({ name, ...attributes });
    }
    const names = new Set(cookies.map(({ name }) => name.replace(/request_.*/, 'request_')));
    // The library's own of a single request has a path, which a name bound to the host may not have.
    const bound = ['cs_session', 'cs_session.sig', 'cs_browser', 'cs_device', 'cs_request_'].map(
      (name) => `__Host-${name}`,
    );
    expect(names).toEqual(new Set([...bound, '__Secure-cs_interaction', '__Secure-cs_interaction.sig']));
  });

  it('the session goes on, and ends with the sign-out', async () => {
    const tab = await scene.openTab();
    await goThrough(tab, (await client.begin()).url, person);
    await client.came(tab);
    await tab.goto((await client.begin({ prompt: 'none' })).url);
    expect((await client.came(tab)).parameters['code']).toBeDefined();
    await tab.goto(`${scene.house.issuer}/oauth/logout`);
    await press(tab, 'Sign out');
    await arriveAt(tab, 'You are signed out');
    await tab.goto((await client.begin({ prompt: 'none' })).url);
    expect((await client.came(tab)).parameters['error']).toBe('login_required');
  });

  it('browsers are told never to come by http', async () => {
    const tab = await scene.openTab();
    const answer = await tab.goto((await client.begin()).url);
    expect(await answer?.headerValue('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
  });
});
