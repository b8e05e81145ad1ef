import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openStage, type Put, type Stage } from './stage.ts';
import { openVisitor, type Visitor } from './visitor.ts';

let stage: Stage;
let north: string;
let south: string;
/** A member of one organization, and one of two. */
let ada: string;
let bob: string;
let visitor: Visitor;

beforeAll(async () => {
  stage = await openStage();
  north = await stage.cast.makeOrganization('North');
  south = await stage.cast.makeOrganization('South');
  ada = await stage.cast.makeUser('ada@example.com', north);
  bob = await stage.cast.makeUser('bob@example.com', south, north);
});
afterAll(() => stage.close());
beforeEach(() => {
  visitor = openVisitor(stage);
});

async function begin(wish: Parameters<Stage['put']>[0]): Promise<Put> {
  const put = await stage.put(wish);
  visitor.begin(put);
  return put;
}

const deedsOf = ({ request }: Put) =>
  stage.people.deeds.filter(({ id }) => id === request.id).map(({ outcome }) => outcome);
const resumeOf = ({ request }: Put) => `${stage.issuer}/oauth/authorize/${request.id}`;

const ours = { address: '127.0.0.1', requestId: expect.any(String) };

describe('the choice of an organization', () => {
  it('offers those of the user and takes one of them', async () => {
    const put = await begin({ step: 'organization', userSid: bob });
    const { page } = await visitor.open(put);
    expect(page).toMatchObject({
      kind: 'organization',
      email: 'bob@example.com',
      organizations: [
        { sid: north, name: 'North', role: 'developer' },
        { sid: south, name: 'South', role: 'owner' },
      ],
    });
    const done = await visitor.send('organization', page, [['organization', south]]);
    expect(done).toMatchObject({ status: 303, location: resumeOf(put) });
    expect(deedsOf(put)).toEqual([{ kind: 'organization_chosen', organizationSid: south }]);
  });

  it("comes again for one that is not the user's, or none", async () => {
    const foreign = await stage.cast.makeOrganization('Foreign');
    const put = await begin({ step: 'organization', userSid: bob });
    const { page } = await visitor.open(put);
    for (const wrong of [foreign, '', 'OR']) {
      const sent = await visitor.send('organization', page, [['organization', wrong]]);
      expect(sent.status).toBe(303);
      expect((await visitor.get(sent.next)).page.kind).toBe('organization');
    }
    expect(deedsOf(put)).toEqual([]);
  });

  it('has a way out for users without an organization, and where the request means one of others', async () => {
    const carol = await stage.cast.makeUser(`carol-${Date.now()}@example.com`, north);
    await stage.cast.leave(carol, north);
    for (const [put, reason] of [
      [await begin({ step: 'organization', userSid: carol }), 'none'],
      [await begin({ step: 'organization', userSid: ada, organizationSid: south }), 'foreign'],
    ] as const) {
      visitor.begin(put);
      const { page, status } = await visitor.open(put);
      expect(status).toBe(200);
      expect(page).toMatchObject({ kind: 'no_organization', reason });
      const login = await visitor.send('switch', page);
      expect((await visitor.get(login.next)).page.kind).toBe('login');
      expect(await visitor.send('deny', page)).toMatchObject({ status: 303, location: resumeOf(put) });
      expect(deedsOf(put)).toEqual([{ kind: 'denied', origin: ours }]);
    }
  });
});

describe('the consent page', () => {
  it('says who asks for what, for whom, and where the answer goes', async () => {
    const { page, status } = await visitor.open(await begin({ userSid: ada }));
    expect(status).toBe(200);
    expect(page).toMatchObject({
      kind: 'consent',
      client: { name: 'Example App', policyUri: 'https://app.example/privacy' },
      email: 'ada@example.com',
      organization: 'North',
      redirectUri: 'https://app.example/callback',
      groups: [
        {
          scopes: [
            { value: 'openid', name: 'openid', required: true },
            { value: 'email', name: 'email', required: false },
          ],
        },
        {
          resource: 'Management API',
          scopes: [{ value: `${stage.issuer} clients:read`, name: 'clients:read', description: 'See OAuth clients' }],
        },
      ],
    });
  });

  it('allows what was left checked, and nothing that was not asked for', async () => {
    const put = await begin({ userSid: ada });
    const { page } = await visitor.open(put);
    const done = await visitor.send('consent', page, [
      ['scope', `${stage.issuer} clients:read`],
      ['scope', `${stage.issuer} admin`],
      ['scope', 'profile'],
    ]);
    expect(done).toMatchObject({ status: 303, location: resumeOf(put) });
    expect(deedsOf(put)).toEqual([
      {
        kind: 'consented',
        organizationSid: north,
        allowed: [
          { resource: undefined, scopes: ['openid'] },
          { resource: stage.issuer, scopes: ['clients:read'] },
        ],
        origin: { address: '127.0.0.1', requestId: done.headers.get('x-request-id') },
      },
    ]);
  });

  it('takes it for a no when nothing is left of what was asked', async () => {
    const put = await begin({ userSid: ada, wanted: [{ resource: stage.issuer, scopes: ['clients:read'] }] });
    await visitor.send('consent', (await visitor.open(put)).page);
    expect(deedsOf(put)).toEqual([{ kind: 'denied', origin: ours }]);
  });

  it('tells the client of a no', async () => {
    const put = await begin({ userSid: ada });
    const done = await visitor.send('deny', (await visitor.open(put)).page);
    expect(done).toMatchObject({ status: 303, location: resumeOf(put) });
    expect(deedsOf(put)).toEqual([{ kind: 'denied', origin: ours }]);
  });

  it('is for the organization that the request means, of several', async () => {
    const put = await begin({ userSid: bob, organizationSid: south });
    const { page } = await visitor.open(put);
    expect(page).toMatchObject({ kind: 'consent', organization: 'South' });
    await visitor.send('consent', page);
    expect(deedsOf(put)).toMatchObject([{ kind: 'consented', organizationSid: south }]);
  });

  it('counts for nothing where another page is due', async () => {
    const put = await begin({ step: 'organization', userSid: bob });
    const sent = await visitor.send('consent', (await visitor.open(put)).page, [['scope', 'openid']]);
    expect((await visitor.get(sent.next)).page.kind).toBe('organization');
    expect(deedsOf(put)).toEqual([]);
  });
});
