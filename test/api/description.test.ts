import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { change, describeApi, entryOf, type Operation, read, sid, uuid } from '../../src/api/index.ts';

const thing = z.strictObject({ id: z.uuid(), kind: z.string().default('plain') }).meta({ id: 'Thing' });
const base = { tag: 'Things', summary: 'Do something', scopes: ['things:write'] } as const;
const params = z.object({ id: uuid() });

const operations: readonly Operation[] = [
  read(
    {
      ...base,
      ...{ id: 'exportThings', method: 'get', path: '/things/export', status: 200, lines: true, answer: thing },
      ...{ scopes: ['things:read', 'audit:read'], query: z.strictObject({ since: z.string().optional() }) },
    },
    async () => ({ id: '' }),
  ),
  change(
    {
      ...base,
      ...{ id: 'createThing', method: 'post', path: '/things', aliases: ['/old/things'], status: 201 },
      ...{ body: thing, answer: entryOf(thing) },
    },
    async () => ({ data: { id: '' } }),
  ),
  change(
    {
      ...base,
      ...{ id: 'updateThing', method: 'put', path: '/things/{id}', status: 200, operatorOnly: true, params },
      ...{ body: z.strictObject({ owner: sid('user') }).partial(), bodyOptional: true, answer: entryOf(thing) },
    },
    async () => ({ data: { id: '' } }),
  ),
  change(
    { ...base, id: 'deleteThing', method: 'delete', path: '/things/{id}', status: 204, scopes: [], params },
    async () => undefined,
  ),
];

const document = describeApi({
  issuer: 'https://auth.example',
  version: '1.2.3',
  operations,
  endpoints: [],
  scopes: [{ name: 'things:write', description: 'Change things' }],
});
const said = (path: string, method: string) => {
  const operation = document.paths[path]?.[method];
  if (operation === undefined) throw new Error(`${method} ${path} is not described`);
  return operation;
};

describe('the description of an operation', () => {
  it('names the credentials that are good for it: a key, or a token with any of the scopes', () => {
    expect(said('/things/export', 'get').security).toEqual([
      { apiKey: [] },
      { apiKeyPair: [] },
      { oauth2: ['things:read'] },
      { oauth2: ['audit:read'] },
      { oauth2: ['admin'] },
    ]);
    expect(said('/things/{id}', 'delete').security).toContainEqual({ oauth2: ['admin'] });
  });

  it('says in words which scopes it takes, who may call it, and where else it answers', () => {
    expect(said('/things/export', 'get').description).toBe('Takes the scope `things:read` or `audit:read`.');
    expect(said('/things', 'post').description).toBe('Takes the scope `things:write`. Also at `/old/things`.');
    expect(said('/things/{id}', 'put').description).toBe(
      'For operators of this server only. Takes the scope `things:write`.',
    );
    expect(said('/things/{id}', 'put')['x-operator-only']).toBe(true);
  });

  it('offers Idempotency-Key where something is made, and If-Match where one thing changes', () => {
    const references = (path: string, method: string) =>
      (said(path, method).parameters ?? []).flatMap((parameter) => ('$ref' in parameter ? [parameter.$ref] : []));
    expect(references('/things', 'post')).toEqual(['#/components/parameters/IdempotencyKey']);
    expect(references('/things/{id}', 'put')).toEqual(['#/components/parameters/IfMatch']);
    expect(references('/things/{id}', 'delete')).toEqual(['#/components/parameters/IfMatch']);
    expect(references('/things/export', 'get')).toEqual([]);
  });

  it('has the refusals that can be', () => {
    const statuses = (path: string, method: string) => Object.keys(said(path, method).responses).map(Number);
    expect(statuses('/things/export', 'get')).toEqual([200, 400, 401, 403, 422, 429, 503]);
    expect(statuses('/things', 'post')).toEqual([201, 400, 401, 403, 404, 413, 415, 422, 429, 503]);
    expect(statuses('/things/{id}', 'put')).toEqual([200, 400, 401, 403, 404, 412, 413, 415, 422, 429, 503]);
    expect(statuses('/things/{id}', 'delete')).toEqual([204, 400, 401, 403, 404, 412, 422, 429, 503]);
  });

  it('tells a body that may be left out from one that may not, and lines from a document', () => {
    expect(said('/things', 'post').requestBody?.required).toBe(true);
    expect(said('/things/{id}', 'put').requestBody?.required).toBe(false);
    expect(said('/things/export', 'get').responses['200']).toMatchObject({ content: { 'application/x-ndjson': {} } });
    expect(said('/things/{id}', 'delete').responses['204']).not.toHaveProperty('content');
  });

  it('keeps apart what comes in and what goes out where a schema makes a difference', () => {
    expect(said('/things', 'post').requestBody?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/ThingInput' } },
    });
    expect(document.components.schemas['Thing']).toMatchObject({ required: ['id', 'kind'] });
    expect(document.components.schemas['ThingInput']).toMatchObject({ required: ['id'] });
  });

  it('stands under a tag that is described, known or not', () => {
    expect(document.tags).toEqual([{ name: 'Things', description: 'Things.' }]);
  });
});
