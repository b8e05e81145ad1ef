import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formActionSource, pageHeaders } from '../../../src/interactions/pages/headers.ts';
import type { Page } from '../../../src/interactions/pages/index.ts';
import { consentWith, samples } from './samples.ts';
import { type PageServer, servePages } from './server.ts';

const policyWith = (...formTargets: readonly string[]) =>
  pageHeaders(consentWith({ formTargets }))['content-security-policy'] ?? '';

describe('The policy of a page', () => {
  it.each([
    ['https://app.acme.example/callback?x=1#y', 'https://app.acme.example'],
    ['https://app.acme.example:8443/', 'https://app.acme.example:8443'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example'],
    ['http://localhost:53682/cb', 'http://localhost:53682'],
    ['http://127.0.0.1:53682/cb', 'http://127.0.0.1:53682'],
    ['http://[::1]:53682/cb', 'http:'],
    ['com.acme.phone:/callback', 'com.acme.phone:'],
    ['com.acme.phone://callback;script-src', 'com.acme.phone:'],
    ['https://user:secret@app.acme.example/', 'https://app.acme.example'],
    ["https://a;script-src.example'/", 'https:'],
    ['https://a,b.example/', 'https:'],
    ['https://*.example/', 'https:'],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['not a URL', undefined],
    ["'unsafe-inline'", undefined],
    ['*', undefined],
  ])('lets a form lead to %s by naming %s', (target, source) => {
    expect(formActionSource(target)).toBe(source);
  });

  it('cannot be added to by any redirect URI', () => {
    const characters = fc.constantFrom(...'ab.;,\' "*\n\r\t\\/@:#?[]%_-+é');
    const host = fc.string({ unit: characters, maxLength: 20 });
    const scheme = fc.constantFrom('https://', 'http://', 'app:', 'a+b.c-d://', '');
    const anything = fc.oneof(
      fc.tuple(scheme, host, host).map((parts) => parts.join('')),
      fc.webUrl(),
      fc.string(),
    );
    fc.assert(
      fc.property(anything, (target) => {
        const source = formActionSource(target) ?? 'https:';
        expect(source).toMatch(/^[a-z][a-z0-9+.-]*:(\/\/[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?)?$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('names each target once, besides the page itself', () => {
    const policy = policyWith('https://a.example/1', 'https://a.example/2', 'app:/x');
    expect(policy).toContain("form-action 'self' https://a.example app:;");
  });

  it('lets nothing run and nothing come from elsewhere', () => {
    expect(policyWith()).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it('lets no form leave a page that asks nothing', () => {
    for (const name of ['signed-out', 'error-expired']) {
      expect(pageHeaders(samples[name] as Page)['content-security-policy']).toContain("form-action 'none'");
    }
  });
});

describe('The headers of a page', () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await servePages(samples);
  });
  afterAll(() => server.close());

  it.each(Object.keys(samples))('keep it to this browser and this moment: %s', async (name) => {
    const { status, headers } = await fetch(`${server.origin}/pages/${name}`);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; style-src 'self'; img-src 'self'"),
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
    });
  });

  it.each([
    ['consent', 'unsafe-none'],
    ['error-expired', 'unsafe-none'],
    ['logout', 'same-origin'],
    ['signed-out', 'same-origin'],
  ])('leave an application its popup while a request goes on: %s', async (name, expected) => {
    const { headers } = await fetch(`${server.origin}/pages/${name}`);
    expect(headers.get('cross-origin-opener-policy')).toBe(expected);
  });
});
