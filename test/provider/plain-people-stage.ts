import { createHmac } from 'node:crypto';
import { hashSecret, newSecret } from '../../src/base/index.ts';
import { cookieKey } from '../../src/provider/cookies.ts';
import { payloadSeal } from '../../src/provider/storage/payload.ts';
import { refreshTokenRows } from '../../src/provider/storage/refresh-token-row.ts';
import { plainColumns } from '../../src/provider/storage/rotation.ts';
import type { Engines } from './plain-engines.ts';
import type { OrganizationName, PeopleCast, UserName } from './plain-people-cast.ts';

/** What a user has allowed a client, as lines of the consent record. */
export interface ConsentWish {
  readonly organization: OrganizationName;
  readonly permissions: readonly string[];
}

export const tokenStates = [
  'fresh',
  'spent',
  'expired',
  'family revoked',
  'family expired',
  'family missing',
  'consent deleted',
  'organization left',
  'of another user',
  'bound to a key',
] as const;

/** A code or a refresh token with its family and consent, as sign-in and consent would have left them. */
export interface TokenWish {
  readonly model: 'AuthorizationCode' | 'RefreshToken';
  readonly clientId: string;
  readonly user: UserName;
  readonly consent: ConsentWish;
  readonly state: (typeof tokenStates)[number];
  /** Members of the payload that the case varies. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly family: Readonly<Record<string, unknown>>;
  /** Seconds since it was issued. */
  readonly age: number;
  /** A refresh token as earlier releases stored them. */
  readonly older: boolean;
}

export const sessionStates = ['fresh', 'ageing', 'expired', 'signed out', 'anonymous'] as const;

export interface SessionWish {
  readonly user: UserName;
  readonly clientId: string;
  readonly state: (typeof sessionStates)[number];
  readonly remembered: OrganizationName | undefined;
  readonly consents: readonly ConsentWish[];
}

/** One server's half of a case: what was made, and the names that its random values go by in a comparison. */
export interface Half {
  readonly value: string;
  readonly grantId: string;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly madeAt: number;
  readonly names: ReadonlyMap<string, string>;
}

export interface Stage {
  token(side: 0 | 1, wish: TokenWish): Promise<Half>;
  session(side: 0 | 1, wish: SessionWish): Promise<Half>;
}

/** A signed cookie as browsers send it. */
export function cookiePair(engines: Engines, value: string): readonly [string, string] {
  const pair = `cs_session=${value}`;
  const signature = createHmac('sha1', cookieKey(engines.sealer)).update(pair).digest('base64url');
  return [pair, `cs_session.sig=${signature}`];
}

const verifierMembers = { codeChallengeMethod: 'S256' };

/** Opens the place where the twins of a case are made. */
export function openStage({ house, organizations, twins }: PeopleCast, { sealer, config }: Engines): Stage {
  const { sql } = house.database;
  const rows = refreshTokenRows(sealer);
  const seal = (kind: string, value: string, payload: object) =>
    payloadSeal(sealer, kind).seal(hashSecret(value), payload as never);

  const usersOf = (side: 0 | 1) =>
    Object.entries(twins[side]).map(([name, sid]): [string, string] => [sid, `USER ${name}`]);

  async function consent(user: string, clientId: string, { organization, permissions }: ConsentWish) {
    const scopes = permissions.map((line) => line.split(' ').at(-1) ?? '');
    const [row] = await sql<Array<{ id: string }>>`
      insert into grants (id, user_sid, client_id, organization_sid, scopes, permissions)
      select gen_random_uuid(), ${user}, client_id, ${organizations[organization]}, ${scopes}, ${[...permissions]}
      from oauth_clients where client_id = ${clientId}
      on conflict (user_sid, client_id, organization_sid) do update
        set permissions = excluded.permissions, scopes = excluded.scopes, last_used_at = null
      returning id`;
    return row?.id ?? null;
  }

  async function end(state: TokenWish['state'], half: Half, consentId: string | null, organization: string) {
    const family = hashSecret(half.grantId);
    if (state === 'family revoked') await sql`update families set revoked_at = now() where id_hash = ${family}`;
    if (state === 'family missing') await sql`delete from families where id_hash = ${family}`;
    if (state === 'consent deleted') await sql`delete from grants where id = ${consentId}`;
    if (state === 'organization left') {
      const of = sql`user_sid = ${half.user} and organization_sid = ${organization}`;
      const left = await sql`delete from memberships where ${of} returning role`;
      if (left.length > 0) {
        await sql`insert into memberships (user_sid, organization_sid, role) values (${half.user}, ${organization}, 'owner')`;
      }
    }
  }

  async function insertToken(wish: TokenWish, half: Half, payload: object, familyPayload: object) {
    const idHash = hashSecret(half.value);
    const family = hashSecret(half.grantId);
    const spent = wish.state === 'spent' ? new Date(Date.now() - 3_600_000) : null;
    const expires = new Date(Date.now() + (wish.state === 'expired' ? -5_000 : 600_000));
    const made = new Date((half.madeAt - wish.age) * 1000);
    if (wish.model === 'AuthorizationCode') {
      await sql`
        insert into artifacts (kind, id_hash, family_hash, client_id, payload_sealed, created_at, expires_at, consumed_at)
        values (${wish.model}, ${idHash}, ${family}, ${wish.clientId}, ${seal(wish.model, half.value, payload)}, ${made},
          ${expires}, ${spent})`;
      return;
    }
    const { payloadSealed, plain } = rows.draft(
      half.value,
      payload as never,
      wish.older ? undefined : familyPayload,
      undefined,
    );
    const organization = organizations[wish.consent.organization];
    await sql`
      insert into refresh_tokens (id_hash, family_hash, user_sid, client_id, organization_sid, session_uid_hash,
        payload_sealed, created_at, expires_at, spent_at, resource, scope, iat, exp, iiat, rotations)
      values (${idHash}, ${family}, ${half.user}, ${wish.clientId}, ${organization}, ${hashSecret('uid')},
        ${payloadSealed}, ${made}, ${expires}, ${spent}, ${plainColumns(sql, plain)})`;
  }

  /** The session as the library stores it. */
  function sessionPayload(
    { state, clientId, remembered: choice }: SessionWish,
    user: string,
    uid: string,
    madeAt: number,
  ) {
    const iat = madeAt - (state === 'ageing' ? 90 : 2) - (state === 'expired' ? config.tokens.sessionTtl : 0);
    const remembered = choice === undefined ? {} : { organizationSid: organizations[choice] };
    const login = state === 'anonymous' ? {} : { accountId: user, loginTs: madeAt - 500 };
    const authorizations = { [clientId]: { sid: 'sid', ...remembered } };
    return { iat, exp: iat + config.tokens.sessionTtl, kind: 'Session', uid, authorizations, ...login };
  }

  return {
    async token(side, wish) {
      const user = twins[side][wish.user];
      const other = twins[side][wish.user === 'one' ? 'two' : 'one'];
      const madeAt = Math.floor(Date.now() / 1000);
      const [value, grantId] = [newSecret(), newSecret()];
      const organization = organizations[wish.consent.organization];
      const consentId = await consent(user, wish.clientId, wish.consent);
      const half: Half = {
        value,
        grantId,
        user,
        madeAt,
        names: new Map([
          [value, 'VALUE'],
          [grantId, 'FAMILY'],
          ...usersOf(side),
          [consentId ?? 'no consent', 'CONSENT'],
          [hashSecret(grantId).toString('hex'), 'FAMILY HASH'],
        ]),
      };
      const common = { iat: madeAt - wish.age, clientId: wish.clientId };
      const family = {
        ...common,
        exp: madeAt + (wish.state === 'family expired' ? -5 : 86_400),
        kind: 'Grant',
        accountId: wish.state === 'of another user' ? other : user,
        organizationSid: organization,
        consentId,
        rejected: {},
        ...wish.family,
      };
      await sql`
        insert into families (id_hash, grant_id, session_uid_hash, payload_sealed, expires_at)
        values (${hashSecret(grantId)}, ${consentId}, ${hashSecret('uid')}, ${seal('Grant', grantId, family)},
          ${new Date(family.exp * 1000)})`;
      const payload = {
        ...common,
        exp: madeAt + (wish.state === 'expired' ? -5 : 600),
        kind: wish.model,
        accountId: user,
        authTime: madeAt - wish.age,
        grantId,
        sessionUid: 'uid',
        ...(wish.model === 'AuthorizationCode'
          ? verifierMembers
          : { gty: 'authorization_code', iiat: madeAt - wish.age, rotations: 0 }),
        ...(wish.state === 'bound to a key' ? { jkt: 'x', dpopJkt: 'x' } : {}),
        ...wish.members,
      };
      await insertToken(wish, half, payload, family);
      await end(wish.state, half, consentId, organization);
      return half;
    },
    async session(side, wish) {
      const user = twins[side][wish.user];
      const madeAt = Math.floor(Date.now() / 1000);
      const [value, uid] = [newSecret(), newSecret()];
      const names = new Map([...usersOf(side), [uid, 'SESSION'], [hashSecret(uid).toString('hex'), 'SESSION HASH']]);
      await sql`delete from grants where user_sid = ${user} and client_id = ${wish.clientId}`;
      for (const one of wish.consents) {
        names.set((await consent(user, wish.clientId, one)) ?? 'no consent', `CONSENT ${one.organization}`);
      }
      const payload = sessionPayload(wish, user, uid, madeAt);
      if (wish.state !== 'signed out') {
        await sql`
          insert into sessions (id_hash, uid_hash, user_sid, payload_sealed, expires_at)
          values (${hashSecret(value)}, ${hashSecret(uid)}, ${wish.state === 'anonymous' ? null : user},
            ${seal('Session', value, payload)}, ${new Date(payload.exp * 1000)})`;
      }
      return { value, grantId: uid, user, madeAt, names };
    },
  };
}
