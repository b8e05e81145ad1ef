import { available, type Sql } from '../../store/index.ts';

/** Whose a refresh token is, and which family (in hexadecimal) it belongs to, spent or not. */
export async function readRefreshTokenOrigin(
  sql: Sql,
  idHash: Buffer,
): Promise<{ readonly clientId: string; readonly family: string } | undefined> {
  const [row] = await available(sql<Array<{ clientId: string; family: string }>>`
    select client_id as "clientId", encode(family_hash, 'hex') as family from refresh_tokens
    where id_hash = ${idHash} and family_hash is not null`);
  return row;
}
