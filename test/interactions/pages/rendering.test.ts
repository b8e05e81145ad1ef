import { describe, expect, it } from '@jest/globals';
import { createPages, type Page } from '../../../src/interactions/pages/index.ts';
import { samples } from './samples.ts';
import { plainBrand } from './server.ts';

const { render } = createPages(plainBrand);

const attack = `"'></title></b></bdi></button></form><script>alert(1)</script><img src=x onerror="alert(1)">&\`{client}<%= 1 %>`;

/** These choose what is shown and are never shown themselves; or they are addresses of ours. */
const untouched = new Set(['kind', 'error', 'to']);

/** The same page with an attack in every string that somebody else could choose. */
function poisoned(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((entry) => poisoned(entry));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, poisoned(entry, name)]));
  }
  if (typeof value !== 'string' || untouched.has(key)) return value;
  return /^[a-z.]+:/.test(value) || value.startsWith('/')
    ? `${value}?${attack.replaceAll(' ', '+')}`
    : `${attack}${value}`;
}

/** The tags of a document in order, without what stands in their attributes. */
function skeleton(html: string): readonly string[] {
  return (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/g, '=""'));
}

describe('A page', () => {
  it.each(Object.entries(samples))('has the same tags whatever others put into it: %s', (_name, page) => {
    expect(skeleton(render(poisoned(page) as Page))).toEqual(skeleton(render(page)));
  });

  it.each(Object.entries(samples))('has its words and all its placeholders filled: %s', (_name, page) => {
    const html = render(page);
    expect(html).toMatch(/<h1 id="heading">.+<\/h1>/);
    expect(html).not.toMatch(/\{\w+\}|undefined|\[object/);
  });

  it.each(Object.entries(samples))(
    'brings no script, no inline style and nothing from elsewhere: %s',
    (_name, page) => {
      const html = render(page);
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i);
      const loaded = [...html.matchAll(/<(?:img|link)[^>]*\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
      for (const address of loaded) expect(address).toMatch(/^\/oauth\/(assets|logos)\//);
    },
  );

  it.each(Object.values(samples).filter((page) => 'consentToken' in page))(
    'carries the consent token and the CSRF token in every form: $kind',
    (page) => {
      const forms = render(page).match(/<form[\s\S]*?<\/form>/g) ?? [];
      expect(forms.length).toBeGreaterThan(0);
      for (const form of forms) {
        expect(form).toContain('method="post"');
        expect(form).toContain('<input type="hidden" name="consent_token" value="consent-token">');
        expect(form).toContain('<input type="hidden" name="csrf" value="csrf-token">');
      }
    },
  );
});

const consent = samples['consent'] as Extract<Page, { kind: 'consent' }>;
const changed = (client: Partial<typeof consent.client>) =>
  render({ ...consent, client: { ...consent.client, ...client } });

describe('The consent page', () => {
  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'not a URL', '/relative'])(
    'links to no policy at %s',
    (policyUri) => {
      expect(changed({ policyUri, tosUri: policyUri })).not.toContain('target="_blank"');
    },
  );

  it('opens the policy and the terms without telling them where the user comes from', () => {
    const links = render(consent).match(/<a [^>]*>/g);
    expect(links).toHaveLength(2);
    for (const link of links ?? []) expect(link).toContain('target="_blank" rel="noopener noreferrer"');
  });

  it.each([
    ['https://app.acme.example/cb', '<b><bdi>app.acme.example</bdi></b>.', false],
    ['https://app.acme.example:8443/cb', '<bdi>app.acme.example:8443</bdi>', false],
    ['https://localhost.acme.example/cb', '<bdi>localhost.acme.example</bdi>', false],
    ['https://аcme.example/cb', '<bdi>xn--cme-5cd.example</bdi>', false],
    ['https://acme.example@evil.example/cb', '<bdi>evil.example</bdi>', false],
    ['http://localhost:3000/cb', '<bdi>localhost:3000</bdi>', true],
    ['http://127.0.0.1:3000/cb', '<bdi>127.0.0.1:3000</bdi>', true],
    ['http://[::1]:3000/cb', '<bdi>[::1]:3000</bdi>', true],
    ['com.acme.phone:/cb', '<bdi>com.acme.phone:</bdi>', true],
  ])('says where %s leads, and warns where anybody could be there', (redirectUri, shown, warned) => {
    const html = render({ ...consent, redirectUri });
    expect(html).toContain(shown);
    expect(html.includes('note-warning')).toBe(warned);
  });

  it('says who is verified, and who is not', () => {
    expect(changed({ verified: true })).toContain('Verified by Countersign');
    const html = changed({ verified: false });
    expect(html).toContain('Countersign has not verified this application');
    expect(html).not.toContain('Verified by');
  });

  it('asks for the logo at our own address only, and shows initials without one', () => {
    expect(changed({ hasLogo: true, id: 'https://evil.example/../x?"' })).toContain(
      'src="/oauth/logos/https%3A%2F%2Fevil.example%2F..%2Fx%3F%22"',
    );
    const html = changed({ hasLogo: false, name: 'acme voice dialer' });
    expect(html).not.toContain('/oauth/logos/');
    expect(html).toContain('>AD</span>');
  });

  it('lets optional scopes be left out, and shows required ones as fixed', () => {
    const html = render(consent);
    const boxes = [...html.matchAll(/<input type="checkbox" name="scope" value="([^"]*)" checked>/g)];
    expect(boxes.map(([, value]) => value)).toEqual(['email', '1 calls:read', '1 calls:write', '1 numbers:read']);
    expect(html).toContain('<bdi>Know who you are</bdi><span class="hidden"> (Always included)</span>');
  });

  it('shows the name of a scope that nobody has described', () => {
    expect(render(consent)).toContain('<bdi>numbers:read</bdi>');
  });

  it('takes the tricks out of a name: what reverses, hides or breaks lines, and what has no end', () => {
    const html = changed({ name: `Bank\u202e\u200b\u2066\n\n of \u0007Trust ${'x'.repeat(200)}` });
    expect(html).toMatch(/<bdi>Bank of Trust x+…<\/bdi>/);
    for (const trick of ['\u202e', '\u200b', '\u2066', '\u0007']) expect(html).not.toContain(trick);
    expect(/<bdi>(Bank[^<]*)</.exec(html)?.[1]).toHaveLength(80);
  });

  it('leaves names in other scripts as they are', () => {
    for (const name of ['نداء', 'می‌خواهم', '株式会社', '👩‍💻 Dev'])
      expect(changed({ name })).toContain(`<bdi>${name}</bdi>`);
  });
});

describe('The sign-in page', () => {
  const login = samples['login'] as Extract<Page, { kind: 'login' }>;

  it('puts the cursor where typing goes on', () => {
    expect(render(login)).toMatch(/<input id="email"[^>]* autofocus>/);
    expect(render({ ...login, email: 'ada@acme.example' })).toMatch(/<input id="password"[^>]* autofocus>/);
  });

  it('ties what is wrong to the fields, and says it in the title first', () => {
    const html = render({ ...login, error: { kind: 'wrong' } });
    expect(html).toContain('<title>Error: Sign in · Countersign</title>');
    expect(html.match(/aria-describedby="error" aria-invalid="true"/g)).toHaveLength(2);
  });

  it.each([
    [1, 'Wait 1 minute,'],
    [2, 'Wait 2 minutes,'],
    [1500, 'Wait 1,500 minutes,'],
  ])('counts %i in words', (minutes, words) => {
    const html = render({ ...login, error: { kind: 'throttled', minutes } });
    expect(html).toContain(words);
    expect(html).not.toContain('aria-invalid');
  });

  it('lets password managers fill it in, and never writes a password back', () => {
    const html = render(login);
    expect(html).toMatch(/<input id="email" name="email" type="email"[^>]* autocomplete="username"/);
    expect(html).toMatch(/<input id="password" name="password" type="password" autocomplete="current-password"/);
    expect(html).not.toMatch(/<input id="password"[^>]* value=/);
  });
});

describe('A page that ends something', () => {
  it.each(['javascript:alert(1)', '//evil.example/', '/\\evil.example', 'data:text/html,x', ' /x'])(
    'has no way on to %s',
    (href) => {
      const error = { kind: 'error', error: 'expired', detail: undefined, requestId: 'r' } as const;
      expect(render({ ...error, link: { to: 'start', href } })).not.toContain('<a ');
      expect(render({ kind: 'signed_out', stayed: false, link: { href, client: 'x' } })).not.toContain('<a ');
    },
  );

  it('leads back to a path of ours or to the application', () => {
    const error = { kind: 'error', error: 'expired', detail: undefined, requestId: 'r' } as const;
    expect(render({ ...error, link: { to: 'start', href: '/oauth/interaction?a=1&b=2' } })).toContain(
      '<a class="button wide" href="/oauth/interaction?a=1&amp;b=2"',
    );
    expect(
      render({ kind: 'signed_out', stayed: false, link: { href: 'https://app.example/', client: 'App' } }),
    ).toContain('href="https://app.example/"');
  });

  it('names the request', () => {
    expect(render(samples['error-expired'] as Page)).toContain('<code>7f0c2e0a-4e0b-4a6e-9b67-2f6a5a1d9c11</code>');
  });
});
