import type { Context, Next } from 'koa';

/**
 * Everything answers again under `/v2`, the prefix that some clients carry in their base URL. Only the path before the
 * routes is rewritten: what the server says of itself stays canonical. What was asked for is left in
 * `ctx.state.askedPath`, since proofs of possession name it.
 */
export async function versionPrefix(ctx: Context, next: Next): Promise<void> {
  ctx.state['askedPath'] = ctx.path;
  if (ctx.path.startsWith('/v2/')) ctx.path = ctx.path.slice(3);
  await next();
}
