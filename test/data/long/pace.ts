import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** A form to be posted. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/** Milliseconds, by the moment at which a request was due, so that a stalled server is not asked less. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  /** The 99th percentile of each stretch of five seconds: what else the machine does spoils some of them, not all. */
  readonly p99s: readonly number[];
  readonly failures: number;
}

const stretch = 5_000;

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends a request and reads the answer. @returns its status and text. */
export function send({ url, headers, form }: Post): Promise<{ readonly status: number; readonly text: string }> {
  const body = new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const type = 'application/x-www-form-urlencoded';
    const req = request(url, { agent, method: 'POST', headers: { ...headers, 'content-type': type } }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

function percentile(latencies: readonly number[], part: number): number {
  const sorted = [...latencies].sort((left, right) => left - right);
  return Math.round((sorted[Math.floor(sorted.length * part)] ?? Number.NaN) * 100) / 100;
}

function summarize(samples: ReadonlyArray<readonly [due: number, latency: number]>, failures: number): Latencies {
  const all = samples.map(([, latency]) => latency);
  const last = Math.max(...samples.map(([due]) => due));
  const starts = Array.from({ length: Math.ceil((last + 1) / stretch) }, (_, nth) => nth * stretch);
  const p99s = starts.map((start) =>
    percentile(
      samples.filter(([due]) => due >= start && due < start + stretch).map(([, latency]) => latency),
      0.99,
    ),
  );
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), p99s, failures };
}

/** Sends one request after another at an even pace, however long each takes. @param rate requests a second. */
export async function measure(post: Post, rate: number, seconds: number): Promise<Latencies> {
  const begin = performance.now();
  const samples: Array<readonly [due: number, latency: number]> = [];
  let failures = 0;
  const running: Promise<void>[] = [];
  for (let nth = 0; nth < rate * seconds; nth += 1) {
    const due = (nth * 1000) / rate;
    const early = begin + due - performance.now();
    if (early > 0) await wait(early);
    const answered = send(post).then(({ status }) => {
      samples.push([due, performance.now() - begin - due]);
      if (status !== 200) failures += 1;
    });
    running.push(answered);
  }
  await Promise.all(running);
  return summarize(samples, failures);
}
