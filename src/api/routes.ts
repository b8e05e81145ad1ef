import { Readable } from 'node:stream';
import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { Problem } from '../base/index.ts';
import { type Mount, readBytes, readOptionalJson } from '../http/index.ts';
import type { Authenticate, Credentials } from './access.ts';
import type { Executor } from './execute.ts';
import { idempotencyKey } from './idempotency.ts';
import type { Caller, Operation } from './types.ts';

/** Counts a call, and sets the headers that say how many are left. @throws Problem 429. */
export type Admit = (ctx: Context, caller: Caller) => Promise<void>;

export interface OperationRoutes {
  readonly operations: readonly Operation[];
  readonly execute: Executor;
  readonly authenticate: Authenticate;
  readonly admit: Admit;
  /** Largest body in bytes. */
  readonly maxBodyBytes: number;
}

/** The query as one object. @throws Problem 400 when a parameter stands in it twice. */
function queryOf(ctx: Context): Readonly<Record<string, string>> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(ctx.querystring)) {
    if (name in query) throw new Problem('malformed_request', `The query parameter ${name.slice(0, 64)} stands twice.`);
    query[name] = value;
  }
  return { ...query };
}

/** `{id}` of OpenAPI as `:id` of the router. */
const routerPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');

async function* linesOf(records: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

function send(ctx: Context, operation: Operation, body: unknown): void {
  if (operation.lines === true) {
    ctx.type = 'application/x-ndjson';
    ctx.body = Readable.from(linesOf(body as AsyncIterable<unknown>));
  } else if (operation.status === 204) {
    ctx.body = null;
    ctx.status = 204;
  } else {
    ctx.body = body;
  }
}

/** What says who calls. @param limit largest body in bytes. */
export const credentialsOf = (ctx: Context, limit: number): Credentials => ({
  method: ctx.method,
  path: String(ctx.state['askedPath']),
  query: ctx.querystring,
  address: String(ctx.state['clientAddress']),
  headers: ctx.headers,
  body: () => readBytes(ctx.req, limit),
});

/** Adds every operation at each of its paths. What a path does not answer to is refused by the kernel. */
export function mountOperations({ operations, execute, authenticate, admit, maxBodyBytes }: OperationRoutes): Mount {
  function endpoint(operation: Operation): Middleware {
    const hasBody = operation.body !== undefined;
    return async function answerOperation(ctx) {
      const caller = await authenticate(credentialsOf(ctx, maxBodyBytes));
      await admit(ctx, caller);
      const answer = await execute(operation, {
        params: ctx['params'],
        query: queryOf(ctx),
        body: hasBody ? await readOptionalJson(ctx.req, maxBodyBytes) : undefined,
        caller,
        origin: { address: ctx.state['clientAddress'] as string, requestId: ctx.state['requestId'] as string },
        ifMatch: ctx.get('if-match') || undefined,
        idempotencyKey:
          operation.method === 'post' ? idempotencyKey(ctx.get('idempotency-key') || undefined) : undefined,
      });
      ctx.status = answer.status;
      ctx.set('cache-control', 'no-store');
      ctx.set({ ...answer.headers });
      send(ctx, operation, answer.body);
    };
  }

  return function mountManagement(router: Router) {
    for (const operation of operations) {
      for (const path of [operation.path, ...(operation.aliases ?? [])]) {
        router[operation.method](routerPath(path), endpoint(operation));
      }
    }
  };
}

/** Tells whether a path belongs to the management API: that of an operation, or what lies below its collection. */
export function managedPaths(operations: readonly Operation[]): (path: string) => boolean {
  const paths = operations.flatMap(({ path, aliases = [] }) => [path, ...aliases]);
  const collections = [...new Set(paths.map((path) => path.replace(/\/\{.*/, '')))];
  return (path) => collections.some((collection) => path === collection || path.startsWith(`${collection}/`));
}
