import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '../../src/telemetry/index.ts';

describe('the metrics of a server', () => {
  it('count requests by method, route and status, in the Prometheus text format', async () => {
    const metrics = createMetrics();
    metrics.request({ method: 'POST', route: '/oauth/token', status: 200 }, 0.004);
    metrics.request({ method: 'POST', route: '/oauth/token', status: 200 }, 0.2);
    const { contentType, body } = await metrics.render();
    const series = 'countersign_http_request_duration_seconds';
    const labels = 'method="POST",route="/oauth/token",status="200"';
    expect(contentType).toMatch(/^text\/plain/);
    expect(body).toContain(`${series}_bucket{le="0.005",${labels}} 1\n`);
    expect(body).toContain(`${series}_bucket{le="0.25",${labels}} 2\n`);
    expect(body).toContain(`${series}_count{${labels}} 2\n`);
  });

  it('count look-ups of each cache by their outcome', async () => {
    const metrics = createMetrics();
    for (const outcome of ['hit', 'hit', 'miss'] as const) metrics.cache('clients', outcome);
    // A scrape changes nothing: the second one says the same.
    for (const { body } of [await metrics.render(), await metrics.render()]) {
      expect(body).toContain('countersign_cache_lookups_total{cache="clients",outcome="hit"} 2\n');
      expect(body).toContain('countersign_cache_lookups_total{cache="clients",outcome="miss"} 1\n');
    }
  });

  it('count attempts to sign in by how they end', async () => {
    const metrics = createMetrics();
    for (const outcome of ['wrong', 'signed_in', 'wrong'] as const) metrics.signIn(outcome);
    const { body } = await metrics.render();
    expect(body).toContain('countersign_sign_ins_total{outcome="wrong"} 2\n');
    expect(body).toContain('countersign_sign_ins_total{outcome="signed_in"} 1\n');
  });

  it('are its own: another server in the same process has others', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.cache('clients', 'hit');
    expect((await other.render()).body).not.toContain('cache="clients"');
  });
});
