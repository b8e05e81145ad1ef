import type { JsonSchema, OpenapiDocument, OperationObject, Parameter } from '../api/index.ts';
import { anchorOf, markUp, memberOf, membersOf, typeOf } from './rules.ts';
import type { AnswerView, GroupView, OperationView, ReferenceView, SchemaView } from './types.ts';

type Answers = OperationObject['responses'];
type AnswerObject = Exclude<Answers[string], { readonly $ref: string }>;

/** What a reference within the document leads to. */
function follow<Part>(document: OpenapiDocument, part: Part | { readonly $ref: string }): Part {
  if (typeof part !== 'object' || part === null || !('$ref' in part)) return part as Part;
  const steps = String(part.$ref).slice('#/'.length).split('/');
  return steps.reduce((place: unknown, step) => (place as Readonly<Record<string, unknown>>)[step], document) as Part;
}

const schemaIn = (content: AnswerObject['content']) =>
  content === undefined ? undefined : Object.values(content)[0]?.schema;

const mediaTypesOf = (content: AnswerObject['content']) => Object.keys(content ?? {}).join(' or ');

/** Members of an answer, which are all there: what has a name of its own is described further down. */
const answerMembers = (schema: JsonSchema | undefined) =>
  schema === undefined ? [] : membersOf(schema).map((member) => ({ ...member, required: false }));

const namedType = (schema: JsonSchema | undefined) => (schema?.['$ref'] === undefined ? undefined : typeOf(schema));

function answerView(status: string, answer: AnswerObject): AnswerView {
  const schema = schemaIn(answer.content);
  return {
    status,
    description: markUp(answer.description),
    mediaTypes: mediaTypesOf(answer.content),
    type: namedType(schema),
    members: answerMembers(schema),
  };
}

const wordsOfProofs: Readonly<Record<string, string>> = {
  apiKey: 'API key or access token as a Bearer',
  apiKeyPair: 'API key as HTTP Basic',
  clientSecret: 'client credentials',
};

function proofsOf(security: OperationObject['security']): string[] {
  const names = security.flatMap((any) => (Object.keys(any).length === 0 ? ['none'] : Object.keys(any)));
  const known = [...new Set(names)].map((name) => wordsOfProofs[name]).filter((words) => words !== undefined);
  return names.includes('none') && known.length === 0 ? ['none'] : known;
}

function operationView(document: OpenapiDocument, path: string, method: string, said: OperationObject): OperationView {
  const answers = Object.entries(said.responses).map(
    ([status, answer]) => [status, follow<AnswerObject>(document, answer)] as const,
  );
  const { requestBody: body } = said;
  const asked = body && schemaIn(body.content);
  return {
    id: said.operationId,
    method: method.toUpperCase(),
    path,
    summary: said.summary,
    description: markUp(said.description ?? ''),
    proofs: proofsOf(said.security),
    parameters: (said.parameters ?? [])
      .map((parameter) => follow<Parameter>(document, parameter))
      .map(({ name, in: place, required, description = '', schema }) => ({
        ...memberOf(name, { ...schema, description }, required),
        place,
      })),
    body: body && { required: body.required, mediaTypes: mediaTypesOf(body.content), type: namedType(asked) },
    bodyMembers: asked === undefined ? [] : membersOf(follow<JsonSchema>(document, asked)),
    answers: answers.filter(([status]) => status < '400').map(([status, answer]) => answerView(status, answer)),
    refusals: answers
      .filter(([status]) => status >= '400')
      .map(([status, { description }]) => ({ status, description: markUp(description) })),
  };
}

function groupsOf(document: OpenapiDocument): GroupView[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => ({
      tag: said.tags[0],
      view: operationView(document, path, method, said),
    })),
  );
  return document.tags.map(({ name, description }) => ({
    name,
    anchor: anchorOf('tag', name),
    description: markUp(description),
    operations: all.filter(({ tag }) => tag === name).map(({ view }) => view),
  }));
}

function schemasOf({ components }: OpenapiDocument): SchemaView[] {
  return Object.entries(components.schemas)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, schema]) => ({
      name,
      anchor: anchorOf('schema', name),
      description: markUp(typeof schema['description'] === 'string' ? schema['description'] : ''),
      members: membersOf(schema),
    }));
}

/** All that a document says, in the order in which a person reads it. */
export function referenceView(document: OpenapiDocument): ReferenceView {
  const { version, description } = document.info as { readonly version: string; readonly description: string };
  return {
    version,
    introduction: markUp(description),
    servers: document.servers,
    groups: groupsOf(document),
    schemas: schemasOf(document),
  };
}
