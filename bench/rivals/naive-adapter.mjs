/**
 * oidc-provider's storage as the usual examples have it: one table, the payload as JSON, values in clear, a query for
 * every question that the library asks. It uses the same database client as this repository's server, so that the
 * difference is what is asked, not who asks.
 * @param {import('postgres').Sql} sql
 * @param {ReadonlyArray<{ client_id: string }>} clients stored like everything else.
 */
export async function createNaiveAdapter(sql, clients) {
  await sql`
    create table if not exists oidc_payloads (
      id text not null, type text not null, payload jsonb not null,
      grant_id text, user_code text, uid text, expires_at timestamptz, consumed_at timestamptz,
      primary key (id, type))`;
  await sql`create index if not exists oidc_payloads_grant_id on oidc_payloads (grant_id)`;
  await sql`create index if not exists oidc_payloads_uid on oidc_payloads (uid)`;
  await sql`create index if not exists oidc_payloads_user_code on oidc_payloads (user_code)`;

  /** @param {Array<Record<string, any>>} rows */
  function payloadOf([row]) {
    if (row === undefined || (row['expires_at'] !== null && row['expires_at'] < new Date())) return undefined;
    return { ...row['payload'], ...(row['consumed_at'] === null ? {} : { consumed: true }) };
  }

  class NaiveAdapter {
    /** @param {string} name of the library's model. */
    constructor(name) {
      this.name = name;
    }

    /** @param {string} id @param {Record<string, any>} payload @param {number} [expiresIn] seconds. */
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000);
      const { grantId = null, userCode = null, uid = null } = payload;
      await sql`
        insert into oidc_payloads (id, type, payload, grant_id, user_code, uid, expires_at)
        values (${id}, ${this.name}, ${sql.json(payload)}, ${grantId}, ${userCode}, ${uid}, ${expiresAt})
        on conflict (id, type) do update set payload = excluded.payload, grant_id = excluded.grant_id,
          user_code = excluded.user_code, uid = excluded.uid, expires_at = excluded.expires_at`;
    }

    /** @param {string} id */
    async find(id) {
      return payloadOf(
        await sql`select payload, expires_at, consumed_at from oidc_payloads where id = ${id} and type = ${this.name}`,
      );
    }

    /** @param {string} uid */
    async findByUid(uid) {
      return payloadOf(
        await sql`select payload, expires_at, consumed_at from oidc_payloads where uid = ${uid} and type = ${this.name}`,
      );
    }

    /** @param {string} code */
    async findByUserCode(code) {
      return payloadOf(
        await sql`
          select payload, expires_at, consumed_at from oidc_payloads where user_code = ${code} and type = ${this.name}`,
      );
    }

    /** @param {string} id */
    async destroy(id) {
      await sql`delete from oidc_payloads where id = ${id} and type = ${this.name}`;
    }

    /** @param {string} id */
    async consume(id) {
      await sql`update oidc_payloads set consumed_at = now() where id = ${id} and type = ${this.name}`;
    }

    /** @param {string} grantId */
    async revokeByGrantId(grantId) {
      await sql`delete from oidc_payloads where grant_id = ${grantId}`;
    }
  }

  const table = new NaiveAdapter('Client');
  await Promise.all(clients.map((client) => table.upsert(client.client_id, client)));
  return NaiveAdapter;
}
