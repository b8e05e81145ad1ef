import type { z } from 'zod';
import { type Change, change, entryOf, listAnswer, type Operation, offsetOf, pageOf, read } from '../api/index.ts';
import { type AuditEvent, appendAudit } from '../audit/index.ts';
import { type Clock, Problem, type Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Sql } from '../store/index.ts';
import { retireKey, rotateKeys } from './rotation.ts';
import { stateAt } from './rules.ts';
import { rotateBody, rotationAnswer, signingKeyPath, signingKeyQuery, signingKeyRecord } from './schemas.ts';
import { type KeyRow, listKeys, readKey } from './store.ts';

export interface SigningKeyParts {
  readonly config: Pick<Config, 'tokens'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

const isoOf = (moment: number | undefined) => (moment === undefined ? null : new Date(moment).toISOString());

const recordOf = (key: KeyRow, now: number): z.input<typeof signingKeyRecord> => ({
  kid: key.kid,
  record_type: 'signing_key',
  alg: key.alg,
  state: stateAt(key, now),
  public_jwk: key.publicJwk,
  created_at: new Date(key.createdAt).toISOString(),
  signs_from: new Date(key.signsFrom).toISOString(),
  signs_until: isoOf(key.signsUntil),
  retires_at: isoOf(key.retiredAt),
});

type Event = Pick<AuditEvent, 'action' | 'detail'> & { readonly kid: string };

const audit = ({ transaction, caller, origin }: Change, { kid, ...event }: Event) =>
  appendAudit(transaction, {
    ...event,
    actor: { type: caller.kind, id: caller.id },
    target: { type: 'signing_key', id: kid },
    organizationSid: caller.organizationSid,
    ...origin,
  });

const shared = { tag: 'Signing keys', operatorOnly: true } as const;

function looking({ sql, clock }: SigningKeyParts): readonly Operation[] {
  return [
    read(
      {
        ...shared,
        id: 'listSigningKeys',
        method: 'get',
        path: '/signing_keys',
        summary: 'List signing keys',
        description: 'All that there ever were, oldest first. Those that are not retired are in the JWKS.',
        scopes: ['keys:read'],
        status: 200,
        query: signingKeyQuery,
        answer: listAnswer(signingKeyRecord),
      },
      async ({ query }) => {
        const page = { limit: query['page[size]'], offset: offsetOf(query) };
        const { keys, total } = await listKeys(sql, query['filter[alg]'], page);
        const now = clock();
        return pageOf(
          keys.map((key) => recordOf(key, now)),
          total,
          query,
        );
      },
    ),
    read(
      {
        ...shared,
        id: 'retrieveSigningKey',
        method: 'get',
        path: '/signing_keys/{kid}',
        summary: 'Retrieve a signing key',
        scopes: ['keys:read'],
        status: 200,
        params: signingKeyPath,
        answer: entryOf(signingKeyRecord),
      },
      async ({ params }) => {
        const key = await readKey(sql, params.kid);
        if (key === undefined) throw new Problem('not_found', 'There is no signing key with this id.');
        return { data: recordOf(key, clock()) };
      },
    ),
  ];
}

function changing({ config, sealer, clock }: SigningKeyParts): readonly Operation[] {
  const usualNotice = Math.max(60, 2 * config.tokens.jwksMaxAge);
  return [
    change(
      {
        ...shared,
        id: 'rotateSigningKeys',
        method: 'post',
        path: '/signing_keys/rotate',
        summary: 'Announce new signing keys',
        description:
          'The new key is in the JWKS at once and signs when its notice is over. The one before signs until then, and stays in the JWKS until its last token has expired, 25 hours later. No restart, and no token that stops to verify. Another announcement takes the place of one whose key does not sign yet.',
        scopes: ['keys:write'],
        status: 201,
        body: rotateBody,
        bodyOptional: true,
        answer: rotationAnswer,
      },
      async (call) => {
        const { alg, signs_in: signsIn = usualNotice } = call.body;
        const rotated = await rotateKeys({ transaction: call.transaction, sealer }, { alg, signsIn });
        for (const { key, replaces } of rotated) {
          const detail = { alg: key.alg, signs_from: String(isoOf(key.signsFrom)), replaces: replaces ?? '' };
          await audit(call, { action: 'signing_key.created', kid: key.kid, detail });
        }
        const now = clock();
        return { data: rotated.map(({ key }) => recordOf(key, now)) };
      },
    ),
    change(
      {
        ...shared,
        id: 'deleteSigningKey',
        method: 'delete',
        path: '/signing_keys/{kid}',
        summary: 'Retire a signing key at once',
        description:
          'Takes it out of the JWKS: tokens that it signed are no longer active. Where it signs, the announced key takes over at once; without one it is refused. Where it is only announced, the present signer goes on.',
        scopes: ['keys:write'],
        status: 204,
        params: signingKeyPath,
      },
      async (call) => {
        const { kid } = call.params;
        const match = (key: KeyRow) => call.match({ data: recordOf(key, clock()) });
        const was = await retireKey(call.transaction, kid, match);
        await audit(call, { action: 'signing_key.retired', kid, detail: { was } });
        return undefined;
      },
    ),
  ];
}

/** The operations on signing keys. They are the whole server's, so only its operators have them. */
export const signingKeyOperations = (parts: SigningKeyParts): readonly Operation[] => [
  ...looking(parts),
  ...changing(parts),
];
