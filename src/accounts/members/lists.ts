import { offsetOf, type Page, type Role } from '../../api/index.ts';
import { available, type Sql } from '../../store/index.ts';
import { type Counted, type Listed, listed } from '../lists.ts';

/** A user as they are managed. */
export interface ManagedUser {
  readonly sid: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  readonly hasPassword: boolean;
  readonly standing: 'active' | 'suspended';
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A membership as it is managed. */
export interface ManagedMembership {
  readonly organizationSid: string;
  readonly userSid: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
}

/** Which users are asked for. Null asks for all. */
export interface UserWish {
  readonly reach: string[] | null;
  readonly sid: string | null;
  readonly email: string | null;
  readonly organizationSid: string | null;
}

/** Reads a page of the members of organizations within reach, oldest first. */
export async function readUsers(
  sql: Sql,
  { reach, sid: wanted, email, organizationSid }: UserWish,
  page: Page,
): Promise<Listed<ManagedUser>> {
  const rows = await available(sql<Array<Counted<ManagedUser>>>`
    with found as not materialized (
      select * from users u where (${wanted}::text is null or u.sid = ${wanted})
        and (${email}::text is null or u.email = ${email})
        and ((${reach}::text[] is null and ${organizationSid}::text is null) or exists (
          select from memberships m where m.user_sid = u.sid
            and (${reach}::text[] is null or m.organization_sid = any(${reach}::text[]))
            and (${organizationSid}::text is null or m.organization_sid = ${organizationSid})))
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select sid, email, email_verified as "emailVerified", name, standing,
        password_hash like '$argon2id$%' as "hasPassword", created_at as "createdAt", updated_at as "updatedAt"
      from found order by created_at, sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, ({ sid }) => sid !== null);
}

/** Reads one user, if they are a member of an organization within reach. */
export async function readUserWithin(sql: Sql, reach: string[] | null, sid: string): Promise<ManagedUser | undefined> {
  const wish = { reach, sid, email: null, organizationSid: null };
  return (await readUsers(sql, wish, { 'page[number]': 1, 'page[size]': 1 })).rows[0];
}

/** Reads a page of the members of an organization, who came first before. @param userSid null for all. */
export async function readMembers(
  sql: Sql,
  { organizationSid, userSid }: { readonly organizationSid: string; readonly userSid: string | null },
  page: Page,
): Promise<Listed<ManagedMembership>> {
  const rows = await available(sql<Array<Counted<ManagedMembership>>>`
    with found as not materialized (
      select * from memberships where organization_sid = ${organizationSid}
        and (${userSid}::text is null or user_sid = ${userSid})
    )
    select t.total, p.* from (select count(*)::int as total from found) t left join lateral (
      select m.organization_sid as "organizationSid", m.user_sid as "userSid", u.email, u.name, m.role,
        m.created_at as "createdAt"
      from found m join users u on u.sid = m.user_sid
      order by m.created_at, m.user_sid limit ${page['page[size]']} offset ${offsetOf(page)}::bigint) p on true`);
  return listed(rows, (row) => row.userSid !== null);
}
