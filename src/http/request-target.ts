import type { Context, Next } from 'koa';
import { Problem } from '../base/index.ts';

const origin = /^https?:\/\/[^/?#]*/i;

/**
 * Reduces the request's target to its path and query. A request line may name a whole URL (RFC 9112 section 3.2.2): the
 * server in it is the sender's claim, which nothing here may believe, and an unreadable one must not fail later.
 */
export async function originForm({ req }: Context, next: Next): Promise<void> {
  const target = req.url ?? '';
  if (target.startsWith('/')) return next();
  const rest = target.replace(origin, '');
  if (rest === target) throw new Problem('malformed_request', 'The request line must name a path.');
  req.url = rest.startsWith('/') ? rest : `/${rest}`;
  return next();
}
