import { generateKeyPairSync } from 'node:crypto';
import type { ValidationExpectations } from '../../../src/sdk/jwt/index.ts';

/** Who signs requests in these tests. */
export const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const sender = { accountSid: 'AC0123', credentialSid: 'CR0123', signingKey: 'SK0123', privateKey };

/** What the receiver knows of the sender. */
export const expected: ValidationExpectations = {
  publicKey: pair.publicKey,
  accountSid: sender.accountSid,
  credentialSid: sender.credentialSid,
  signingKey: sender.signingKey,
};

/** A request with something in every part that is signed. */
export const request = {
  method: 'POST',
  url: 'https://api.example.com/v1/calls?page=2',
  headers: { Authorization: 'Basic abc', host: 'api.example.com' },
  data: 'To=%2B1',
};
