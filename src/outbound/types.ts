import type { IncomingHttpHeaders } from 'node:http';
import type { Result } from '../base/index.ts';

/** What to get, and how much of it at most. */
export interface OutboundRequest {
  /** Largest body in bytes. */
  readonly maxBytes: number;
  /** Milliseconds for everything together: names, connections, all hops, the body. */
  readonly timeoutMs: number;
  /** The `Accept` header. What really came is the caller's to check. */
  readonly accept: string;
  /** Redirects that are followed, at most and by default 3. A client metadata document allows none. */
  readonly maxRedirects?: 0 | 1 | 2 | 3;
}

/** A 200 with its whole body. */
export interface OutboundAnswer {
  /** Where it came from in the end. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Why there is no answer. `detail` is for the log: it may name addresses inside a network. */
export interface OutboundFault {
  readonly reason:
    | 'bad_url'
    | 'refused_address'
    | 'unresolvable'
    | 'unreachable'
    | 'timed_out'
    | 'bad_status'
    | 'too_many_redirects'
    | 'encoded'
    | 'too_large';
  readonly detail: string;
}

export interface Outbound {
  /** GETs a URL that somebody else has chosen. Never throws for what the other side does. */
  fetch(url: string, request: OutboundRequest): Promise<Result<OutboundAnswer, OutboundFault>>;
}

/** All addresses of a name. */
export type Lookup = (hostname: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export interface OutboundOptions {
  /** Outside production: loopback may be reached too, and by http. Nothing else that is not public ever may. */
  readonly allowLoopback: boolean;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
  /** Certificate authorities to believe besides those of Node, in PEM. */
  readonly ca?: string;
}
