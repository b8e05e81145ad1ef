import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from '../support/tokens.ts';

/** One request of the load and how it was answered. Times are milliseconds of `performance.now()`. */
export interface Sample {
  readonly name: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0: there was no answer. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request to be repeated. */
export type Visit = () => Promise<Answer>;

export interface Load {
  readonly samples: readonly Sample[];
  /** Those sent within a stretch of time. */
  between(start: number, end: number): readonly Sample[];
  /** Waits for the requests under way. */
  stop(): Promise<void>;
}

/** Sends each request again and again, each kind in a loop of its own, until it is stopped. @param pause in between. */
export function startLoad(visits: Readonly<Record<string, Visit>>, pause = 15): Load {
  const samples: Sample[] = [];
  let stopped = false;

  async function sample(name: string, visit: Visit): Promise<Sample> {
    const sentAt = performance.now();
    try {
      const { status, headers, body } = await visit();
      return { name, sentAt, answeredAt: performance.now(), status, retryAfter: headers.get('retry-after'), body };
    } catch (error) {
      const body = { failure: String((error as Error).cause ?? error) };
      return { name, sentAt, answeredAt: performance.now(), status: 0, retryAfter: null, body };
    }
  }

  async function repeat(name: string, visit: Visit): Promise<void> {
    while (!stopped) {
      samples.push(await sample(name, visit));
      await wait(pause);
    }
  }

  const running = Object.entries(visits).map(([name, visit]) => repeat(name, visit));
  return {
    samples,
    between: (start, end) => samples.filter(({ sentAt }) => sentAt >= start && sentAt < end),
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
