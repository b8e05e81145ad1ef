import cluster from 'node:cluster';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What this process counts and measures, in the Prometheus text format. */
export interface Metrics {
  /** Counts one answered request. `route` is a pattern or a fixed path, never the raw URL: its values must stay few. */
  request(labels: { method: string; route: string; status: number }, seconds: number): void;
  /** Counts look-ups of a cache that found (`hit`) or did not find (`miss`) their entry. */
  cache(name: string, outcome: 'hit' | 'miss'): void;
  /** Counts attempts to sign in. `unavailable`: no answer could be given, for want of the database or of time. */
  signIn(outcome: 'signed_in' | 'wrong' | 'throttled' | 'unavailable'): void;
  /** Counts a request that a limit refused. `limit` is its name. */
  limited(limit: string): void;
  /** The exposition for a scrape. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Several look-ups belong to each request, so they are added up here and reach the library at a scrape. */
function lookupCounter(registry: Registry): Metrics['cache'] {
  const counts = new Map<string, { hit: number; miss: number }>();
  new Counter({
    name: 'countersign_cache_lookups_total',
    help: 'Look-ups in the caches of the token path.',
    labelNames: ['cache', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [cache, { hit, miss }] of counts) {
        if (hit > 0) this.inc({ cache, outcome: 'hit' }, hit);
        if (miss > 0) this.inc({ cache, outcome: 'miss' }, miss);
      }
    },
  });
  return (cache, outcome) => {
    const count = counts.get(cache) ?? { hit: 0, miss: 0 };
    count[outcome] += 1;
    counts.set(cache, count);
  };
}

/** A registry of its own for each server, so that two in one process do not share figures. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  // What a primary process asks this one for, when it is a worker.
  AggregatorRegistry.setRegistries([registry]);
  if (cluster.isWorker) new AggregatorRegistry();
  collectDefaultMetrics({ register: registry, prefix: 'countersign_' });
  const requests = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const countLookup = lookupCounter(registry);
  const signIns = new Counter({
    name: 'countersign_sign_ins_total',
    help: 'Attempts of people to sign in.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'countersign_rate_limited_total',
    help: 'Requests that a limit refused.',
    labelNames: ['limit'],
    registers: [registry],
  });
  return {
    request: ({ method, route, status }, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    cache: countLookup,
    signIn: (outcome) => signIns.inc({ outcome }),
    limited: (limit) => refusals.inc({ limit }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

/**
 * The sum of all workers' metrics, for the primary process, which answers no requests itself.
 * @param reachable resolves when every worker can answer; one that cannot would hold up the sum for 5 s and spoil it.
 */
export function createWorkerMetrics(reachable: () => Promise<void>): Metrics {
  const workers = new AggregatorRegistry();
  return {
    request: () => undefined,
    cache: () => undefined,
    signIn: () => undefined,
    limited: () => undefined,
    async render() {
      await reachable();
      return { contentType: workers.contentType, body: await workers.clusterMetrics() };
    },
  };
}
