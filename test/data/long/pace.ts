import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** A form to be posted. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

export interface Latencies {
  /** Milliseconds, by the moment at which a request was due, so that a stalled server is not asked less. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly failures: number;
}

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

const percentile = (sorted: readonly number[], part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;

/** Sends one request after another at an even pace, however long each takes. @param rate requests a second. */
export async function measure(post: Post, rate: number, seconds: number): Promise<Latencies> {
  const begin = performance.now();
  const latencies: number[] = [];
  let failures = 0;
  const running: Promise<void>[] = [];
  for (let nth = 0; nth < rate * seconds; nth += 1) {
    const due = begin + (nth * 1000) / rate;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const answered = send(post).then(({ status }) => {
      latencies.push(performance.now() - due);
      if (status !== 200) failures += 1;
    });
    running.push(answered);
  }
  await Promise.all(running);
  latencies.sort((left, right) => left - right);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), requests: latencies.length, failures };
}
