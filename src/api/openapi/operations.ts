import type { Operation } from '../types.ts';
import type { SchemaBook } from './schemas.ts';
import { sharedParameter } from './shared.ts';
import type { AnswerObject, Endpoint, OperationObject, Reference } from './types.ts';

/** Refers to the answer of a refusal. */
export type Refuse = (status: number, dialect: Endpoint['dialect']) => Reference;

const json = 'application/json';

/** The statuses with which an operation can be refused. */
function refusalsOf({ method, params, query, body, handle }: Operation): number[] {
  const isChange = handle.kind === 'change';
  const changesOne = params !== undefined && isChange && method !== 'post';
  return [
    400,
    401,
    403,
    ...(params !== undefined || body !== undefined ? [404] : []),
    ...(changesOne ? [412] : []),
    ...(body === undefined ? [] : [413, 415]),
    ...(query === undefined && body === undefined && !isChange ? [] : [422]),
    429,
    503,
  ];
}

const refused = (statuses: readonly number[], dialect: Endpoint['dialect'], refuse: Refuse) =>
  Object.fromEntries(statuses.map((status) => [String(status), refuse(status, dialect)]));

function successOf({ answer, lines, status }: Operation, book: SchemaBook): AnswerObject {
  if (answer === undefined || status === 204) return { description: 'Done. There is nothing to say.' };
  const schema = book.describe(answer, 'output');
  if (lines === true) {
    return { description: 'JSON, one record a line.', content: { 'application/x-ndjson': { schema } } };
  }
  return {
    description: status === 201 ? 'What was made.' : 'What was asked for.',
    headers: { ETag: { $ref: '#/components/headers/ETag' } },
    content: { [json]: { schema } },
  };
}

/** Which credentials are good for an operation: an API key whose scopes suffice, or a token with any of the scopes. */
function securityOf({ scopes }: Operation): OperationObject['security'] {
  const any = [...new Set([...scopes, 'admin'])];
  return [{ apiKey: [] }, { apiKeyPair: [] }, ...any.map((scope) => ({ oauth2: [scope] }))];
}

function descriptionOf({ description, scopes, operatorOnly, aliases = [] }: Operation): string {
  const wanted = scopes.length === 0 ? ['admin'] : scopes;
  const takes = `Takes the scope ${wanted.map((scope) => `\`${scope}\``).join(' or ')}.`;
  const also = aliases.map((alias) => `\`${alias}\``).join(', ');
  return [
    description,
    operatorOnly === true ? 'For operators of this server only.' : undefined,
    takes,
    also === '' ? undefined : `Also at ${also}.`,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
}

function headerParameters({ method, params, handle }: Operation): Reference[] {
  if (handle.kind !== 'change') return [];
  if (method === 'post') return [sharedParameter('IdempotencyKey')];
  return params === undefined ? [] : [sharedParameter('IfMatch')];
}

/** Below `/v1` are the operations of Twilio's clients, who are refused in their own dialect. */
const dialectOf = ({ path }: Operation): Endpoint['dialect'] => (path.startsWith('/v1/') ? 'twilio' : 'management');

/** An operation of the management API. */
export function describeOperation(operation: Operation, book: SchemaBook, refuse: Refuse): OperationObject {
  const { id, tag, summary, params, query, body, bodyOptional, status } = operation;
  const parameters = [
    ...book.parameters(params, 'path'),
    ...book.parameters(query, 'query'),
    ...headerParameters(operation),
  ];
  const success = successOf(operation, book);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: descriptionOf(operation),
    security: securityOf(operation),
    ...(operation.operatorOnly === true ? { 'x-operator-only': true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: bodyOptional !== true,
            content: { [json]: { schema: book.describe(body, 'input') } },
          },
        }),
    responses: { [status]: success, ...refused(refusalsOf(operation), dialectOf(operation), refuse) },
  };
}

/** An endpoint that was described by hand. */
export function describeEndpoint(endpoint: Endpoint, book: SchemaBook, refuse: Refuse): OperationObject {
  const { id, tag, summary, description, proofs, params, query, body, answers } = endpoint;
  const parameters = [...book.parameters(params, 'path'), ...book.parameters(query, 'query')];
  const answered = Object.entries(answers).map(
    ([status, { description: says, schema, mediaType = json }]): [string, AnswerObject] => [
      status,
      {
        description: says,
        ...(schema === undefined ? {} : { content: { [mediaType]: { schema: book.describe(schema, 'output') } } }),
      },
    ],
  );
  const asked = body && book.describe(body.schema, 'input');
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: proofs.map((proof) => (proof === 'none' ? {} : { [proof]: [] })),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined || asked === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: Object.fromEntries(body.mediaTypes.map((mediaType) => [mediaType, { schema: asked }])),
          },
        }),
    responses: { ...Object.fromEntries(answered), ...refused(endpoint.refusals, endpoint.dialect, refuse) },
  };
}
