import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readPublicKey } from '../../src/accounts/public-keys/rules.ts';

const spki = { type: 'spki', format: 'pem' } as const;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = pair.publicKey.export(spki).toString();
const jwk = pair.publicKey.export({ format: 'jwk' });

const withExponent = (exponent: number) =>
  generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: exponent }).publicKey.export(spki).toString();

describe('no public key for signatures', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(spki).toString();
  const withKey = (members: Readonly<Record<string, string>>) =>
    createPublicKey({ key: { ...jwk, ...members } as JsonWebKey, format: 'jwk' })
      .export(spki)
      .toString();
  const number = (...bytes: number[]) => Buffer.from(bytes).toString('base64url');
  const evenModulus = Buffer.from(String(jwk.n), 'base64url').fill(0, 255).toString('base64url');
  const huge = Buffer.alloc(1025, 255).toString('base64url');

  const kinds: ReadonlyArray<[string, string]> = [
    ['an elliptic curve', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(spki).toString()],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey.export(spki).toString()],
    ['RSA for PSS alone', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey.export(spki).toString()],
  ];

  it.each<[string, string, string]>([
    ['a text', 'a key', 'must be the PEM'],
    ['an empty text', '', 'must be the PEM'],
    ['base64 without its frame', pem.split('\n').slice(1, -2).join(''), 'must be the PEM'],
    ['a frame around nothing', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'must be the PEM'],
    ['two keys', `${pem}${pem}`, 'must be the PEM'],
    ['a key with something behind it', `${pem}and more`, 'must be the PEM'],
    ['a key in two frames', pem.replace('BEGIN PUBLIC', 'BEGIN RSA PUBLIC'), 'must be the PEM'],
    ['a key with a NUL in it', pem.replace('\n', '\n\0'), 'must be the PEM'],
    ...kinds.map(([name, given]) => [`a key for ${name}`, given, 'must be an RSA key'] as [string, string, string]),
    ['an RSA key of 1024 bits', small, '2048 to 8192 bits'],
    ['an RSA key of 8200 bits', withKey({ n: huge }), '2048 to 8192 bits'],
    ['an RSA key with the exponent 1', withKey({ e: number(1) }), 'odd public exponent'],
    ['an RSA key with an even exponent', withKey({ e: number(1, 0, 0) }), 'odd public exponent'],
    ['an RSA key with an exponent beyond 32 bits', withKey({ e: number(1, 0, 0, 0, 1) }), 'odd public exponent'],
    ['an RSA key with an even modulus', withKey({ n: evenModulus }), 'odd modulus'],
  ])('is %s', (_what, given, sentence) => {
    expect(readPublicKey(given)).toEqual({ ok: false, fault: expect.stringContaining(sentence) });
  });
});

describe('an RSA key', () => {
  it('is good with the exponent 3 too, and from 2048 bits on', () => {
    for (const given of [pem, withExponent(3)]) expect(readPublicKey(given).ok).toBe(true);
  });
});
