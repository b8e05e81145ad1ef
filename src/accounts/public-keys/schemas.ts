import { z } from 'zod';
import { pageParameters, sid, text, timestamp } from '../../api/index.ts';

/** Characters: a key of the largest size takes half as many. */
const longestPem = 4_096;

const example = '-----BEGIN PUBLIC KEY-----\n...\n-----END PUBLIC KEY-----\n';

export const publicKeyRecord = z
  .strictObject({
    sid: sid('publicKey'),
    record_type: z.literal('public_key'),
    name: z.string(),
    organization_sid: sid('organization'),
    account_sid: sid('account'),
    public_key: z.string().meta({ description: 'PEM of SubjectPublicKeyInfo, however it was sent.' }),
    fingerprint: z.string().meta({ description: 'SHA-256 of its DER, in hexadecimal.' }),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .meta({
    id: 'PublicKey',
    description:
      'A public key of an account. The private half signs calls with the account’s API keys: its SID is the `kid` of ' +
      'a ValidationToken.',
  });

export const publicKeyPath = z.strictObject({ sid: sid('publicKey') });

export const listPublicKeysQuery = z.strictObject({
  ...pageParameters,
  'filter[account_sid]': sid('account').optional(),
});

export const createPublicKeyBody = z.strictObject({
  name: text(200),
  account_sid: sid('account')
    .optional()
    .meta({ description: 'Default: the account of the calling API key. Any other caller must name one.' }),
  public_key: z
    .string('must be a string')
    .max(longestPem, `must have at most ${longestPem} characters`)
    .meta({
      description: 'An RSA key of 2048 to 8192 bits as PEM, SubjectPublicKeyInfo or PKCS#1. Never send a private key.',
      examples: [example],
    }),
});

export const updatePublicKeyBody = z.strictObject({ name: text(200).optional() });
