import type { Context, Middleware } from 'koa';
import type { Gate } from './gate.ts';

/** Counts each request of an address before anything is read of it. */
export function limitRequests(gate: Gate): Middleware {
  return async function takeOfAddress(ctx: Context, next) {
    await gate.take({ address: String(ctx.state['clientAddress']) });
    await next();
  };
}

/** Counts a request of a caller, and says in the answer what is left. @param who without secrets. */
export async function limitCaller(gate: Gate, ctx: Context, who: string): Promise<void> {
  ctx.set(await gate.take({ address: String(ctx.state['clientAddress']), who }));
}
