import { z } from 'zod';
import type { JsonSchema, OpenapiDocument, OperationObject, Parameter } from '../../src/api/index.ts';
import { send } from '../support/tokens.ts';

export type ApiDocument = OpenapiDocument;

type AnswerObject = Exclude<OperationObject['responses'][string], { readonly $ref: string }>;

/** An operation of the document, with all references followed. */
export interface DocumentedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly said: OperationObject;
  readonly parameters: readonly Parameter[];
  /** Schema of the body, with all references followed. */
  readonly body: JsonSchema | undefined;
  readonly mediaTypes: readonly string[];
  /** The status of success. */
  readonly success: number;
  /** What a good answer is: its media type and, where it is JSON, its schema. */
  readonly answer: { readonly mediaType: string; readonly schema: z.ZodType | undefined } | undefined;
  /** Schema of the answer to a refusal with a status. */
  refusal(status: number): z.ZodType;
  /** Statuses of refusals. */
  readonly refusals: readonly number[];
  /** Whether it belongs to the management API, whose credentials have its scopes. */
  readonly managed: boolean;
}

/** Asks a server for its document. */
export async function readDocument(address: string): Promise<ApiDocument> {
  const answer = await send(`${address}/openapi.json`);
  if (answer.status !== 200) throw new Error(`no document: ${answer.status} ${answer.text}`);
  return answer.body as unknown as ApiDocument;
}

const namesIn = /#\/components\/(\w+)\/([\w-]+)/;

/** A copy of a part without references. There are no cycles. */
export function resolved<Part>(document: ApiDocument, part: unknown): Part {
  if (Array.isArray(part)) return part.map((item) => resolved(document, item)) as Part;
  if (typeof part !== 'object' || part === null) return part as Part;
  const reference = (part as { readonly $ref?: unknown }).$ref;
  if (typeof reference === 'string') {
    const [, kind = '', name = ''] = namesIn.exec(reference) ?? [];
    const { components } = document as unknown as { components: Record<string, Record<string, unknown>> };
    const { $ref: _followed, ...beside } = part as Record<string, unknown>;
    const target = resolved<object>(document, components[kind]?.[name]);
    return { ...target, ...resolved<object>(document, beside) } as Part;
  }
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, resolved(document, value)])) as Part;
}

function operationOf(document: ApiDocument, path: string, method: string, raw: OperationObject): DocumentedOperation {
  const said = resolved<OperationObject>(document, raw);
  const statuses = Object.keys(said.responses).map(Number);
  const success = statuses.find((status) => status < 400) ?? 0;
  const contentOf = (status: number) =>
    Object.entries((said.responses[status] as AnswerObject | undefined)?.content ?? {})[0];
  const good = contentOf(success);
  const schemaOf = (schema: JsonSchema) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return {
    id: said.operationId,
    method: method.toUpperCase(),
    path,
    tag: said.tags[0] ?? '',
    said,
    parameters: (said.parameters ?? []) as readonly Parameter[],
    body: Object.values(said.requestBody?.content ?? {})[0]?.schema,
    mediaTypes: Object.keys(said.requestBody?.content ?? {}),
    success,
    answer: good && { mediaType: good[0], schema: good[0].endsWith('json') ? schemaOf(good[1].schema) : undefined },
    refusal: (status) => schemaOf(contentOf(status)?.[1].schema ?? { not: {} }),
    refusals: statuses.filter((status) => status >= 400),
    managed: said.security.some((any) => 'oauth2' in any),
  };
}

/** Every operation of a document. */
export const operationsOf = (document: ApiDocument): DocumentedOperation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => operationOf(document, path, method, said)),
  );
