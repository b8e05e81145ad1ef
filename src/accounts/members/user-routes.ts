import { change, entryOf, listAnswer, type Operation, pageOf, read } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { reachList } from '../calls.ts';
import { createHasher } from '../passwords.ts';
import { normalizeEmail } from '../rules.ts';
import type { TenantParts } from '../types.ts';
import { readUsers, readUserWithin } from './lists.ts';
import { createUserBody, listUsersQuery, updateUserBody, userPath, userRecord } from './schemas.ts';
import { addUser, checkWish, deleteUserWhole, setUserStanding, updateUser, userEntry } from './users.ts';

const tag = 'Users';
const mayRead = ['users:read'];
const mayWrite = ['users:write'];
const answer = entryOf(userRecord);
const path = '/users/{sid}';
const params = userPath;

const wholeOnly =
  'Not for a user who is a member of organizations out of reach too, or who has a role above the caller’s.';

function reading({ sql }: TenantParts) {
  return [
    read(
      {
        id: 'listUsers',
        method: 'get',
        path: '/users',
        tag,
        summary: 'List users',
        description: 'The members of organizations within reach.',
        scopes: mayRead,
        status: 200,
        query: listUsersQuery,
        answer: listAnswer(userRecord),
      },
      async ({ query, caller }) => {
        const { 'filter[email]': email, 'filter[organization_sid]': organizationSid = null } = query;
        const wanted = email === undefined ? null : (normalizeEmail(email) ?? email);
        const wish = { reach: reachList(caller), sid: null, email: wanted, organizationSid };
        const { rows, total } = await readUsers(sql, wish, query);
        return pageOf(rows.map(userEntry), total, query);
      },
    ),
    read(
      {
        id: 'retrieveUser',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve a user',
        scopes: mayRead,
        status: 200,
        params,
        answer,
      },
      async ({ params: { sid }, caller }) => {
        const row = await readUserWithin(sql, reachList(caller), sid);
        if (row === undefined) throw new Problem('not_found', 'There is no user with this id.');
        return { data: userEntry(row) };
      },
    ),
  ];
}

function writing() {
  const hash = createHasher();
  const hashed = async (password: string | undefined, email: string) => {
    checkWish(password, email);
    return password === undefined ? undefined : hash(password);
  };
  return [
    change(
      {
        id: 'createUser',
        method: 'post',
        path: '/users',
        tag,
        summary: 'Create a user',
        description:
          'Makes them a member of an organization. Somebody within reach who is there already is added as a member by e-mail.',
        scopes: mayWrite,
        status: 201,
        body: createUserBody,
        answer,
        prepare: ({ body: { password, email } }) => hashed(password, email),
      },
      async (call) => ({ data: userEntry(await addUser(call, call.body, call.prepared)) }),
    ),
    change(
      {
        id: 'updateUser',
        method: 'put',
        path,
        tag,
        summary: 'Update a user',
        description: wholeOnly,
        scopes: mayWrite,
        status: 200,
        params,
        body: updateUserBody,
        bodyOptional: true,
        answer,
        prepare: ({ body: { password, email } }) => hashed(password, email ?? ''),
      },
      async (call) => ({ data: userEntry(await updateUser(call, call.params.sid, call.body, call.prepared)) }),
    ),
  ];
}

function ending({ sealer }: TenantParts) {
  const words = { suspend: 'suspended', resume: 'active' } as const;
  const standings = (['suspend', 'resume'] as const).map((verb) =>
    change(
      {
        id: `${verb}User`,
        method: 'post',
        path: `${path}/${verb}`,
        tag,
        summary: verb === 'suspend' ? 'Suspend a user' : 'Resume a user',
        description:
          verb === 'suspend'
            ? `Their sessions, keys and tokens stop at once. ${wholeOnly}`
            : `Their keys work again. Tokens from before the suspension stay revoked. ${wholeOnly}`,
        scopes: mayWrite,
        status: 200,
        params,
        answer,
      },
      async (call) => ({ data: userEntry(await setUserStanding(call, call.params.sid, words[verb])) }),
    ),
  );
  return [
    ...standings,
    change(
      {
        id: 'deleteUser',
        method: 'delete',
        path,
        tag,
        summary: 'Delete a user',
        description: `Memberships, API keys, consent, sessions and tokens go along. ${wholeOnly}`,
        scopes: mayWrite,
        status: 204,
        params,
      },
      (call) => deleteUserWhole(call, sealer, call.params.sid),
    ),
  ];
}

/** Users over REST. */
export function userOperations(parts: TenantParts): readonly Operation[] {
  return [...reading(parts), ...writing(), ...ending(parts)];
}
