import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { questionUrl } from '../../src/interactions/index.ts';
import { asBearer, type Frontend, openFrontend } from './frontend.ts';
import { openStage, type Stage } from './stage.ts';

const consentUrl = 'https://portal.example/consent?lang=de%20AT#/ask';
let stage: Stage;
let frontend: Frontend;
let key: string;

beforeAll(async () => {
  stage = await openStage({ consentUrl });
  frontend = openFrontend(stage);
  const organization = await stage.cast.makeOrganization('North');
  const ada = await stage.cast.makeUser('ada@example.com', organization);
  key = await stage.cast.makeKey(ada, organization, ['admin']);
});
afterAll(() => stage.close());

describe('the body of POST /oauth/grants', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a word', '"allowed"'],
    ['a member twice', '{"allowed":false,"allowed":true,"consent_token":"x"}'],
    ['a member twice by escapes', '{"allowed":false,"\\u0061llowed":true,"consent_token":"x"}'],
    ['a member twice within', '{"allowed":{"a":1,"a":2},"consent_token":"x"}'],
    ['far too deep', `{"allowed":${'['.repeat(1900)}${']'.repeat(1900)}`],
  ])('is unreadable: %s', async (_what, body) => {
    const answered = await frontend.send(body, asBearer(key));
    expect(answered).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', errors: [{ code: 'malformed_request' }] },
    });
  });

  it('is read as it is, however deep', async () => {
    const deep = `{"allowed":${'['.repeat(1900)}${']'.repeat(1900)},"consent_token":"x"}`;
    expect((await frontend.send(deep, asBearer(key))).status).toBe(422);
  });

  it.each([
    ['application/x-www-form-urlencoded', 'allowed=true&consent_token=x', 415],
    ['text/plain', '{"allowed":true,"consent_token":"x"}', 415],
    ['application/json; charset=latin1', '{"allowed":true,"consent_token":"x"}', 415],
    ['application/json', JSON.stringify({ allowed: true, consent_token: 'x'.repeat(5000) }), 413],
  ])('is not taken as %s', async (contentType, body, status) => {
    const answered = await frontend.send(body, { ...asBearer(key), 'content-type': contentType });
    expect(answered.status).toBe(status);
    expect(answered.body).toMatchObject({ error: 'invalid_request', errors: [{ title: expect.any(String) }] });
  });

  it.each<[string, object, readonly string[]]>([
    ['nothing', {}, ['/allowed', '/consent_token']],
    ['a string for allowed', { allowed: 'true', consent_token: 'x' }, ['/allowed']],
    ['a number for allowed', { allowed: 1, consent_token: 'x' }, ['/allowed']],
    ['null for allowed', { allowed: null, consent_token: 'x' }, ['/allowed']],
    ['a number for the token', { allowed: true, consent_token: 7 }, ['/consent_token']],
    ['an empty token', { allowed: true, consent_token: '' }, ['/consent_token']],
    ['a token too long', { allowed: true, consent_token: 'x'.repeat(513) }, ['/consent_token']],
    ['more than that', { allowed: true, consent_token: 'x', scope: 'admin' }, ['/scope']],
    ['odd members', { allowed: true, consent_token: 'x', 'a/b~c': 1 }, ['/a~1b~0c']],
    ['all of it', { allowed: 'yes', consent_token: [], more: 1 }, ['/allowed', '/consent_token', '/more']],
  ])('says every fault, and where it is: %s', async (_what, body, pointers) => {
    const answered = await frontend.send(JSON.stringify(body), asBearer(key));
    expect(answered.status).toBe(422);
    const { errors } = answered.body as {
      errors: Array<{ code: string; detail: string; source: { pointer: string } }>;
    };
    expect(errors.map(({ source }) => source.pointer)).toEqual(pointers);
    const stable = ['required', 'invalid_value', 'unknown_property'];
    expect(errors.every(({ code }) => stable.includes(code))).toBe(true);
    expect(errors.every(({ detail }) => /^(must be|is required|is not known)/.test(detail))).toBe(true);
  });

  it('has no member that reaches a prototype', async () => {
    const put = await stage.put();
    const body = `{"allowed":true,"consent_token":"${put.token}","__proto__":{"x":1}}`;
    expect((await frontend.send(body, asBearer(key))).status).toBe(422);
    expect((await frontend.answer(put, key)).status).toBe(200);
  });
});

describe('the frontend at CONSENT_URL', () => {
  it('is where browsers are sent, with the token beside what its URL has already', async () => {
    const { token } = await stage.put();
    expect(token).toMatch(/^[\w-]{43}$/);

    const request = stage.people.add({ clientId: stage.clientId });
    const parts = { clock: Date.now, consentTokens: { ...stage.consentTokens, create: async () => 'T' } };
    const config = (url: string | undefined) => ({ issuer: stage.issuer, consent: { url, tokenTtl: 600 } });
    const urlFor = (url: string | undefined) => questionUrl({ ...parts, config: config(url) })(request);
    expect(await urlFor(consentUrl)).toBe('https://portal.example/consent?lang=de%20AT&consent_token=T#/ask');
    expect(await urlFor('https://portal.example')).toBe('https://portal.example/?consent_token=T');
    expect(await urlFor(undefined)).toBe(`${stage.issuer}/oauth/interaction?consent_token=T`);
  });

  it.each([
    [600, 300, 300],
    [60, 300, 60],
    [600, -5, 1],
  ])('gets tokens that live %d s at most and end with the request (%d s left)', async (tokenTtl, left, expected) => {
    const now = 1_800_000_000_000;
    const asked: number[] = [];
    const create = async ({ ttl }: { readonly ttl: number }) => {
      asked.push(ttl);
      return 'T';
    };
    const config = { issuer: stage.issuer, consent: { url: undefined, tokenTtl } };
    const urlOf = questionUrl({ config, clock: () => now, consentTokens: { ...stage.consentTokens, create } });
    await urlOf(stage.people.add({ clientId: stage.clientId, expiresAt: now / 1000 + left }));
    expect(asked).toEqual([expected]);
  });

  const endpoints = [
    ['/oauth/consent/x', 'GET'],
    ['/oauth/grants', 'POST'],
  ] as const;

  it.each(endpoints)('may be asked for by its pages: %s', async (path, method) => {
    const headers = { origin: 'https://portal.example', 'access-control-request-method': method };
    const answer = await fetch(stage.address + path, { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://portal.example');
    expect(answer.headers.get('access-control-allow-methods')).toBe(method);
    expect(answer.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, DPoP');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const real = await fetch(stage.address + path, { method, headers: { origin: 'https://portal.example' } });
    expect(real.status).toBe(401);
    expect(real.headers.get('access-control-allow-origin')).toBe('https://portal.example');
    expect(real.headers.get('vary')).toContain('Origin');
  });

  it.each(endpoints)('and by nobody else: %s', async (path, method) => {
    const origins = [
      'https://evil.example',
      'null',
      'http://portal.example',
      'https://portal.example:8443',
      stage.issuer,
    ];
    for (const origin of origins) {
      const headers = { origin, 'access-control-request-method': method };
      const answers = [
        await fetch(stage.address + path, { method: 'OPTIONS', headers }),
        await fetch(stage.address + path, { method, headers }),
      ];
      for (const answer of answers) expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answers.map(({ status }) => status)).toEqual([204, 401]);
    }
  });

  it('is nobody where none is configured', async () => {
    const plain = await openStage();
    const headers = { origin: 'https://portal.example', 'access-control-request-method': 'POST' };
    const answer = await fetch(`${plain.address}/oauth/grants`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    await plain.close();
  });
});
