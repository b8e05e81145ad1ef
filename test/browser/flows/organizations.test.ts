import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page as Tab } from 'playwright-core';
import type { Client } from './client.ts';
import { openScene, type Person, type Scene } from './scene.ts';
import { arriveAt, press, signIn } from './steps.ts';

let scene: Scene;
let client: Client;
let north: string;
let south: string;
let person: Person;
let tab: Tab;
beforeAll(async () => {
  scene = await openScene();
  north = await scene.registry.makeOrganization('North');
  south = await scene.registry.makeOrganization('South');
  client = await scene.makeClient();
});
beforeEach(async () => {
  person = await scene.makePerson(north, south);
  tab = await scene.openTab();
});
afterEach(() => scene.endTest());
afterAll(() => scene.close());

async function begin(parameters: Parameters<Client['begin']>[0] = {}, as = person) {
  const begun = await client.begin(parameters);
  await tab.goto(begun.url);
  await signIn(tab, as);
  return begun;
}

async function choose(name: string): Promise<void> {
  await arriveAt(tab, 'Choose an organization');
  await tab.getByLabel(name).check();
  await press(tab, 'Continue');
}

describe('somebody in two organizations', () => {
  it('chooses one, which the consent names and userinfo tells', async () => {
    const begun = await begin({ scope: 'openid org' });
    expect(await tab.getByRole('group', { name: 'Your organizations' }).innerText()).toMatch(
      /North\s+Owner\s+South\s+Developer/,
    );
    await choose('South');
    await tab.getByText('Acting for South').waitFor();
    await press(tab, 'Allow');
    const tokens = await client.redeem(tab, begun);
    expect(await client.userinfo(tokens.access_token)).toEqual({
      sub: person.sid,
      org_id: south,
      org_name: 'South',
      org_role: 'developer',
    });
  });

  it('is not asked again by the same application in this session, but by another one', async () => {
    await begin();
    await choose('South');
    await press(tab, 'Allow');
    await client.came(tab);
    const again = await client.begin();
    await tab.goto(again.url);
    expect((await client.redeem(tab, again)).claims['org_id']).toBe(south);
    const other = await scene.makeClient({ name: 'Other App' });
    await tab.goto((await other.begin()).url);
    await arriveAt(tab, 'Choose an organization');
  });

  it('is asked for a choice again, and then for consent, in a session of another browser', async () => {
    await begin();
    await choose('South');
    await press(tab, 'Allow');
    await client.came(tab);
    tab = await scene.openTab();
    const begun = await begin();
    await choose('North');
    await tab.getByText('Acting for North').waitFor();
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims['org_id']).toBe(north);
  });

  it('is not asked where the request names one', async () => {
    const begun = await begin({ organization: south });
    await tab.getByText('Acting for South').waitFor();
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims['org_id']).toBe(south);
    const other = await client.begin({ organization: north });
    await tab.goto(other.url);
    await tab.getByText('Acting for North').waitFor();
    await press(tab, 'Allow');
    expect((await client.redeem(tab, other)).claims['org_id']).toBe(north);
  });

  it('can give up at the choice', async () => {
    const begun = await begin();
    await press(tab, 'Cancel and go back to Example App');
    const { parameters } = await client.came(tab);
    expect(parameters).toMatchObject({ error: 'access_denied', state: begun.state });
  });

  it('cannot choose an organization of somebody else by changing the form', async () => {
    const foreign = await scene.registry.makeOrganization('Foreign');
    await begin();
    await arriveAt(tab, 'Choose an organization');
    await tab.evaluate(`document.querySelector('input[type=radio]:checked').value = '${foreign}'`);
    await press(tab, 'Continue');
    await arriveAt(tab, 'Choose an organization');
    const offered = await tab.evaluate('[...document.querySelectorAll("input[type=radio]")].map(({ value }) => value)');
    expect(offered).toEqual([north, south]);
  });
});

describe('a request for an organization that is not the user’s', () => {
  it('is not answered for it: the user can go back or be somebody else', async () => {
    const foreign = await scene.registry.makeOrganization('Secret name');
    const begun = await begin({ organization: foreign });
    await tab.getByRole('button', { name: 'Use another account' }).waitFor();
    expect(await tab.locator('main').innerText()).not.toContain('Secret name');
    expect(await tab.getByRole('button', { name: 'Allow' }).count()).toBe(0);
    await press(tab, 'Go back to Example App');
    const { parameters } = await client.came(tab);
    expect(parameters).toMatchObject({ error: 'access_denied', state: begun.state });
  });

  it('does not tell a member of two organizations that they belong to none', async () => {
    await begin({ organization: await scene.registry.makeOrganization('Foreign') });
    await tab.getByRole('button', { name: 'Use another account' }).waitFor();
    expect(await tab.locator('main').innerText()).not.toContain('You belong to no organization');
  });
});

describe('somebody in no organization', () => {
  it('is told so, and can go back', async () => {
    const stranger = await scene.makeStranger();
    const begun = await begin({}, stranger);
    await arriveAt(tab, 'You belong to no organization yet');
    expect(await tab.locator('main').innerText()).toContain(stranger.email);
    await press(tab, 'Go back to Example App');
    expect((await client.came(tab)).parameters).toMatchObject({ error: 'access_denied', state: begun.state });
  });

  it('can go on as somebody who is in one', async () => {
    const member = await scene.makePerson(north);
    const begun = await begin({}, await scene.makeStranger());
    await press(tab, 'Use another account');
    await signIn(tab, member);
    await press(tab, 'Allow');
    expect((await client.redeem(tab, begun)).claims).toMatchObject({ sub: member.sid, org_id: north });
  });
});
