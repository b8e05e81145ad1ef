import { change, entryOf, listAnswer, type Operation, pageOf, read, requireReach } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import { organizationPath } from '../organizations/schemas.ts';
import type { TenantParts } from '../types.ts';
import { readMembers } from './lists.ts';
import { addByEmail, endMembership, membershipEntry, setMembership } from './memberships.ts';
import { invitationBody, listMembershipsQuery, membershipBody, membershipPath, membershipRecord } from './schemas.ts';

const tag = 'Users';
const mayRead = ['users:read'];
const mayWrite = ['users:write'];
const answer = entryOf(membershipRecord);
const listPath = '/organizations/{sid}/memberships';
const path = `${listPath}/{user_sid}`;
const params = membershipPath;

interface PathParts {
  readonly sid: string;
  readonly user_sid: string;
}

const placeOf = ({ sid, user_sid }: PathParts) => ({ organizationSid: sid, userSid: user_sid });

function reading({ sql }: TenantParts) {
  return [
    read(
      {
        id: 'listMemberships',
        method: 'get',
        path: listPath,
        tag,
        summary: 'List the members of an organization',
        scopes: mayRead,
        status: 200,
        params: organizationPath,
        query: listMembershipsQuery,
        answer: listAnswer(membershipRecord),
      },
      async ({ params: { sid }, query, caller }) => {
        requireReach(caller, sid, 'organization');
        const { rows, total } = await readMembers(sql, { organizationSid: sid, userSid: null }, query);
        return pageOf(rows.map(membershipEntry), total, query);
      },
    ),
    read(
      {
        id: 'retrieveMembership',
        method: 'get',
        path,
        tag,
        summary: 'Retrieve a membership',
        scopes: mayRead,
        status: 200,
        params,
        answer,
      },
      async ({ params: parts, caller }) => {
        requireReach(caller, parts.sid, 'organization');
        const { rows } = await readMembers(sql, placeOf(parts), { 'page[number]': 1, 'page[size]': 1 });
        if (rows[0] === undefined) throw new Problem('not_found', 'The user is no member of this organization.');
        return { data: membershipEntry(rows[0]) };
      },
    ),
  ];
}

/** Memberships over REST. */
export function membershipOperations(parts: TenantParts): readonly Operation[] {
  return [
    ...reading(parts),
    change(
      {
        id: 'addMember',
        method: 'post',
        path: listPath,
        tag,
        summary: 'Add somebody by e-mail',
        description:
          'For users within reach, by exactly this e-mail address. Only an operator of this server adds somebody of ' +
          'organizations out of reach.',
        scopes: mayWrite,
        status: 201,
        params: organizationPath,
        body: invitationBody,
        answer,
      },
      async (call) => ({ data: membershipEntry(await addByEmail(call, call.params.sid, call.body)) }),
    ),
    change(
      {
        id: 'setMembership',
        method: 'put',
        path,
        tag,
        summary: 'Add a member or change their role',
        description: 'For users within reach. The last owner of an organization stays one.',
        scopes: mayWrite,
        status: 200,
        params,
        body: membershipBody,
        answer,
      },
      async (call) => ({ data: membershipEntry(await setMembership(call, placeOf(call.params), call.body.role)) }),
    ),
    change(
      {
        id: 'deleteMembership',
        method: 'delete',
        path,
        tag,
        summary: 'Remove a member',
        description: 'What they allowed in the name of the organization ends, and their API keys to it.',
        scopes: mayWrite,
        status: 204,
        params,
      },
      (call) => endMembership(call, parts.sealer, placeOf(call.params)),
    ),
  ];
}
