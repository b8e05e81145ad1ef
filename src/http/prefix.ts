import type { Context, Next } from 'koa';

const prefix = '/v2';

/** Addresses that Twilio's clients know. Those that begin like the prefix are not under it. */
const ownAddresses: ReadonlyMap<string, string> = new Map([
  ['/v2/token', '/v2/token'],
  ['/v2/authorize', '/oauth/authorize'],
  ['/v1/oauth-authorization-server', '/.well-known/oauth-authorization-server'],
  ['/v2/oauth-authorization-server', '/.well-known/oauth-authorization-server'],
]);

/** The route of a path: without the prefix, which stands before it once at most. A route's own route is itself. */
export function routeOf(path: string): string {
  const own = ownAddresses.get(path);
  if (own !== undefined) return own;
  const isPrefixed = path.startsWith(`${prefix}/`) && !path.startsWith(`${prefix}${prefix}/`);
  return isPrefixed ? path.slice(prefix.length) : path;
}

/** The paths that lead to a route: itself, and itself under the prefix. */
export const pathsTo = (route: string): readonly string[] =>
  [route, prefix + route].filter((path) => routeOf(path) === route);

/**
 * Everything answers again under `/v2`, the prefix that some clients carry in their base URL. Only the path before the
 * routes is rewritten: what the server says of itself stays canonical. What was asked for is left in
 * `ctx.state.askedPath`, since proofs of possession name it.
 */
export async function versionPrefix(ctx: Context, next: Next): Promise<void> {
  ctx.state['askedPath'] = ctx.path;
  ctx.path = routeOf(ctx.path);
  await next();
}
