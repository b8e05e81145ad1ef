import { afterEach, describe, expect, it, jest } from '@jest/globals';
import twilio from 'twilio';
import {
  type HttpRequest,
  Jwt,
  RequestCanonicalizer,
  ValidationToken,
  verifyValidationToken,
} from '../../../src/sdk/jwt/index.ts';
import { expected, pair, request, sender } from './sender.ts';

afterEach(() => {
  jest.useRealTimers();
});

describe('a ValidationToken', () => {
  it('is equal to that of the twilio package for every kind of request', () => {
    jest.useFakeTimers({ now: 1_700_000_000_500 });
    const [own, theirs] = [new ValidationToken(sender), new twilio.jwt.ValidationToken(sender)];
    const urls = ['https://a.example', 'http://a.example:81//x/y%20z/é/', 'https://a.example:443/*~()/%7e%2f'];
    const headers = [undefined, {}, { Authorization: ' Bearer x ' }, { Authorization: '', Host: 'other' }];
    const params = [undefined, {}, { b: 1, a: 'x y', A: '', é: '&', t: true }, { q: '*~%20+', 'a.b': '/' }];
    const bodies = [undefined, '', 'a=1&b=ü', { a: [1, { b: null }] }, [1, 'x']];
    const methods = ['get', 'POST', 'Delete'];
    const requests = urls.flatMap((url) =>
      headers.flatMap((header) =>
        params.flatMap((param) =>
          bodies.flatMap((data) => methods.map((method) => ({ url, method, headers: header, params: param, data }))),
        ),
      ),
    );
    for (const [at, each] of requests.entries()) {
      const text = own.getRequestCanonicalizer(each).getCanonicalizedRequestString();
      expect(text).toBe(theirs.getRequestCanonicalizer(each as never).getCanonicalizedRequestString());
      if (at % 24 === 0) expect(own.fromHttpRequest(each)).toBe(theirs.fromHttpRequest(each as never));
    }
    expect(requests.length).toBeGreaterThanOrEqual(500);
  });

  it('with PS256 has the same header and payload, and each verifies', () => {
    jest.useFakeTimers({ now: 1_700_000_000_500 });
    const options = { ...sender, algorithm: 'PS256' as const };
    const tokens = [new ValidationToken(options), new twilio.jwt.ValidationToken(options)].map((signer) =>
      signer.fromHttpRequest(request as never),
    );
    const [own, theirs] = tokens.map((token) => Jwt.decodeComplete(token, pair.publicKey, 'PS256'));
    expect({ ...own, payload: { ...own?.payload, rqh: '' } }).toEqual({
      ...theirs,
      payload: { ...theirs?.payload, rqh: '' },
    });
  });

  it('lives for as long as it is told, five minutes by default', () => {
    const lifetimes = [undefined, 1, 86_400].map((ttl) => {
      const claims = Jwt.decode(
        new ValidationToken({ ...sender, ttl }).fromHttpRequest(request),
        pair.publicKey,
        'RS256',
      );
      return Number(claims['exp']) - Number(claims['iat']);
    });
    expect(lifetimes).toEqual([300, 1, 86_400]);
  });

  it('takes a key object for the key, and shows neither when it is printed', () => {
    const signer = new ValidationToken({ ...sender, privateKey: pair.privateKey });
    expect(verifyValidationToken(signer.fromHttpRequest(request), request, expected).accountSid).toBe('AC0123');
    expect(JSON.stringify(new ValidationToken(sender))).not.toContain('PRIVATE');
    expect(new ValidationToken(sender).privateKey).toBe(sender.privateKey);
  });

  it('says what is wrong with a request, as the twilio package does', () => {
    const signer = new ValidationToken(sender);
    expect(() => signer.fromHttpRequest({ method: 'GET' })).toThrow(/^Error generating JWT token .*Url is required/);
    expect(() => signer.fromHttpRequest({ url: 'https://a.example' })).toThrow('Method is required');
    expect(() => signer.getRequestCanonicalizer({ method: 'GET', url: '/p' })).toThrow('url must be an absolute URL');
    expect(() => signer.getRequestCanonicalizer({ method: 'G T', url: 'https://a.example' })).toThrow('method must be');
    const odd = { ...request, headers: { authorization: 'x\nhost:evil' } };
    expect(() => signer.fromHttpRequest(odd)).toThrow('headers.authorization must be a string of one line');
    expect(() => signer.fromHttpRequest({ ...request, params: { a: {} as never } })).toThrow('params.a must be');
    expect(() => signer.fromHttpRequest({ ...request, data: () => 1 })).toThrow('data must be');
  });
});

describe('a RequestCanonicalizer', () => {
  const query = (params: HttpRequest['params'], url = 'https://a.example/p') =>
    new ValidationToken(sender).getRequestCanonicalizer({ method: 'GET', url, params }).getCanonicalizedQueryParams();

  it('signs the query of the URL, which the twilio package leaves open', () => {
    expect(query({ c: '3' }, 'https://a.example/p?b=2&a=1%202')).toBe('a=1%202&b=2&c=3');
  });

  it('signs a value to its end, repeated parameters each, and a lone percent sign', () => {
    expect(query({ a: 'b=c=d' })).toBe('a=b%3Dc%3Dd');
    expect(query({ a: ['2', '1'], b: undefined })).toBe('a=1&a=2');
    expect(query({ a: '100%' })).toBe('a=100%25');
    expect(query(new URLSearchParams('x=1&x=0'))).toBe('x=0&x=1');
    expect(query([['y', '1']])).toBe('y=1');
  });

  it('hashes bytes as they go over the wire', () => {
    const body = (data: unknown) => new RequestCanonicalizer('POST', '/', null, data, {}).getCanonicalizedRequestBody();
    expect(body(Buffer.from('ü'))).toBe(body('ü'));
    expect(body(new Uint8Array())).toBe('');
  });

  it('has the other names for its text and its hash', () => {
    const canonicalizer = new RequestCanonicalizer('get', '/p?x', { a: '1' }, '', { host: 'h' });
    expect(canonicalizer.canonicalizedRequest).toBe('GET\n/p\na=1\nhost:h\n\nhost\n');
    expect(canonicalizer.getSignatureHash()).toBe(canonicalizer.create());
    const claims = Jwt.decode(new ValidationToken(sender).generateToken(canonicalizer), pair.publicKey, 'RS256');
    expect(claims).toMatchObject({ hrh: 'host', rqh: canonicalizer.create() });
  });
});
