import { change, entryOf, listAnswer, type Operation, pageOf, read } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { reachList } from '../calls.ts';
import type { TenantParts } from '../types.ts';
import {
  apiKeyPath,
  apiKeyRecord,
  apiKeyWithSecret,
  createApiKeyBody,
  listApiKeysQuery,
  updateApiKeyBody,
} from './schemas.ts';
import { addApiKey, apiKeyEntry, revokeApiKey, updateApiKey } from './service.ts';
import { readApiKeys } from './store.ts';

const tag = 'API keys';
const mayRead = ['api_keys:read'];
const mayWrite = ['api_keys:write'];
const answer = entryOf(apiKeyRecord);
const path = '/api_keys/{sid}';
const params = apiKeyPath;

function reading({ sql }: TenantParts) {
  const all = { sid: null, accountSid: null, userSid: null, revoked: null };
  return [
    read(
      {
        id: 'listApiKeys',
        method: 'get',
        path: '/api_keys',
        tag,
        summary: 'List API keys',
        scopes: mayRead,
        status: 200,
        query: listApiKeysQuery,
        answer: listAnswer(apiKeyRecord),
      },
      async ({ query, caller }) => {
        const status = query['filter[status]'];
        const wish = {
          ...all,
          reach: reachList(caller),
          own: caller.accountSid ?? null,
          accountSid: query['filter[account_sid]'] ?? null,
          userSid: query['filter[user_sid]'] ?? null,
          revoked: status === undefined ? null : status === 'revoked',
        };
        const { rows, total } = await readApiKeys(sql, wish, query);
        return pageOf(rows.map(apiKeyEntry), total, query);
      },
    ),
    read(
      {
        id: 'retrieveApiKey',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve an API key',
        scopes: mayRead,
        status: 200,
        params,
        answer,
      },
      async ({ params: { sid }, caller }) => {
        const wish = { ...all, reach: reachList(caller), own: caller.accountSid ?? null, sid };
        const [row] = (await readApiKeys(sql, wish, { 'page[number]': 1, 'page[size]': 1 })).rows;
        if (row === undefined) throw new Problem('not_found', 'There is no API key with this id.');
        return { data: apiKeyEntry(row) };
      },
    ),
  ];
}

/** API keys over REST. */
export function apiKeyOperations(parts: TenantParts): readonly Operation[] {
  return [
    ...reading(parts),
    change(
      {
        id: 'createApiKey',
        method: 'post',
        path: '/api_keys',
        tag,
        summary: 'Create an API key',
        description: 'The answer shows the secret, and no other does.',
        scopes: mayWrite,
        status: 201,
        body: createApiKeyBody,
        answer: entryOf(apiKeyWithSecret),
      },
      async (call) => ({ data: await addApiKey(call, parts, call.body) }),
    ),
    change(
      {
        id: 'updateApiKey',
        method: 'put',
        path,
        tag,
        summary: 'Update an API key',
        scopes: mayWrite,
        status: 200,
        params,
        body: updateApiKeyBody,
        bodyOptional: true,
        answer,
      },
      async (call) => ({ data: apiKeyEntry(await updateApiKey(call, parts, call.params.sid, call.body)) }),
    ),
    change(
      {
        id: 'revokeApiKey',
        method: 'delete',
        path,
        tag,
        summary: 'Revoke an API key',
        description: 'It stops at once, for good. Its record stays, with the status revoked.',
        scopes: mayWrite,
        status: 204,
        params,
      },
      (call) => revokeApiKey(call, call.params.sid),
    ),
  ];
}
