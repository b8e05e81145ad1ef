import type { KoaContextWithOIDC } from 'oidc-provider';
import { available, type Sql } from '../../store/index.ts';
import { Provider } from '../library.ts';
import { originOf, type RequestOrigin } from './origin.ts';

/** Who presented something that had been used before. */
export interface Reuse extends RequestOrigin {
  readonly what: 'authorization_code' | 'refresh_token';
  readonly clientId: string | null;
}

/** Says so of the request that the library is answering. */
export function reuseOf(what: Reuse['what'], ctx: KoaContextWithOIDC | undefined = Provider.ctx): Reuse {
  return { what, clientId: ctx?.oidc.client?.clientId ?? null, ...originOf(ctx) };
}

/** The audit event of each family in `ended`, a part of the statement that ends it. */
export const auditReuse = (sql: Sql, { what, clientId, address, requestId }: Reuse) => sql`
  insert into audit_events
    (action, actor_type, actor_id, target_type, target_id, organization_sid, address, request_id, detail)
  select 'token.reuse_detected', 'client', ${clientId}::text, 'family', encode(ended.id_hash, 'hex'),
    g.organization_sid, ${address}::text, ${requestId}::text, jsonb_build_object('what', ${what}::text, 'user', g.user_sid)
  from ended left join grants g on g.id = ended.grant_id`;

/**
 * Ends a family since something of it was used twice, and records that (RFC 9700 section 4.14.2): one statement. A
 * trigger revokes the access tokens that carry it. Of one that has ended before nothing is recorded.
 */
export async function endReusedFamily(sql: Sql, idHash: Buffer, reuse: Reuse): Promise<void> {
  await available(sql`
    with ended as (
      update families set revoked_at = now() where id_hash = ${idHash} and revoked_at is null
      returning id_hash, grant_id
    )
    ${auditReuse(sql, reuse)}`);
}
