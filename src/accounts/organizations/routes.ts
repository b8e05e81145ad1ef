import { change, entryOf, listAnswer, type Operation, pageOf, read, requireReach } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { reachList } from '../calls.ts';
import type { TenantParts } from '../types.ts';
import {
  createOrganizationBody,
  listOrganizationsQuery,
  organizationPath,
  organizationRecord,
  updateOrganizationBody,
} from './schemas.ts';
import {
  addOrganization,
  deleteOrganization,
  organizationEntry,
  setOrganizationStanding,
  updateOrganization,
} from './service.ts';
import { readManagedOrganization, readOrganizations } from './store.ts';

const tag = 'Organizations';
const mayRead = ['organizations:read'];
const mayWrite = ['organizations:write'];
const answer = entryOf(organizationRecord);
const path = '/organizations/{sid}';

function standings() {
  const words = { suspend: 'suspended', resume: 'active' } as const;
  return (['suspend', 'resume'] as const).map((verb) =>
    change(
      {
        id: `${verb}Organization`,
        method: 'post',
        path: `${path}/${verb}`,
        tag,
        summary: verb === 'suspend' ? 'Suspend an organization' : 'Resume an organization',
        description:
          verb === 'suspend'
            ? 'Its clients, keys and tokens stop, and those of all beneath it. Nothing is deleted.'
            : 'Clients and keys work again. Tokens from before the suspension stay revoked.',
        scopes: mayWrite,
        status: 200,
        params: organizationPath,
        answer,
      },
      async (call) => ({
        data: organizationEntry(await setOrganizationStanding(call, call.params.sid, words[verb]), call.caller),
      }),
    ),
  );
}

/** Organizations over REST. */
export function organizationOperations({ sql, sealer }: TenantParts): readonly Operation[] {
  return [
    read(
      {
        id: 'listOrganizations',
        method: 'get',
        path: '/organizations',
        tag,
        summary: 'List organizations',
        description: 'The organization of the caller and those beneath it, oldest first.',
        scopes: mayRead,
        status: 200,
        query: listOrganizationsQuery,
        answer: listAnswer(organizationRecord),
      },
      async ({ query, caller }) => {
        const parentSid = query['filter[parent_sid]'] ?? null;
        const wish = { reach: reachList(caller), parentSid, name: query['filter[name]'] ?? null };
        const hidden = parentSid !== null && wish.reach?.includes(parentSid) === false;
        const { rows, total } = hidden ? { rows: [], total: 0 } : await readOrganizations(sql, wish, query);
        return pageOf(
          rows.map((row) => organizationEntry(row, caller)),
          total,
          query,
        );
      },
    ),
    change(
      {
        id: 'createOrganization',
        method: 'post',
        path: '/organizations',
        tag,
        summary: 'Create an organization',
        scopes: mayWrite,
        status: 201,
        body: createOrganizationBody,
        answer,
      },
      async (call) => ({ data: organizationEntry(await addOrganization(call, sealer, call.body), call.caller) }),
    ),
    read(
      {
        id: 'retrieveOrganization',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve an organization',
        scopes: mayRead,
        status: 200,
        params: organizationPath,
        answer,
      },
      async ({ params, caller }) => {
        requireReach(caller, params.sid, 'organization');
        const row = await readManagedOrganization(sql, params.sid);
        if (row === undefined) throw new Problem('not_found', 'There is no organization with this id.');
        return { data: organizationEntry(row, caller) };
      },
    ),
    change(
      {
        id: 'updateOrganization',
        method: 'put',
        path,
        tag,
        summary: 'Update an organization',
        description: 'Renames it or moves it within reach: not beneath itself, and the tree has at most 16 levels.',
        scopes: mayWrite,
        status: 200,
        params: organizationPath,
        body: updateOrganizationBody,
        bodyOptional: true,
        answer,
      },
      async (call) => ({
        data: organizationEntry(await updateOrganization(call, call.params.sid, call.body), call.caller),
      }),
    ),
    ...standings(),
    change(
      {
        id: 'deleteOrganization',
        method: 'delete',
        path,
        tag,
        summary: 'Delete an organization',
        description: 'Only an empty one; otherwise the answer says what is in it. Its memberships go along.',
        scopes: mayWrite,
        status: 204,
        params: organizationPath,
      },
      (call) => deleteOrganization(call, call.params.sid),
    ),
  ];
}
