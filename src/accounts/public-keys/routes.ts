import { change, entryOf, listAnswer, type Operation, pageOf, read } from '../../api/index.ts';
import { reachList } from '../calls.ts';
import type { TenantParts } from '../types.ts';
import {
  createPublicKeyBody,
  listPublicKeysQuery,
  publicKeyPath,
  publicKeyRecord,
  updatePublicKeyBody,
} from './schemas.ts';
import { addPublicKey, deletePublicKey, noPublicKey, publicKeyEntry, updatePublicKey } from './service.ts';
import { readPublicKeys } from './store.ts';

const tag = 'Public keys';
const mayRead = ['public_keys:read'];
const mayWrite = ['public_keys:write'];
const answer = entryOf(publicKeyRecord);
const path = '/public_keys/{sid}';
const params = publicKeyPath;

function reading({ sql }: TenantParts) {
  return [
    read(
      {
        id: 'listPublicKeys',
        method: 'get',
        path: '/public_keys',
        tag,
        summary: 'List public keys',
        scopes: mayRead,
        status: 200,
        query: listPublicKeysQuery,
        answer: listAnswer(publicKeyRecord),
      },
      async ({ query, caller }) => {
        const accountSid = query['filter[account_sid]'] ?? null;
        const wish = { reach: reachList(caller), ownAccount: caller.accountSid ?? null, sid: null, accountSid };
        const { rows, total } = await readPublicKeys(sql, wish, query);
        return pageOf(rows.map(publicKeyEntry), total, query);
      },
    ),
    read(
      {
        id: 'retrievePublicKey',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve a public key',
        scopes: mayRead,
        status: 200,
        params,
        answer,
      },
      async ({ params: { sid }, caller }) => {
        const wish = { reach: reachList(caller), ownAccount: caller.accountSid ?? null, sid, accountSid: null };
        const [row] = (await readPublicKeys(sql, wish, { 'page[number]': 1, 'page[size]': 1 })).rows;
        if (row === undefined) throw noPublicKey();
        return { data: publicKeyEntry(row) };
      },
    ),
  ];
}

/** Public keys of accounts over REST. */
export function publicKeyOperations(parts: TenantParts): readonly Operation[] {
  return [
    ...reading(parts),
    change(
      {
        id: 'createPublicKey',
        method: 'post',
        path: '/public_keys',
        tag,
        summary: 'Create a public key',
        description: 'Adds the public half of a key pair that you have made. The private half stays with you.',
        scopes: mayWrite,
        status: 201,
        body: createPublicKeyBody,
        answer,
      },
      async (call) => ({ data: publicKeyEntry(await addPublicKey(call, call.body)) }),
    ),
    change(
      {
        id: 'updatePublicKey',
        method: 'put',
        path,
        tag,
        summary: 'Rename a public key',
        scopes: mayWrite,
        status: 200,
        params,
        body: updatePublicKeyBody,
        bodyOptional: true,
        answer,
      },
      async (call) => ({ data: publicKeyEntry(await updatePublicKey(call, call.params.sid, call.body)) }),
    ),
    change(
      {
        id: 'deletePublicKey',
        method: 'delete',
        path,
        tag,
        summary: 'Delete a public key',
        description:
          'What its private half signs is refused at once. The last key of an account that requires validation stays.',
        scopes: mayWrite,
        status: 204,
        params,
      },
      (call) => deletePublicKey(call, call.params.sid),
    ),
  ];
}
