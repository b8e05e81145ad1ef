import type { Operation } from '../types.ts';
import { describeEndpoint, describeOperation, type Refuse } from './operations.ts';
import { createSchemaBook } from './schemas.ts';
import { headers, managementError, oauthError, parameters, refusals, securitySchemes, twilioError } from './shared.ts';
import { tags } from './tags.ts';
import type { AnswerObject, Endpoint, JsonSchema, OpenapiDocument, OperationObject, Tag } from './types.ts';

export interface DescribedApi {
  readonly issuer: string;
  /** Of the server. */
  readonly version: string;
  readonly operations: readonly Operation[];
  readonly endpoints: readonly Endpoint[];
  /** The scopes of the management API, each with its sentence. */
  readonly scopes: ReadonlyArray<{ readonly name: string; readonly description: string }>;
}

const introduction = [
  'Management over REST, and the endpoints of OAuth 2.0 and OpenID Connect.',
  'Everything answers at the origin and again under `/v2`; `/v2/token` and `/v2/authorize` are addresses of their own.',
  'Records come as `{"data": …}`, lists as `{"data": […], "meta": {…}}` in pages.',
  'What lies outside your organization and those beneath it does not exist for you: the answer is 404.',
  'A PUT changes the members that it names; a member that is not known is refused.',
].join(' ');

/** What the names of refusals begin with in each dialect. */
const prefixes = { management: '', oauth: 'OAuth', twilio: 'Twilio' } as const;

/** The answers of refusals that were referred to, in each dialect. */
function refusalBook(dialects: Readonly<Record<Endpoint['dialect'], JsonSchema>>) {
  const responses: Record<string, AnswerObject> = {};
  const refuse: Refuse = (status, dialect) => {
    const known = refusals[status];
    if (known === undefined) throw new Error(`nothing is said of the status ${status}`);
    const name = `${prefixes[dialect]}${known.name}`;
    const comeBack = status === 429 || status === 503;
    responses[name] = {
      description: known.description,
      ...(comeBack ? { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } } : {}),
      content: { 'application/json': { schema: dialects[dialect] } },
    };
    return { $ref: `#/components/responses/${name}` };
  };
  return { responses, refuse };
}

function tagsOf({ operations, endpoints }: DescribedApi): Tag[] {
  const used = new Set([...endpoints, ...operations].map(({ tag }) => tag));
  const known = new Map(tags.map((tag) => [tag.name, tag]));
  const others = [...used].filter((name) => !known.has(name)).map((name) => ({ name, description: `${name}.` }));
  return [...tags.filter(({ name }) => used.has(name)), ...others];
}

/** The OpenAPI 3.1 document of everything that programs may call. It is made from the very schemas that check requests. */
export function describeApi(api: DescribedApi): OpenapiDocument {
  const { issuer, version, operations, endpoints, scopes } = api;
  const book = createSchemaBook();
  const { responses, refuse } = refusalBook({
    management: book.describe(managementError, 'output'),
    oauth: book.describe(oauthError, 'output'),
    twilio: book.describe(twilioError, 'output'),
  });
  const paths: Record<string, Record<string, OperationObject>> = {};
  const add = (path: string, method: string, described: OperationObject) => {
    paths[path] = { ...paths[path], [method]: described };
  };
  for (const endpoint of endpoints) add(endpoint.path, endpoint.method, describeEndpoint(endpoint, book, refuse));
  for (const operation of operations) add(operation.path, operation.method, describeOperation(operation, book, refuse));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      summary: 'A token server for API platforms.',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: issuer, description: 'This server.' },
      { url: `${issuer}/v2`, description: 'The same under the prefix that some clients carry.' },
    ],
    tags: tagsOf(api),
    paths,
    components: {
      schemas: book.named,
      parameters,
      headers,
      responses,
      securitySchemes: securitySchemes(
        issuer,
        Object.fromEntries(scopes.map((scope) => [scope.name, scope.description])),
      ),
    },
  };
}
