import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import {
  type HttpRequest,
  Jwt,
  JwtDecodeError,
  RequestCanonicalizer,
  type ValidationExpectations,
  ValidationToken,
  verifyValidationToken,
} from '../../../src/sdk/jwt/index.ts';
import { expected, pair, request, sender } from './sender.ts';

const { accountSid, credentialSid, signingKey } = sender;

/** The message with which a request is refused. */
function refusal(token: string, received: HttpRequest = request, by: ValidationExpectations = expected): string {
  try {
    verifyValidationToken(token, received, by);
  } catch (error) {
    if (error instanceof JwtDecodeError) return error.message;
    throw error;
  }
  throw new Error('the request was taken');
}

describe('the verifier of signed requests', () => {
  const token = () => new ValidationToken(sender).fromHttpRequest(request);

  it('takes the request as it was signed, also when the twilio package signed it', () => {
    expect(verifyValidationToken(token(), request, expected)).toEqual({
      accountSid,
      credentialSid,
      signingKey,
      expiresAt: expect.any(Number),
    });
    const plain = { ...request, url: 'https://api.example.com/v1/calls', params: { page: '2', q: 'a b&c' } };
    const theirs = new twilio.jwt.ValidationToken(sender).fromHttpRequest(plain as never);
    const received = { ...request, url: 'https://api.example.com/v1/calls?q=a+b%26c&page=2' };
    expect(verifyValidationToken(theirs, received, expected).expiresAt).toBeGreaterThan(Date.now() / 1000);
    expect(verifyValidationToken(theirs, { ...received, data: Buffer.from(request.data) }, expected)).toBeDefined();
  });

  it('refuses a request of which anything was changed', () => {
    const changes: Partial<HttpRequest>[] = [
      { method: 'PUT' },
      { url: 'https://api.example.com/v1/calls?page=3' },
      { url: 'https://api.example.com/v1/calls' },
      { url: 'https://api.example.com/v1/calls?page=2&page=2' },
      { url: 'https://api.example.com/v1/calls?page=2&x' },
      { url: 'https://api.example.com/v1/call?page=2' },
      { url: 'https://evil.example.com/v1/calls?page=2' },
      { url: 'https://api.example.com:444/v1/calls?page=2' },
      { headers: { authorization: 'Basic abd' } },
      { headers: {} },
      { data: 'To=%2B2' },
      { data: '' },
      { data: undefined },
      { params: { more: '1' } },
    ];
    for (const change of changes) {
      expect(refusal(token(), { ...request, ...change })).toBe('The request is not the one that was signed (rqh)');
    }
  });

  it('refuses the token of another key, algorithm, account, credential or API key', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    expect(refusal(token(), request, { publicKey: other })).toBe('Signature verification failed');
    expect(refusal(token(), request, { ...expected, algorithm: 'PS256' })).toContain('Incorrect decoding algorithm');
    for (const name of ['accountSid', 'credentialSid', 'signingKey'] as const) {
      expect(refusal(token(), request, { ...expected, [name]: 'XX1' })).toBe(`The token is not of this ${name}`);
    }
    const forged = Jwt.encode(Jwt.decode(token(), pair.publicKey, 'RS256'), 'guess', 'HS256', {
      cty: 'twilio-pkrv;v=1',
    });
    expect(refusal(forged)).toContain('Incorrect decoding algorithm HS256');
  });

  it('refuses a token that has ended, ends too late, has no end or is of another kind', () => {
    const claims = Jwt.decode(token(), pair.publicKey, 'RS256');
    const header = { kid: credentialSid, cty: 'twilio-pkrv;v=1' };
    const signed = (changed: object, head: object = header, key: KeyObject = pair.privateKey) =>
      Jwt.encode({ ...claims, ...changed }, key, 'RS256', { ...head });
    expect(verifyValidationToken(signed({}), request, expected)).toBeDefined();
    expect(verifyValidationToken(signed({ iat: undefined }), request, expected)).toBeDefined();
    const now = Number(claims['iat']);
    expect(refusal(signed({ exp: now - 1 }))).toBe('Signature has expired');
    expect(refusal(signed({ exp: now + 90_000 }))).toBe('exp must not be more than 86400 seconds ahead');
    expect(refusal(signed({ exp: undefined }))).toBe('Claim exp is required');
    expect(refusal(signed({ nbf: now + 100 }))).toContain('not yet valid');
    expect(refusal(signed({}, { kid: credentialSid, cty: 'twilio-fpa;v=1' }))).toContain('cty');
    expect(refusal(signed({}, { cty: header.cty }))).toBe('Claim kid must be a string');
    expect(refusal(signed({ rqh: 5 }))).toBe('Claim rqh must be a string');
  });

  it('demands that host and Authorization are among what was signed', () => {
    const signedFor = (headers: Record<string, string>) => {
      const canonicalizer = new RequestCanonicalizer('POST', '/v1/calls', { page: '2' }, request.data, headers);
      return new ValidationToken(sender).generateToken(canonicalizer);
    };
    const both = { host: 'api.example.com', authorization: 'Basic abc' };
    expect(verifyValidationToken(signedFor(both), request, expected)).toBeDefined();
    expect(verifyValidationToken(signedFor({ host: both.host }), { ...request, headers: {} }, expected)).toBeDefined();
    expect(refusal(signedFor({ host: both.host }))).toBe('The header authorization must be signed (hrh)');
    expect(refusal(signedFor({ authorization: 'Basic abc' }))).toBe('The header host must be signed (hrh)');
    expect(refusal(signedFor({ 'ho st': 'x' }))).toBe('Claim hrh must name headers');
    const more = { ...both, 'x-id': '7' };
    const received = { ...request, headers: { ...request.headers, 'X-Id': '7' } };
    expect(verifyValidationToken(signedFor(more), received, expected)).toBeDefined();
    expect(refusal(signedFor(more), { ...received, headers: { ...request.headers, 'X-Id': '8' } })).toContain('rqh');
  });

  it('verifies what the real twilio client sends over the wire', async () => {
    let port = 0;
    const verified: unknown[] = [];
    const receive = async (incoming: IncomingMessage) => {
      const data = await text(incoming);
      const received = {
        method: incoming.method,
        url: `http://127.0.0.1:${port}${incoming.url}`,
        headers: incoming.headers,
      };
      const given = String(incoming.headers['twilio-client-validation']);
      return verifyValidationToken(given, { ...received, data }, expected).signingKey;
    };
    const server = createServer((incoming, response) => {
      receive(incoming)
        .then(
          (key) => verified.push(key),
          (error: unknown) => verified.push(error),
        )
        .finally(() => response.setHeader('Content-Type', 'application/json').end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    const client = new twilio.Twilio('SK0123', 'secret', { accountSid: 'AC0123', validationClient: sender as never });
    const uri = `http://127.0.0.1:${port}/2010-04-01/Accounts/AC0123/Calls.json`;
    await client.request({ method: 'get' as never, uri, params: { To: '+15550100', Status: 'in progress' } });
    await client.request({ method: 'post' as never, uri, data: { To: '+1 555', Body: 'grüße & co' } });
    await client.request({
      method: 'post' as never,
      uri,
      headers: { 'Content-Type': 'application/json' } as never,
      data: { list: [1, 'ü'] },
    });
    await new Promise((resolve) => server.close(resolve));
    expect(verified).toEqual(['SK0123', 'SK0123', 'SK0123']);
  });
});
