import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUsers, type Users } from '../../src/accounts/index.ts';
import { newSid } from '../../src/base/index.ts';
import type { Store } from '../../src/store/index.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
let users: Users;
beforeAll(async () => {
  scene = await openScene();
  users = createUsers((scene.nodes[0] as Store).sql);
});
afterAll(() => scene.close());

async function makeOrganization(name: string, parent: string | null = null, standing = 'active'): Promise<string> {
  const sid = newSid('organization');
  await scene.database.sql`
    insert into organizations (sid, name, parent_sid, standing)
    values (${sid}, ${name}, ${parent}, ${standing}::standing)`;
  return sid;
}

async function join(userSid: string, organizationSid: string, role = 'viewer'): Promise<void> {
  await scene.database.sql`
    insert into memberships (user_sid, organization_sid, role) values (${userSid}, ${organizationSid}, ${role}::role)`;
}

describe('a user', () => {
  it('is found by SID, with what may be told about them', async () => {
    const { sid, email } = await scene.makePerson();
    expect(await users.find(sid)).toEqual({ sid, email, name: 'Person of a test', emailVerified: false });
  });

  it('is not found when suspended or unknown', async () => {
    const { sid } = await scene.makePerson({ standing: 'suspended' });
    expect(await users.find(sid)).toBeUndefined();
    expect(await users.find(newSid('user'))).toBeUndefined();
  });
});

describe('the organizations of a user', () => {
  it('come by name, with the role', async () => {
    const { sid } = await scene.makePerson();
    const [b, a] = [await makeOrganization('Bauhaus'), await makeOrganization('Archive')];
    await join(sid, b, 'owner');
    await join(sid, a, 'developer');
    await join((await scene.makePerson()).sid, await makeOrganization('Somebody else’s'));
    expect(await users.organizationsOf(sid)).toEqual([
      { organizationSid: a, organizationName: 'Archive', role: 'developer' },
      { organizationSid: b, organizationName: 'Bauhaus', role: 'owner' },
    ]);
  });

  it('leave out those that are suspended or lie beneath one that is, and keep those above it', async () => {
    const { sid } = await scene.makePerson();
    const top = await makeOrganization('1 top');
    const suspended = await makeOrganization('2 suspended', top, 'suspended');
    const beneath = await makeOrganization('3 beneath', await makeOrganization('between', suspended));
    const beside = await makeOrganization('4 beside', top);
    for (const organization of [top, suspended, beneath, beside]) await join(sid, organization);
    const names = async () => (await users.organizationsOf(sid)).map(({ organizationName }) => organizationName);
    expect(await names()).toEqual(['1 top', '4 beside']);
    await scene.database.sql`update organizations set standing = 'active' where sid = ${suspended}`;
    expect(await names()).toEqual(['1 top', '2 suspended', '3 beneath', '4 beside']);
  });

  it('are none for a user who is suspended, unknown, or a member of none', async () => {
    const { sid } = await scene.makePerson({ standing: 'suspended' });
    await join(sid, await makeOrganization('Left behind'));
    expect(await users.organizationsOf(sid)).toEqual([]);
    expect(await users.organizationsOf(newSid('user'))).toEqual([]);
    expect(await users.organizationsOf((await scene.makePerson()).sid)).toEqual([]);
  });
});
