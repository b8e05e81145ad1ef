import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, newSecret, type Sealer } from '../../base/index.ts';
import { available, type Sql } from '../../store/index.ts';
import { payloadSeal } from './payload.ts';
import { insertAuthorization } from './store.ts';

/** A browser whose user is signed in, and what that user allowed a client. */
export interface SignedIn {
  /** The session as the library stored it. */
  readonly session: AdapterPayload;
  readonly userSid: string;
  /** In organizations that may act and that the user is a member of. */
  readonly consents: ReadonlyArray<{
    readonly id: string;
    readonly organizationSid: string;
    readonly permissions: readonly string[];
  }>;
}

/** Authorizations that need nothing but what is there already. */
export interface SignedInBrowsers {
  /** One query for all that a request of a signed-in user is decided on. */
  find(cookie: string, clientId: string): Promise<SignedIn | undefined>;
  /** Stores a family and its code in one statement. @returns the code; nothing where consent or session just ended. */
  authorize(
    family: AdapterPayload,
    code: AdapterPayload,
    sessionUid: string,
    ttl: Lifetimes,
  ): Promise<string | undefined>;
}

/** Seconds. */
export interface Lifetimes {
  readonly family: number;
  readonly code: number;
}

interface SignedInRow {
  readonly payloadSealed: Buffer;
  readonly userSid: string;
  readonly consents: SignedIn['consents'];
}

async function readSignedIn(sql: Sql, idHash: Buffer, clientId: string): Promise<SignedInRow | undefined> {
  const [row] = await available(sql<SignedInRow[]>`
    select s.payload_sealed as "payloadSealed", s.user_sid as "userSid", coalesce((
      select json_agg(json_build_object(
        'id', g.id, 'organizationSid', g.organization_sid, 'permissions', coalesce(g.permissions, '{}')))
      from grants g
      join memberships m on m.user_sid = g.user_sid and m.organization_sid = g.organization_sid
      where g.user_sid = s.user_sid and g.client_id = ${clientId} and not exists (
        with recursive above as (
          select sid, parent_sid, standing from organizations where sid = g.organization_sid
          union
          select o.sid, o.parent_sid, o.standing from organizations o join above on o.sid = above.parent_sid
        ) select from above where standing = 'suspended')), '[]') as consents
    from sessions s join users u on u.sid = s.user_sid and u.standing = 'active'
    where s.id_hash = ${idHash} and s.expires_at > now()`);
  return row;
}

/** Opens the sessions for authorizations. */
export function signedInBrowsers(sql: Sql, sealer: Sealer): SignedInBrowsers {
  const sessions = payloadSeal(sealer, 'Session');
  const families = payloadSeal(sealer, 'Grant');
  const codes = payloadSeal(sealer, 'AuthorizationCode');
  return {
    async find(cookie, clientId) {
      const idHash = hashSecret(cookie);
      const row = await readSignedIn(sql, idHash, clientId);
      if (row === undefined) return undefined;
      const { payloadSealed, ...signedIn } = row;
      return { ...signedIn, session: sessions.open(idHash, payloadSealed) };
    },
    async authorize(family, code, sessionUid, ttl) {
      const [familyId, value] = [newSecret(), newSecret()];
      const [familyHash, codeHash, uidHash] = [familyId, value, sessionUid].map(hashSecret) as [Buffer, Buffer, Buffer];
      const stored = await insertAuthorization(
        sql,
        {
          kind: 'AuthorizationCode',
          idHash: codeHash,
          familyHash,
          clientId: code.clientId ?? null,
          userCodeHash: null,
          payloadSealed: codes.seal(codeHash, { ...code, grantId: familyId }),
          ttl: ttl.code,
        },
        {
          idHash: familyHash,
          payloadSealed: families.seal(familyHash, family),
          ttl: ttl.family,
          consentId: (family as { readonly consentId?: string }).consentId ?? null,
          sessionUidHash: uidHash,
          signedInUidHash: uidHash,
        },
      );
      return stored ? value : undefined;
    },
  };
}
