import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Parameters, readOptionalJson, readParameters } from './body.ts';
import { pathsTo } from './prefix.ts';
import type { Visit } from './visit.ts';

/** A success as it goes over the wire. */
export interface LaneAnswer {
  /** 200 by default. */
  readonly status?: 200 | 201 | 303;
  /** Names and values in turns, besides those of every answer. */
  readonly headers: readonly string[];
  readonly body: string;
}

interface LaneOf<Reads extends 'parameters' | 'json' | 'query', Content> {
  /** Answers POST there, and there under `/v2`, to the byte; with a query string it is not this address. */
  readonly path: string;
  /** Largest body in bytes. */
  readonly maxBytes: number;
  /** Headers of its answers, beside those of every answer and in their place. */
  readonly always?: Readonly<Record<string, string>>;
  /** What the body is read as. */
  readonly reads: Reads;
  /** Looks at who comes before anything is read. May throw a Problem. */
  readonly admit?: (address: string) => void;
  /** Answers nothing where there is anything to decide. May throw a Problem. */
  readonly answer: (req: IncomingMessage, content: Content, address: string) => Promise<LaneAnswer | undefined>;
}

/** For endpoints of OAuth. */
export type FormLane = LaneOf<'parameters', Parameters>;

/** For endpoints that take a JSON object. */
export type JsonLane = LaneOf<'json', unknown>;

/** For addresses that browsers are sent to: answers GET there, with a query, which it gets without the question mark. */
export type QueryLane = LaneOf<'query', string>;

/** Answers the plain requests to one address before koa is asked. */
export type Lane = FormLane | JsonLane | QueryLane;

/** Hands a request over to koa. */
type HandOver = (req: IncomingMessage, res: ServerResponse, visit: Visit) => void;

/** Takes a request into its lane. @returns false where there is none for it. */
export type ExpressLanes = (req: IncomingMessage, res: ServerResponse, visit: Visit) => boolean;

function tableOf(lanes: readonly Lane[]): ReadonlyMap<string | undefined, Lane> {
  return new Map(lanes.flatMap((lane) => pathsTo(lane.path).map((path) => [path, lane] as const)));
}

/** The path of a request with a query; without one it is none of a lane. */
function pathOf({ url = '' }: IncomingMessage): string | undefined {
  const at = url.indexOf('?');
  return at === -1 ? undefined : url.slice(0, at);
}

const queryOf = ({ url = '' }: IncomingMessage): string => url.slice(url.indexOf('?') + 1);

/**
 * The way round koa for the few requests that are nearly all of the traffic: koa, its router and a dozen middlewares
 * cost as much as the answer. A lane only ever tells of success. Everything else goes to koa with what has been read so far,
 * failures too, so there is one place that refuses and one that words it.
 * @param always the headers of every answer.
 */
export function expressLanes(
  lanes: readonly Lane[],
  always: ReadonlyArray<readonly [name: string, value: string]>,
  toKoa: HandOver,
): ExpressLanes {
  const posts = tableOf(lanes.filter(({ reads }) => reads !== 'query'));
  const gets = tableOf(lanes.filter(({ reads }) => reads === 'query'));
  const constants = new Map(
    lanes.map((lane) => [lane, Object.entries({ ...Object.fromEntries(always), ...lane.always }).flat()] as const),
  );

  async function drive(lane: Lane, req: IncomingMessage, visit: Visit): Promise<LaneAnswer | undefined> {
    lane.admit?.(visit.clientAddress);
    if (lane.reads === 'query') return lane.answer(req, queryOf(req), visit.clientAddress);
    if (lane.reads === 'json') {
      return lane.answer(req, await readOptionalJson(req, lane.maxBytes), visit.clientAddress);
    }
    const parameters = await readParameters(req, lane.maxBytes);
    visit.parameters = parameters;
    return lane.answer(req, parameters, visit.clientAddress);
  }

  function send(lane: Lane, res: ServerResponse, { requestId }: Visit, answer: LaneAnswer): void {
    const { status = 200, headers, body } = answer;
    const constant = constants.get(lane) ?? [];
    const length = String(Buffer.byteLength(body));
    // Head and body in one write.
    res.writeHead(status, [...constant, 'x-request-id', requestId, ...headers, 'content-length', length]).end(body);
  }

  async function attend(lane: Lane, req: IncomingMessage, res: ServerResponse, visit: Visit): Promise<void> {
    try {
      const answer = await drive(lane, req, visit);
      if (answer !== undefined) return send(lane, res, visit, answer);
    } catch (error) {
      // A body is read before anybody knows who calls: koa asks in its own order, and finds the same fault.
      if (lane.reads === 'parameters') visit.failure = error;
    }
    toKoa(req, res, visit);
  }

  return (req, res, visit) => {
    const lane = req.method === 'POST' ? posts.get(req.url) : req.method === 'GET' ? gets.get(pathOf(req)) : undefined;
    if (lane === undefined) return false;
    visit.route = () => lane.path;
    void attend(lane, req, res, visit);
    return true;
  };
}
