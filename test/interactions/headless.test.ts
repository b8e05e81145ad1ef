import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret, newSecret, Problem } from '../../src/base/index.ts';
import type { PendingRequest } from '../../src/provider/index.ts';
import { type Answered, type Frontend, openFrontend } from './frontend.ts';
import { openStage, type Put, type Stage } from './stage.ts';

let stage: Stage;
let frontend: Frontend;
let north: string;
let south: string;
/** A member of one organization, one of two, and one of none; each with a key. */
let ada: string;
let bob: string;
let adasKey: string;
let bobsKey: string;
let carolsKey: string;

beforeAll(async () => {
  stage = await openStage();
  frontend = openFrontend(stage);
  north = await stage.cast.makeOrganization('North');
  south = await stage.cast.makeOrganization('South');
  ada = await stage.cast.makeUser('ada@example.com', north);
  bob = await stage.cast.makeUser('bob@example.com', north, south);
  const carol = await stage.cast.makeUser('carol@example.com', south);
  adasKey = await stage.cast.makeKey(ada, north, ['admin']);
  bobsKey = await stage.cast.makeKey(bob, south, ['admin']);
  carolsKey = await stage.cast.makeKey(carol, south, ['admin']);
  await stage.cast.leave(carol, south);
});
afterAll(() => stage.close());

const deedsOf = ({ request }: Put) =>
  stage.people.deeds.filter(({ id }) => id === request.id).map(({ outcome }) => outcome);

async function isSpent({ token }: Put): Promise<boolean> {
  const [row] = await stage.database.sql<Array<{ spent: boolean }>>`
    select spent_at is not null as spent from consent_tokens where id_hash = ${hashSecret(token)}`;
  return row?.spent === true;
}

/** A refusal in both dialects at once, after which nothing has happened. */
async function expectRefusal(answered: Answered, status: number, words: string, put?: Put): Promise<void> {
  expect(answered).toMatchObject({
    status,
    body: {
      error: status === 403 ? 'insufficient_scope' : 'invalid_request',
      error_description: expect.stringContaining(words),
      errors: [{ code: expect.any(String), title: expect.any(String), detail: expect.stringContaining(words) }],
    },
  });
  expect(answered.headers.get('cache-control')).toBe('no-store');
  if (put === undefined) return;
  expect(deedsOf(put)).toEqual([]);
  expect(await isSpent(put)).toBe(false);
}

const notValid = 'not valid, has expired or has been used';

describe('GET /oauth/consent/:consent_token', () => {
  it('answers what a frontend shows, as the API that clients know has it', async () => {
    const answered = await frontend.look(await stage.put(), adasKey);
    expect(answered.status).toBe(200);
    expect(answered.headers.get('content-type')).toContain('application/json');
    expect(answered.body).toEqual({
      data: {
        client_id: stage.clientId,
        name: 'Example App',
        redirect_uri: 'https://app.example/callback',
        verified: false,
        logo_uri: 'https://app.example/logo.png',
        tos_uri: null,
        policy_uri: 'https://app.example/privacy',
        requested_scopes: [
          { id: 'openid', name: 'openid', description: 'Know that it is you' },
          { id: 'email', name: 'email', description: 'See your email address' },
          { id: `${stage.issuer} clients:read`, name: 'clients:read', description: 'See OAuth clients' },
        ],
      },
    });
  });

  it('binds the token to the first user who looks', async () => {
    const put = await stage.put();
    expect((await frontend.look(put, adasKey)).status).toBe(200);
    expect((await frontend.look(put, adasKey)).status).toBe(200);
    await expectRefusal(await frontend.look(put, bobsKey), 422, notValid, put);
    await expectRefusal(await frontend.answer(put, bobsKey), 422, notValid, put);
    expect((await frontend.answer(put, adasKey)).status).toBe(200);
  });

  it('is for the user who was signed in when the request began', async () => {
    const put = await stage.put({ userSid: ada });
    await expectRefusal(await frontend.look(put, bobsKey), 422, notValid, put);
    expect((await frontend.look(put, adasKey)).status).toBe(200);
  });

  it.each([
    ['unknown', newSecret()],
    ['short', 'x'],
    ['long', 'x'.repeat(2000)],
    ['odd', '%00%F0%9F%98%80'],
  ])('answers 422 for a token that is %s', async (_what, token) => {
    await expectRefusal(await frontend.look({ token }, adasKey), 422, notValid);
  });
});

describe('POST /oauth/grants', () => {
  it('allows all that was asked, and answers the callback alone', async () => {
    const put = await stage.put();
    const answered = await frontend.answer(put, adasKey);
    expect(answered.status).toBe(200);
    expect(answered.body).toEqual({ redirect_uri: 'https://app.example/callback?code=1' });
    expect(answered.headers.get('cache-control')).toBe('no-store');
    expect(deedsOf(put)).toEqual([
      {
        kind: 'allowed',
        userSid: ada,
        organizationSid: north,
        allowed: put.request.wanted,
        origin: { address: '127.0.0.1', requestId: answered.headers.get('x-request-id') },
      },
    ]);
    expect(await isSpent(put)).toBe(true);
  });

  it('tells the client of a no', async () => {
    const put = await stage.put();
    const answered = await frontend.answer(put, adasKey, false);
    expect(answered.body).toEqual({ redirect_uri: 'https://app.example/callback?error=access_denied' });
    const origin = { address: '127.0.0.1', requestId: answered.headers.get('x-request-id') };
    expect(deedsOf(put)).toEqual([{ kind: 'denied', userSid: ada, origin }]);
  });

  it('answers one of 50 at once, and the others 422', async () => {
    const put = await stage.put();
    const answers = await Promise.all(Array.from({ length: 50 }, () => frontend.answer(put, adasKey)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(49);
    expect(deedsOf(put)).toHaveLength(1);
  });

  it('answers one of two users who answer at the same moment', async () => {
    const put = await stage.put();
    const keys = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? adasKey : bobsKey));
    const answers = await Promise.all(keys.map((key) => frontend.answer(put, key)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(deedsOf(put)).toHaveLength(1);
  });

  it('answers once, whatever the answer was', async () => {
    for (const first of [true, false]) {
      const put = await stage.put();
      await frontend.answer(put, adasKey, first);
      await expectRefusal(await frontend.answer(put, adasKey, true), 422, notValid);
      await expectRefusal(await frontend.look(put, adasKey), 422, notValid);
      expect(deedsOf(put)).toHaveLength(1);
    }
  });

  it('does not answer twice where finishing failed: the token is spent before', async () => {
    const put = await stage.put();
    stage.people.failNext('conclude', new Problem('unavailable', 'The database cannot be reached.'));
    const failed = await frontend.answer(put, adasKey);
    expect(failed).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(failed.headers.get('retry-after')).toBe('1');
    await expectRefusal(await frontend.answer(put, adasKey), 422, notValid);
    expect(deedsOf(put)).toEqual([]);
  });

  it('answers 422 where the token has expired, or the request has its answer in the browser', async () => {
    const [expired, answered] = [await stage.put(), await stage.put()];
    await stage.database.sql`update consent_tokens set expires_at = now() where id_hash = ${hashSecret(expired.token)}`;
    await expectRefusal(await frontend.answer(expired, adasKey), 422, notValid, expired);
    stage.people.finish(answered.request.id);
    await expectRefusal(await frontend.answer(answered, adasKey), 422, notValid, answered);
  });

  it('is for the user who was signed in when the request began', async () => {
    const put = await stage.put({ userSid: ada });
    await expectRefusal(await frontend.answer(put, bobsKey), 422, notValid, put);
    await expectRefusal(await frontend.answer(put, bobsKey, false), 422, notValid, put);
    expect((await frontend.answer(put, adasKey)).status).toBe(200);
  });

  it.each<[string, Partial<PendingRequest>, string]>([
    ['wants its answer by form_post', { responseMode: 'form_post' }, 'form_post'],
    ['wants a new sign-in', { freshSignIn: true }, 'sign in anew'],
  ])('leaves to the browser what %s', async (_what, wish, words) => {
    const put = await stage.put(wish);
    await expectRefusal(await frontend.look(put, adasKey), 422, words, put);
    await expectRefusal(await frontend.answer(put, adasKey), 422, words, put);
    await expectRefusal(await frontend.answer(put, adasKey, false), 422, words, put);
  });
});

describe('the organization of a consent', () => {
  const organizationOf = async (put: Put, key: string) => {
    expect((await frontend.answer(put, key)).status).toBe(200);
    return (deedsOf(put)[0] as { organizationSid?: string }).organizationSid;
  };

  it('is the one that the request means', async () => {
    const key = await stage.cast.makeKey(bob, north, ['admin']);
    expect(await organizationOf(await stage.put({ organizationSid: north }), key)).toBe(north);
  });

  it('else the one of the credential, where the user is a member of it', async () => {
    expect(await organizationOf(await stage.put(), bobsKey)).toBe(south);
  });

  it('else the only one, where the credential reaches it', async () => {
    const parent = await stage.cast.makeOrganization('Parent');
    const branch = await stage.cast.makeOrganization('Branch', parent);
    const user = await stage.cast.makeUser('branch@example.com', branch);
    const key = await stage.cast.makeKey(user, parent, ['admin']);
    expect(await organizationOf(await stage.put(), key)).toBe(branch);
    const second = await stage.cast.makeOrganization('Second branch', parent);
    await stage.cast.join(user, second);
    const put = await stage.put();
    await expectRefusal(await frontend.answer(put, key), 422, 'Name one as "organization"', put);
    expect(await organizationOf(await stage.put({ organizationSid: second }), key)).toBe(second);
  });

  it('is none of which the user is no member', async () => {
    const named = await stage.put({ organizationSid: south });
    await expectRefusal(await frontend.answer(named, adasKey), 422, 'not a member', named);
  });

  it('is none that the user has left: the keys to it ended with the membership', async () => {
    expect((await frontend.answer(await stage.put(), carolsKey)).status).toBe(401);
  });

  it('is none that the key does not reach, although the user is a member', async () => {
    const put = await stage.put({ organizationSid: north });
    await expectRefusal(await frontend.answer(put, bobsKey), 403, 'another organization', put);
    expect((await frontend.answer(put, bobsKey, false)).status).toBe(200);
  });
});
