import { change, entryOf, listAnswer, type Operation, pageOf, reachesAccount, read } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { reachList } from '../calls.ts';
import type { TenantParts } from '../types.ts';
import {
  accountPath,
  accountRecord,
  accountWithToken,
  createAccountBody,
  listAccountsQuery,
  updateAccountBody,
} from './schemas.ts';
import {
  accountEntry,
  addAccount,
  deleteAccount,
  rotateAuthToken,
  setAccountStanding,
  updateAccount,
} from './service.ts';
import { readAccount, readAccounts } from './store.ts';

const tag = 'Accounts';
const mayRead = ['accounts:read'];
const mayWrite = ['accounts:write'];
const answer = entryOf(accountRecord);
const path = '/accounts/{sid}';
const params = accountPath;

function standings() {
  const words = { suspend: 'suspended', resume: 'active' } as const;
  return (['suspend', 'resume'] as const).map((verb) =>
    change(
      {
        id: `${verb}Account`,
        method: 'post',
        path: `${path}/${verb}`,
        tag,
        summary: verb === 'suspend' ? 'Suspend an account' : 'Resume an account',
        description:
          verb === 'suspend'
            ? 'Its API keys and tokens stop at once. Nothing is deleted.'
            : 'Its API keys work again. Tokens from before the suspension stay revoked.',
        scopes: mayWrite,
        status: 200,
        params,
        answer,
      },
      async (call) => ({ data: accountEntry(await setAccountStanding(call, call.params.sid, words[verb])) }),
    ),
  );
}

function reading({ sql }: TenantParts) {
  return [
    read(
      {
        id: 'listAccounts',
        method: 'get',
        path: '/accounts',
        tag,
        summary: 'List accounts',
        scopes: mayRead,
        status: 200,
        query: listAccountsQuery,
        answer: listAnswer(accountRecord),
      },
      async ({ query, caller }) => {
        const wish = {
          reach: reachList(caller),
          own: caller.accountSid ?? null,
          organizationSid: query['filter[organization_sid]'] ?? null,
          name: query['filter[name]'] ?? null,
          status: query['filter[status]'] ?? null,
        };
        const { rows, total } = await readAccounts(sql, wish, query);
        return pageOf(rows.map(accountEntry), total, query);
      },
    ),
    read(
      {
        id: 'retrieveAccount',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve an account',
        scopes: mayRead,
        status: 200,
        params,
        answer,
      },
      async ({ params: { sid }, caller }) => {
        const row = await readAccount(sql, sid);
        if (row === undefined || !reachesAccount(caller, row)) {
          throw new Problem('not_found', 'There is no account with this id.');
        }
        return { data: accountEntry(row) };
      },
    ),
  ];
}

/** Accounts over REST. */
export function accountOperations(parts: TenantParts): readonly Operation[] {
  const { sealer } = parts;
  return [
    ...reading(parts),
    change(
      {
        id: 'createAccount',
        method: 'post',
        path: '/accounts',
        tag,
        summary: 'Create an account',
        description: 'The answer shows the auth token, and no other does.',
        scopes: mayWrite,
        status: 201,
        body: createAccountBody,
        answer: entryOf(accountWithToken),
      },
      async (call) => ({ data: await addAccount(call, sealer, call.body) }),
    ),
    change(
      {
        id: 'updateAccount',
        method: 'put',
        path,
        tag,
        summary: 'Update an account',
        scopes: mayWrite,
        status: 200,
        params,
        body: updateAccountBody,
        bodyOptional: true,
        answer,
      },
      async (call) => ({ data: accountEntry(await updateAccount(call, call.params.sid, call.body)) }),
    ),
    ...standings(),
    change(
      {
        id: 'rotateAuthToken',
        method: 'post',
        path: `${path}/auth_token`,
        tag,
        summary: 'Rotate the auth token of an account',
        description: 'The token before stops at once. The answer shows the new one, and no other does.',
        scopes: mayWrite,
        status: 200,
        params,
        answer: entryOf(accountWithToken),
      },
      async (call) => ({ data: await rotateAuthToken(call, sealer, call.params.sid) }),
    ),
    change(
      {
        id: 'deleteAccount',
        method: 'delete',
        path,
        tag,
        summary: 'Delete an account',
        description: 'Only one without live API keys; its revoked ones and its public keys go along.',
        scopes: mayWrite,
        status: 204,
        params,
      },
      (call) => deleteAccount(call, call.params.sid),
    ),
  ];
}
