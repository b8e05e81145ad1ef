import { createHmac, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { jwtVerify, SignJWT } from 'jose';
import twilio from 'twilio';
import { type Algorithm, InvalidArgumentError, Jwt, JwtDecodeError } from '../../../src/sdk/jwt/index.ts';
import { accountSid, keySid, secret } from './cases.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const now = 1_700_000_000;
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The error with which a token is refused. */
function refusal(read: () => unknown): JwtDecodeError {
  try {
    read();
  } catch (error) {
    if (error instanceof JwtDecodeError) return error;
    throw error;
  }
  throw new Error('the token was taken');
}

/** A token with any header, signed with the secret. */
function signed(header: object, payload: object | string, key: string = secret): string {
  const body = typeof payload === 'string' ? Buffer.from(payload).toString('base64url') : encoded(payload);
  const input = `${encoded(header)}.${body}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

describe('Jwt', () => {
  const keys: [Algorithm, typeof secret | typeof pair.privateKey, typeof secret | typeof pair.publicKey][] = [
    ['HS256', secret, secret],
    ['HS384', secret, secret],
    ['HS512', secret, secret],
    ['RS256', pair.privateKey, pair.publicKey],
    ['PS256', pair.privateKey, pair.publicKey],
  ];

  it.each(keys)('%s opens what it signed, and so does another library', async (algorithm, signing, verifying) => {
    const claims = { sub: 'ü', exp: Math.floor(Date.now() / 1000) + 60 };
    const token = Jwt.encode(claims, signing, algorithm, { kid: 'k' });
    expect(Jwt.decode(token, verifying, algorithm)).toEqual(claims);
    expect(Jwt.decodeComplete(token, verifying, { algorithm }).header).toEqual({
      alg: algorithm,
      typ: 'JWT',
      kid: 'k',
    });
    const key = typeof verifying === 'string' ? new TextEncoder().encode(verifying) : verifying;
    expect((await jwtVerify(token, key, { algorithms: [algorithm] })).payload).toEqual(claims);
  });

  it.each(keys)('%s opens what another library signed', async (algorithm, signing, verifying) => {
    const key = typeof signing === 'string' ? new TextEncoder().encode(signing) : signing;
    const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: algorithm }).sign(key);
    expect(Jwt.decode(token, verifying, algorithm)).toEqual({ a: 1 });
  });

  it('opens an AccessToken of the twilio package, and refuses it with a wrong secret', () => {
    const token = new twilio.jwt.AccessToken(accountSid, keySid, secret, { identity: '小明' }).toJwt();
    expect(Jwt.decode(token, secret)).toMatchObject({ grants: { identity: '小明' }, iss: keySid, sub: accountSid });
    expect(Jwt.decode(token, Buffer.from(secret))).toEqual(Jwt.decode(token, createSecretKey(secret, 'utf8')));
    expect(refusal(() => Jwt.decode(token, `${secret}x`)).reason).toBe('signature');
  });

  it('refuses a token in which any character was changed, left out or put in', () => {
    for (const [algorithm, signing, verifying] of keys.filter(([name]) => name !== 'HS384')) {
      const token = Jwt.encode({ sub: 's' }, signing, algorithm);
      for (let at = 0; at < token.length; at += 1) {
        const other = token[at] === 'A' ? 'B' : 'A';
        for (const piece of [other, '', `${token[at]}=`, `${token[at]}.`, `${token[at]} `]) {
          const changed = token.slice(0, at) + piece + token.slice(at + 1);
          expect(refusal(() => Jwt.decode(changed, verifying, algorithm))).toBeInstanceOf(JwtDecodeError);
        }
      }
    }
  });

  it('takes only one spelling of a signature: unused bits of its last character are no room for change', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const [algorithm, signing, verifying] of keys) {
      const token = Jwt.encode({}, signing, algorithm);
      const taken = [...alphabet].filter((last) => {
        try {
          return Jwt.decode(token.slice(0, -1) + last, verifying, algorithm) !== undefined;
        } catch {
          return false;
        }
      });
      expect(taken).toEqual([token.at(-1)]);
    }
  });

  it('never takes an unsigned token, however none is spelled', () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, 0, ['HS256'], { HS256: 1 }]) {
      const input = `${encoded({ alg, typ: 'JWT' })}.${encoded({ sub: 's' })}`;
      for (const signature of ['', Buffer.from('x').toString('base64url')]) {
        expect(refusal(() => Jwt.decode(`${input}.${signature}`, secret)).reason).toBe('algorithm');
      }
      expect(refusal(() => Jwt.decode(signed({ alg, typ: 'JWT' }, { sub: 's' }), secret)).reason).toBe('algorithm');
    }
    expect(() => Jwt.encode({}, secret, 'none' as never)).toThrow(InvalidArgumentError);
    expect(() => Jwt.decode(signed({ alg: 'none' }, {}), secret, 'none' as never)).toThrow(InvalidArgumentError);
  });

  it('goes by the algorithm that the caller names and not by the one that the token names', () => {
    for (const [named, signing] of keys) {
      const token = Jwt.encode({}, signing, named);
      for (const [expected, , verifying] of keys.filter(([name]) => name !== named)) {
        const error = refusal(() => Jwt.decode(token, verifying, expected));
        expect(error.reason).toBe('algorithm');
        expect(error.message).toBe(`Incorrect decoding algorithm ${named}, expecting ${expected}.`);
      }
    }
  });

  it('does not let a public key serve as a shared secret', () => {
    const forged = signed({ alg: 'HS256', typ: 'JWT' }, { sub: 'admin' }, publicPem);
    expect(refusal(() => Jwt.decode(forged, publicPem, 'RS256')).reason).toBe('algorithm');
    for (const key of [publicPem, Buffer.from(publicPem), pair.publicKey, createPublicKey(publicPem)]) {
      expect(() => Jwt.decode(forged, key, 'HS256')).toThrow(InvalidArgumentError);
      expect(() => Jwt.encode({}, key, 'HS256')).toThrow(InvalidArgumentError);
    }
  });

  it('reads exp and nbf against the clock, with the leeway that is asked for and no more', () => {
    const token = Jwt.encode({ exp: now, nbf: now - 60 }, secret);
    const at = (second: number, leeway?: number) => () => Jwt.decode(token, secret, { now: second, leeway });
    expect(at(now - 1)()).toEqual({ exp: now, nbf: now - 60 });
    expect(refusal(at(now))).toMatchObject({ reason: 'expired', message: 'Signature has expired' });
    expect(at(now + 9, 10)()).toBeDefined();
    expect(refusal(at(now + 10, 10)).reason).toBe('expired');
    expect(refusal(at(now - 61)).reason).toBe('not-yet-valid');
    expect(at(now - 70, 10)()).toBeDefined();
    expect(refusal(at(now - 71, 10)).reason).toBe('not-yet-valid');
    expect(refusal(() => Jwt.decode(token, secret)).reason).toBe('expired');
  });

  it('refuses claims of time that are no numbers, which else would count for ever', () => {
    for (const claim of ['exp', 'nbf', 'iat']) {
      for (const value of ['"2100000000"', 'null', 'true', '[2100000000]', '{}', '1e999']) {
        const token = signed({ alg: 'HS256' }, `{"${claim}":${value}}`);
        expect(refusal(() => Jwt.decode(token, secret)).reason).toBe('claims');
      }
    }
  });

  it('refuses what is no token, whatever it is', () => {
    const [head, body, signature] = Jwt.encode({}, secret).split('.');
    const wrong: unknown[] = [
      undefined,
      null,
      7,
      {},
      '',
      '.',
      '..',
      'abc',
      `${head}.${body}`,
      `${head}.${body}.${signature}.`,
      `${head}..${signature}`,
      `.${body}.${signature}`,
      `${head}.${body}.${signature} `,
      `Bearer ${head}.${body}.${signature}`,
      `${head}.${body}.${'A'.repeat(20_000)}`,
      signed({ alg: 'HS256' }, '[]'),
      signed({ alg: 'HS256' }, 'null'),
      signed({ alg: 'HS256' }, '"text"'),
      signed({ alg: 'HS256' }, '{'),
      signed([] as object, {}),
    ];
    for (const token of wrong) refusal(() => Jwt.decode(token as string, secret));
  });

  it('refuses an extension that it does not know', () => {
    const header = { alg: 'HS256', crit: ['b64'], b64: false };
    expect(refusal(() => Jwt.decode(signed(header, {}), secret)).message).toContain('crit');
  });

  it('names the argument that is wrong, and never repeats a secret', () => {
    const wrong: [string, () => unknown][] = [
      ['key', () => Jwt.encode({}, '')],
      ['key', () => Jwt.encode({}, Buffer.alloc(0))],
      ['key', () => Jwt.encode({}, 5 as never)],
      ['key', () => Jwt.encode({}, secret, 'RS256')],
      ['key', () => Jwt.encode({}, pair.publicKey, 'RS256')],
      ['key', () => Jwt.encode({}, createSecretKey(secret, 'utf8'), 'RS256')],
      ['key', () => Jwt.encode({}, generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, 'RS256')],
      ['key', () => Jwt.encode({}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'RS256')],
      ['algorithm', () => Jwt.encode({}, secret, 'HS1' as never)],
      ['payload', () => Jwt.encode([] as never, secret)],
      ['payload', () => Jwt.encode('{}' as never, secret)],
      ['payload.exp', () => Jwt.encode({ exp: Number.NaN }, secret)],
      ['payload.exp', () => Jwt.encode({ exp: '7200' }, secret)],
      ['payload.nbf', () => Jwt.encode({ nbf: -1 }, secret)],
      ['headers', () => Jwt.encode({}, secret, 'HS256', { alg: 'none' })],
      ['leeway', () => Jwt.decode('a.b.c', secret, { leeway: 601 })],
      ['now', () => Jwt.decode('a.b.c', secret, { now: Date.now() })],
    ];
    for (const [field, call] of wrong) {
      expect(call).toThrow(InvalidArgumentError);
      expect(call).toThrow(expect.objectContaining({ field }) as never);
      expect(call).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }) as never);
    }
  });
});
