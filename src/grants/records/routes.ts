import type { z } from 'zod';
import { entryOf, listAnswer, type Operation, offsetOf, pageOf, read } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { fromPermissions } from '../rules.ts';
import { grantPath, grantQuery, grantRecord } from './schemas.ts';
import { deleteGrant, type GrantRow, listGrants, readGrant } from './store.ts';

const recordOf = (row: GrantRow): z.input<typeof grantRecord> => ({
  id: row.id,
  record_type: 'oauth_grant',
  client_id: row.clientId,
  user_id: row.userSid,
  org_id: row.organizationSid,
  scopes: [...row.scopes],
  permissions: fromPermissions(row.permissions).map(({ resource, scopes }) => ({
    resource: resource ?? null,
    scopes: [...scopes],
  })),
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  last_used_at: row.lastUsedAt?.toISOString() ?? null,
});

/** @throws Problem 404 */
function entry(row: GrantRow | undefined) {
  if (row === undefined) throw new Problem('not_found', 'There is no grant with this id.');
  return { data: recordOf(row) };
}

const shared = { tag: 'OAuth grants', status: 200 } as const;
const one = { path: '/oauth_grants/{id}', aliases: ['/oauth/grants/{id}'] } as const;

/** The consent records as they are managed. They come into being by consent only (`POST /oauth/grants`, or the pages). */
export const grantOperations = (sql: Sql): readonly Operation[] => [
  read(
    {
      ...shared,
      id: 'listOAuthGrants',
      method: 'get',
      path: '/oauth_grants',
      aliases: ['/oauth/grants'],
      summary: 'List OAuth grants',
      description: 'What users allowed clients in the organizations within reach, oldest first.',
      scopes: ['grants:read'],
      query: grantQuery,
      answer: listAnswer(grantRecord),
    },
    async ({ query, caller }) => {
      const { rows, total } = await listGrants(sql, caller, {
        clientId: query['filter[client_id]'],
        userSid: query['filter[user_id]'],
        limit: query['page[size]'],
        offset: offsetOf(query),
      });
      return pageOf(rows.map(recordOf), total, query);
    },
  ),
  read(
    {
      ...shared,
      ...one,
      id: 'retrieveOAuthGrant',
      method: 'get',
      summary: 'Retrieve an OAuth grant',
      scopes: ['grants:read'],
      params: grantPath,
      answer: entryOf(grantRecord),
    },
    async ({ params, caller }) => entry(await readGrant(sql, caller, params.id)),
  ),
  read(
    {
      ...shared,
      ...one,
      id: 'deleteOAuthGrant',
      method: 'delete',
      summary: 'Revoke an OAuth grant',
      description:
        'Ends every code, refresh token and access token that the client ever got by it, at once. The answer is the grant as it was. The client has to ask the user again.',
      scopes: ['grants:write'],
      params: grantPath,
      answer: entryOf(grantRecord),
    },
    async ({ params, caller, origin }) => entry(await deleteGrant(sql, caller, origin, params.id)),
  ),
];
