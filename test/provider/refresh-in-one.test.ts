import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSecret } from '../../src/base/index.ts';
import { type App, resource } from '../flows/people/town.ts';
import { within } from '../support/within.ts';
import { claimsOf, openRefreshScene, type RefreshScene, refreshTokenIn, wasInOne } from './refresh-in-one-scene.ts';

let scene: RefreshScene;
let app: App;
beforeAll(async () => {
  scene = await openRefreshScene({ REFRESH_TOKEN_TTL: '600', REFRESH_TOKEN_IDLE_TTL: '600' });
  app = await scene.town.makeApp();
});
afterAll(() => scene.close());

const sql = () => scene.town.house.database.sql;
const { now } = Date;
afterEach(() => {
  Date.now = now;
});
const travel = (seconds: number) => {
  const before = Date.now;
  Date.now = () => before() + seconds * 1000;
};

/** Refused with an error, and the token is as it was. */
async function expectRefused(client: App, token: string, error = 'invalid_grant', more = {}): Promise<void> {
  const answer = await scene.refresh(client, token, more);
  expect([answer.status, answer.body['error']]).toEqual([400, error]);
  expect(await scene.row(token)).toMatchObject({ spent: false, successor: null });
  expect(await scene.countFamily(token)).toBe(1);
}

/** Waits until the server knows of a change, which a chain of refreshes beside the one in question finds out. */
async function untilRefused(client: App, chain: string, error: string): Promise<void> {
  let newest = chain;
  await within(10_000, async () => {
    const answer = await scene.refresh(client, newest);
    if (answer.status === 200) newest = refreshTokenIn(answer);
    return answer.body['error'] === error;
  });
}

/** Records a revocation for as long as something takes. */
async function whileRevoked(kind: string, subject: string, work: () => Promise<void>): Promise<void> {
  await sql()`
    insert into revocations (kind, subject, revoked_before, expires_at)
    values (${kind}, ${subject}, now(), now() + interval '1 hour')`;
  try {
    await work();
  } finally {
    await sql()`delete from revocations where kind = ${kind} and subject = ${subject}`;
  }
}

describe('a refresh in one statement is refused, and nothing is spent,', () => {
  it('but for nothing at all: then it succeeds', async () => {
    const token = await scene.begin(app);
    const successor = refreshTokenIn(await scene.refresh(app, token));
    expect(wasInOne(await scene.row(token), await scene.row(successor))).toBe(true);
    expect(await scene.row(token)).toMatchObject({ spent: true, successor: hashSecret(successor) });
  });

  it('where another client presents the token', async () => {
    const token = await scene.begin(app);
    const other = await scene.town.makeApp();
    await expectRefused(other, token);
    await expectRefused(other, token, 'invalid_grant', { resource });
  });

  it('where the user is suspended, whatever is recorded of it', async () => {
    const token = await scene.begin(app);
    const { user } = await scene.row(token);
    await sql()`update users set standing = 'suspended' where sid = ${user}`;
    await sql()`delete from revocations where kind = 'user' and subject = ${user}`;
    await expectRefused(app, token);
  });

  it('where the family was revoked', async () => {
    const token = await scene.begin(app);
    await sql()`update families set revoked_at = now() where id_hash = ${(await scene.row(token)).family}`;
    await expectRefused(app, token);
  });

  it('where the family is gone', async () => {
    const token = await scene.begin(app);
    await sql()`delete from families where id_hash = ${(await scene.row(token)).family}`;
    await expectRefused(app, token);
  });

  it('where the token has expired', async () => {
    const token = await scene.begin(app);
    await sql()`update refresh_tokens set exp = ${Math.floor(Date.now() / 1000)} where id_hash = ${hashSecret(token)}`;
    await expectRefused(app, token);
  });

  it('where the family has ended, though the token has not', async () => {
    const lasting = await scene.town.makeApp();
    const token = await scene.begin(lasting);
    const { exp, family } = await scene.row(token);
    // The end of a token is counted from the redemption of its code, that of its family from the authorization.
    await sql()`
      update refresh_tokens set exp = exp + 300, iiat = iiat + 300 where id_hash = ${hashSecret(token)}`;
    travel(610);
    expect(Number(exp) + 300).toBeGreaterThan(Date.now() / 1000);
    await expectRefused(lasting, token);
    expect((await sql()`select from families where id_hash = ${family} and expires_at > now()`).count).toBe(1);
  });

  it.each(['client', 'user', 'organization'] as const)('where its %s was revoked after it was issued', async (kind) => {
    const { registry, makeApp } = scene.town;
    const own = await makeApp();
    const token = await scene.begin(own, { organization: await registry.makeOrganization('Of a user') });
    const [row] = await sql()<Array<Record<typeof kind, string>>>`
      select client_id as client, user_sid as user, organization_sid as organization
      from refresh_tokens where id_hash = ${hashSecret(token)}`;
    // A node whose clock is ahead has issued it.
    await sql()`update refresh_tokens set iat = iat + 60 where id_hash = ${hashSecret(token)}`;
    await whileRevoked(kind, row?.[kind] ?? '', () => expectRefused(own, token));
    expect((await scene.refresh(own, token)).status).toBe(200);
  });

  it("where its client's organization was revoked after it was issued", async () => {
    const organizationSid = await scene.town.registry.makeOrganization('Of a client');
    const theirs = await scene.town.makeApp({ organizationSid });
    const token = await scene.begin(theirs);
    await whileRevoked('organization', organizationSid, () => expectRefused(theirs, token));
    expect((await scene.refresh(theirs, token)).status).toBe(200);
  });

  it('where its user was revoked after it was issued by the clock of the node that issued it', async () => {
    const own = await scene.town.makeApp();
    const token = await scene.begin(own);
    const { user } = await scene.row(token);
    await sql()`update refresh_tokens set iat = iat - 60 where id_hash = ${hashSecret(token)}`;
    await sql()`
      insert into revocations (kind, subject, revoked_before, expires_at)
      values ('user', ${user}, now() - interval '30 seconds', now() + interval '1 hour')`;
    await within(10_000, async () => (await scene.introspect(own, token))['active'] === false);
    await expectRefused(own, token);
  });

  it('but not where what was revoked is older than the token', async () => {
    const token = await scene.begin(app);
    const { user } = await scene.row(token);
    await sql()`
      insert into revocations (kind, subject, revoked_before, expires_at)
      values ('user', ${user}, now() - interval '1 hour', now() + interval '1 hour')`;
    expect(wasInOne(await scene.row(token), await scene.row(refreshTokenIn(await scene.refresh(app, token))))).toBe(
      true,
    );
  });

  it('where the client may not ask for the resource any more', async () => {
    const narrowed = await scene.town.makeApp();
    const [token, probe] = [await scene.begin(narrowed), await scene.begin(narrowed)];
    await sql()`update oauth_clients set allowed_resources = '{urn:other}' where client_id = ${narrowed.clientId}`;
    await untilRefused(narrowed, probe, 'invalid_target');
    await expectRefused(narrowed, token, 'invalid_target');
  });

  it('where the resource was deleted', async () => {
    const identifier = 'https://gone.example/';
    const id = await scene.town.registry.makeResource({ identifier });
    const [token, probe] = [
      await scene.begin(app, { resource: identifier }),
      await scene.begin(app, { resource: identifier }),
    ];
    await sql()`delete from resources where id = ${id}`;
    await untilRefused(app, probe, 'invalid_target');
    await expectRefused(app, token, 'invalid_target');
  });

  it('where the client is suspended', async () => {
    const suspended = await scene.town.makeApp();
    const [token, probe] = [await scene.begin(suspended), await scene.begin(suspended)];
    await sql()`update oauth_clients set standing = 'suspended' where client_id = ${suspended.clientId}`;
    await untilRefused(suspended, probe, 'invalid_client');
    expect((await scene.refresh(suspended, token)).status).toBe(401);
    expect(await scene.row(token)).toMatchObject({ spent: false });
  });

  it('where nothing of its scopes is left: the library answers, with a token that is good for nothing', async () => {
    const narrowed = await scene.town.makeApp();
    const [token, probe] = [await scene.begin(narrowed), await scene.begin(narrowed)];
    await sql()`update oauth_clients set allowed_scopes = '{write}' where client_id = ${narrowed.clientId}`;
    let newest = probe;
    await within(10_000, async () => {
      const answer = await scene.refresh(narrowed, newest);
      newest = refreshTokenIn(answer);
      return claimsOf(answer)['scope'] === undefined;
    });
    const answer = await scene.refresh(narrowed, token);
    expect(claimsOf(answer)['scope']).toBeUndefined();
    expect(wasInOne(await scene.row(token), await scene.row(refreshTokenIn(answer)))).toBe(false);
  });
});
