import { z } from 'zod';
import { foreignSid, sid, text, timestamp } from '../../api/index.ts';
import { flatObject, jsonObject } from '../json.ts';
import { tokenText, ttl, verdictMembers } from '../schemas.ts';

const scope = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('incoming'), client_name: text(256) }),
    z.strictObject({
      type: z.literal('outgoing'),
      application_sid: foreignSid('AP'),
      client_name: text(256).optional(),
      params: flatObject().optional(),
    }),
    z.strictObject({ type: z.literal('events'), filters: flatObject().optional() }),
  ],
  'must be an object whose type is incoming, outgoing or events',
);

/** Where something is done, written out; or a pattern of such places. */
const address = () =>
  text(2_048).refine((url) => /^https?:\/\//.test(url) && URL.canParse(url), 'must be an absolute http or https URL');

const method = () => z.string('must be a string').regex(/^[A-Z]{1,16}$/, 'must be an HTTP method in capitals');

const policy = z.strictObject(
  {
    url: address().meta({
      description: '`*` stands for one segment of the path, `**` at its end for all that lies below.',
    }),
    method: method().default('GET'),
    query_filter: jsonObject().default({}),
    post_filter: jsonObject()
      .default({})
      .meta({ description: 'Parameters by name, `{"ActivitySid": {"required": true}}`. Empty: any.' }),
    allow: z
      .boolean('must be true or false')
      .default(true)
      .meta({ description: 'False denies, whatever else allows.' }),
  },
  'must be an object',
);

const accountSid = () =>
  sid('account')
    .optional()
    .meta({ description: 'Whose auth token signs. An API key has one account; every other caller names one.' });

const list = <Item extends z.ZodType>(item: Item, most: number) =>
  z.array(item, 'must be a list').max(most, `must have at most ${most} entries`);

const channel = /^(WK|WQ|WS)[0-9a-f]{32}$/;

export const capabilityWish = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('client'), ttl: ttl(), scopes: list(scope, 32), account_sid: accountSid() }),
      z.strictObject({
        type: z.literal('task_router'),
        workspace_sid: foreignSid('WS'),
        channel_id: z
          .string('must be a string')
          .regex(channel, 'must be the SID of a worker (WK), a task queue (WQ) or a workspace (WS)'),
        friendly_name: text(256).optional(),
        ttl: ttl(),
        policies: list(policy, 64).default([]),
        account_sid: accountSid(),
      }),
    ],
    'must be client or task_router',
  )
  .meta({ id: 'CapabilityTokenWish', description: 'The older token of a device, or one for TaskRouter.' });

export const capabilityAnswer = z
  .strictObject({
    token: z.string(),
    expires_in: z.int().min(1).meta({ description: 'Seconds.' }),
    expires_at: timestamp(),
    account_sid: sid('account'),
  })
  .meta({ id: 'MintedCapabilityToken', description: 'A capability token. It is kept nowhere.' });

const parameters = () => z.record(z.string(), z.string()).nullable();

/** A request that a TaskRouter capability is asked about. */
const askedRequest = z.strictObject(
  {
    url: address(),
    method: method(),
    query: z.record(z.string(), z.string('must be a string'), 'must be an object').optional(),
    post: z.record(z.string(), z.string('must be a string'), 'must be an object').optional(),
  },
  'must be an object with url and method',
);

export const capabilityQuestion = z.strictObject({
  token: tokenText(),
  request: askedRequest.optional().meta({ description: 'What the holder of a TaskRouter capability is about to do.' }),
});

const readScope = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('incoming'), client_name: z.string().nullable() }),
  z.strictObject({
    type: z.literal('outgoing'),
    application_sid: z.string().nullable(),
    client_name: z.string().nullable(),
    params: parameters(),
  }),
  z.strictObject({ type: z.literal('events'), path: z.string().nullable(), filters: parameters() }),
  z.strictObject({ type: z.literal('other'), scope: z.string(), parameters: z.record(z.string(), z.string()) }),
]);

/** A policy as a token has it, with whatever else stands in it. */
export const readPolicy = z.looseObject({
  url: z.string(),
  method: z.string(),
  query_filter: z.record(z.string(), z.unknown()),
  post_filter: z.record(z.string(), z.unknown()),
  allow: z.boolean(),
});

export const capabilityVerdict = z
  .strictObject({
    ...verdictMembers,
    kind: z.enum(['client_capability', 'task_router_capability']).nullable(),
    scopes: z.array(readScope).nullable().meta({ description: 'Of a client capability, taken apart.' }),
    policies: z.array(readPolicy).nullable().meta({ description: 'Of a TaskRouter capability.' }),
    decision: z
      .strictObject({ allowed: z.boolean(), reason: z.string() })
      .nullable()
      .meta({ description: 'What comes of the request, where there was one.' }),
  })
  .meta({
    id: 'CapabilityTokenVerdict',
    description: 'Whether a capability token counts, and what it lets its holder do.',
  });
