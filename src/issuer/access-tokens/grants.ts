import { z } from 'zod';
import { grantName } from '../../accounts/index.ts';
import { foreignSid, sid, text } from '../../api/index.ts';
import { isMembers } from '../compact.ts';
import { jsonObject } from '../json.ts';
import type { Members } from '../types.ts';

// The grants of an AccessToken, as they stand in it. The order of the members within each is that of the `twilio`
// package; the grants themselves keep the order in which they were asked for, as they do there.

const endpoint = () => text(256).optional();

const incoming = z.strictObject(
  { allow: z.boolean('must be true or false') },
  'must be an object with the member allow',
);

const outgoing = z.strictObject(
  { application_sid: foreignSid('AP'), params: jsonObject().optional() },
  'must be an object with the member application_sid',
);

const object = 'must be an object';

/** The grants that are known, by name. */
const known: Readonly<Record<string, z.ZodType>> = {
  video: z.strictObject({ room: text(256).optional() }, object),
  chat: z.strictObject(
    {
      service_sid: foreignSid('IS').optional(),
      endpoint_id: endpoint(),
      deployment_role_sid: foreignSid('RL').optional(),
      push_credential_sid: sid('publicKey').optional(),
    },
    object,
  ),
  data_sync: z.strictObject({ service_sid: foreignSid('IS').optional(), endpoint_id: endpoint() }, object),
  voice: z
    .strictObject(
      {
        incoming: incoming.optional(),
        outgoing: outgoing.optional(),
        push_credential_sid: sid('publicKey').optional(),
        endpoint_id: endpoint(),
      },
      object,
    )
    .transform(({ incoming: calls, ...rest }) => ({ ...(calls?.allow === true ? { incoming: calls } : {}), ...rest })),
  task_router: z.strictObject(
    {
      workspace_sid: foreignSid('WS').optional(),
      worker_sid: foreignSid('WK').optional(),
      role: text(64).optional(),
    },
    object,
  ),
  player: jsonObject(),
};

/** A grant of somebody's own. */
const custom = jsonObject();

const mostGrants = 32;

const nameRule =
  'is no name of a grant: 1 to 64 small letters, digits and _, beginning with a letter, and not identity';

const isName = (name: string) => grantName.test(name) && name !== 'identity';

type Issues = z.core.$ZodRawIssue[];

const issue = (message: string, input: unknown, path: PropertyKey[] = []) =>
  ({ code: 'custom', message, input, path }) as z.core.$ZodRawIssue;

/** Reads one grant. Each fault says where in it it is. */
function readGrant(name: string, value: unknown, issues: Issues): unknown {
  if (!isName(name)) {
    issues.push(issue(nameRule, value, [name]));
    return undefined;
  }
  const schema = Object.hasOwn(known, name) ? known[name] : undefined;
  const parsed = (schema ?? custom).safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const found of parsed.error.issues) {
    issues.push({ ...found, path: [name, ...found.path] } as z.core.$ZodRawIssue);
  }
  return undefined;
}

/** What a document says of the grants. The schema itself keeps their order, which no object schema does. */
function describe(): Record<string, unknown> {
  const optional = Object.fromEntries(Object.entries(known).map(([name, schema]) => [name, schema.optional()]));
  const whole = z.toJSONSchema(z.object(optional).catchall(custom), { io: 'input', unrepresentable: 'any' });
  const { $schema: _, ...schema } = whole;
  return schema;
}

/** The grants of a token by name, in the order in which they are to stand in it. */
export const grants = z
  .unknown()
  .transform((given, { issues }): Members => {
    if (!isMembers(given)) {
      issues.push(issue('must be an object of grants by name', given));
      return {};
    }
    const entries = Object.entries(given);
    if (entries.length > mostGrants) issues.push(issue(`must have at most ${mostGrants} grants`, given));
    return Object.fromEntries(
      entries.slice(0, mostGrants).map(([name, value]) => [name, readGrant(name, value, issues)]),
    );
  })
  .meta({
    ...describe(),
    description: 'What the holder may do, by the name of the grant. A name that is not known is a grant of your own.',
  });
