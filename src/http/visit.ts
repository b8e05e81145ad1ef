import type { IncomingMessage } from 'node:http';
import type { Parameters } from './body.ts';

/** What is known of a request from its arrival on, before anything is decided. */
export interface Visit {
  /** See {@link requestIdOf}. */
  readonly requestId: string;
  /** See {@link addressFinder}. */
  readonly clientAddress: string;
  /** Pattern of the route that answers; undefined where there is none. Asked for when the answer is out. */
  route: () => string | undefined;
  /** The parameters, where an express lane has read them already. */
  parameters?: Parameters;
  /** What went wrong in an express lane: koa tells it to the caller. */
  failure?: unknown;
}

const visits = new WeakMap<IncomingMessage, Visit>();

/** Leaves a visit for koa, which is handed the bare request. */
export function keepVisit(req: IncomingMessage, visit: Visit): void {
  visits.set(req, visit);
}

/** Who really calls, where the request came in from outside. */
export function clientAddressOf(req: IncomingMessage): string | undefined {
  return visits.get(req)?.clientAddress;
}

/** The visit that was left for this request. */
export function visitOf(req: IncomingMessage): Visit {
  const visit = visits.get(req);
  if (visit === undefined) throw new Error('a request came to koa past the reception');
  return visit;
}
