import type { House } from '../support/house.ts';
import { type Answer, send } from '../support/tokens.ts';
import { type DocumentedOperation, operationsOf, readDocument } from './document.ts';
import { sample } from './samples.ts';

/** What a call is made of. What is left out of it is made from the schemas of the operation. */
export interface Ingredients {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Members on top of those that the schema requires. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Default: the demo's API key as a Bearer, where the operation takes one. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** How an operation is called so that it succeeds: it makes first what the call needs. */
export type Recipe = (scene: Scene) => Promise<Ingredients>;

/** A call, ready to be sent. */
export interface Call {
  readonly path: string;
  readonly init: RequestInit & { readonly headers: Readonly<Record<string, string>> };
}

/** A server whose every operation is to be called. */
export interface Scene {
  readonly house: House;
  readonly operations: readonly DocumentedOperation[];
  operation(id: string): DocumentedOperation;
  /** What a call of an operation needs is made, the call itself is not sent. */
  prepare(id: string): Promise<Call>;
  call(id: string): Promise<Answer>;
  /** Calls an operation that makes something. @returns its record. @throws Error naming what came instead. */
  make(id: string): Promise<Readonly<Record<string, unknown>>>;
}

function bodyOf({ body, mediaTypes }: DocumentedOperation, more: Ingredients['body'], { demo }: House) {
  if (body === undefined) return undefined;
  const members = { ...(sample(body, demo) as object), ...more };
  const form = 'application/x-www-form-urlencoded';
  return mediaTypes.includes(form)
    ? { type: form, text: new URLSearchParams(members as Record<string, string>).toString() }
    : { type: 'application/json', text: JSON.stringify(members) };
}

/** A path template with its values, and a query. */
export function targetOf(template: string, { params = {}, query = {} }: Ingredients): string {
  const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`the recipe for ${template} gives no ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams(query).toString();
  return search === '' ? path : `${path}?${search}`;
}

/**
 * Opens a scene over a server, by its own document.
 * @param recipes by operationId. @param keeps whether each thing is made once: for calls that are all refused.
 */
export async function openScene(
  house: House,
  recipes: Readonly<Record<string, Recipe>>,
  keeps = false,
): Promise<Scene> {
  const operations = operationsOf(await readDocument(house.address));
  const byId = new Map(operations.map((operation) => [operation.id, operation]));

  function operation(id: string): DocumentedOperation {
    const found = byId.get(id);
    if (found === undefined) throw new Error(`the document has no operation ${id}`);
    return found;
  }

  async function prepare(id: string): Promise<Call> {
    const recipe = recipes[id];
    if (recipe === undefined) throw new Error(`there is no recipe for ${id} in test/api/recipes.ts`);
    const called = operation(id);
    const ingredients = await recipe(scene);
    const body = bodyOf(called, ingredients.body, house);
    const takesKey = called.said.security.some((any) => 'apiKey' in any);
    const headers = {
      ...(takesKey ? { authorization: `Bearer ${house.demo['api_key']}` } : {}),
      ...(body === undefined ? {} : { 'content-type': body.type }),
      ...ingredients.headers,
    };
    const init = { method: called.method, headers, ...(body === undefined ? {} : { body: body.text }) };
    return { path: targetOf(called.path, ingredients), init };
  }

  async function call(id: string): Promise<Answer> {
    const { path, init } = await prepare(id);
    return send(`${house.address}${path}`, init);
  }

  async function makeNew(id: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await call(id);
    if (answer.status !== operation(id).success) throw new Error(`${id}: ${answer.status} ${answer.text}`);
    return answer.body['data'] as Readonly<Record<string, unknown>>;
  }

  const kept = new Map<string, ReturnType<typeof makeNew>>();
  function makeOnce(id: string): ReturnType<typeof makeNew> {
    const made = kept.get(id) ?? makeNew(id);
    kept.set(id, made);
    return made;
  }

  const scene: Scene = { house, operations, operation, prepare, call, make: keeps ? makeOnce : makeNew };
  return scene;
}
