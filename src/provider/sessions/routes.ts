import type { z } from 'zod';
import { entryOf, listAnswer, type Operation, offsetOf, pageOf, read } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { sessionPath, sessionQuery, sessionRecord, userPath } from './schemas.ts';
import { endSessions, hasUser, listSessions, readSession, type SessionRow } from './store.ts';

/**
 * Sessions are named by the SHA-256 of their `uid`. The cookie is another value altogether, and a look-up takes the `uid`
 * itself: who knows the name can do nothing with it but call these operations.
 */
const recordOf = (row: SessionRow): z.input<typeof sessionRecord> => ({
  id: row.uidHash.toString('hex'),
  record_type: 'session',
  user_id: row.userSid,
  created_at: row.createdAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
});

const hashOf = (id: string) => Buffer.from(id, 'hex');

const noSession = () => new Problem('not_found', 'There is no session with this id.');

const shared = { tag: 'Sessions' } as const;

const whatEnds =
  'Signs the user out there, and ends the tokens that hang on the session, at once. What was given offline access goes on: delete its grant.';

function looking(sql: Sql): readonly Operation[] {
  return [
    read(
      {
        ...shared,
        id: 'listSessions',
        method: 'get',
        path: '/sessions',
        summary: 'List sessions',
        description: 'Where the members of the organizations within reach are signed in, oldest first.',
        scopes: ['sessions:read'],
        status: 200,
        query: sessionQuery,
        answer: listAnswer(sessionRecord),
      },
      async ({ query, caller }) => {
        const { rows, total } = await listSessions(sql, caller, {
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
        id: 'retrieveSession',
        method: 'get',
        path: '/sessions/{id}',
        summary: 'Retrieve a session',
        scopes: ['sessions:read'],
        status: 200,
        params: sessionPath,
        answer: entryOf(sessionRecord),
      },
      async ({ params, caller }) => {
        const row = await readSession(sql, caller, hashOf(params.id));
        if (row === undefined) throw noSession();
        return { data: recordOf(row) };
      },
    ),
  ];
}

function ending(sql: Sql): readonly Operation[] {
  return [
    read(
      {
        ...shared,
        id: 'deleteSession',
        method: 'delete',
        path: '/sessions/{id}',
        summary: 'End a session',
        description: whatEnds,
        scopes: ['sessions:write'],
        status: 204,
        params: sessionPath,
      },
      async ({ params, caller, origin }) => {
        if ((await endSessions(sql, caller, origin, { uidHash: hashOf(params.id) })) === 0) throw noSession();
        return undefined;
      },
    ),
    read(
      {
        ...shared,
        id: 'deleteUserSessions',
        method: 'delete',
        path: '/users/{sid}/sessions',
        summary: 'End all sessions of a user',
        description: whatEnds,
        scopes: ['sessions:write'],
        status: 204,
        params: userPath,
      },
      async ({ params, caller, origin }) => {
        if (!(await hasUser(sql, caller, params.sid))) {
          throw new Problem('not_found', 'There is no user with this SID.');
        }
        await endSessions(sql, caller, origin, { userSid: params.sid });
        return undefined;
      },
    ),
  ];
}

/** The login sessions of people, as they are managed. They come into being by signing in. */
export const sessionOperations = (sql: Sql): readonly Operation[] => [...looking(sql), ...ending(sql)];
