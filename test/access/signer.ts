import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ValidationToken } from '../../src/sdk/jwt/index.ts';
import { type Admin, dataOf } from '../support/tenancy.ts';
import { type Answer, send } from '../support/tokens.ts';

/** An account, an API key of its, and the key pair that signs calls. */
export interface Signer {
  readonly accountSid: string;
  readonly credentialSid: string;
  /** SID of the API key. */
  readonly signingKey: string;
  readonly secret: string;
  /** PEM. */
  readonly privateKey: string;
  /** PEM. */
  readonly publicKey: string;
}

/** A request as it is sent. */
export interface Sent {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ type, format: 'pem' } as never).toString();

/** A new pair, PEM. */
export function newPair() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { publicKey: pem(publicKey, 'spki'), privateKey: pem(privateKey, 'pkcs8') };
}

/** Makes an account with an API key and a public key; it does not require anything yet. @param scopes of the API key. */
export async function makeSigner(by: Admin, more: object = {}, scopes: readonly string[] = ['admin']): Promise<Signer> {
  const accountSid = String(dataOf(await by.post('/accounts', { name: 'Signed', ...more }))['sid']);
  const wish = { name: 'Signing key', account_sid: accountSid, scopes };
  const key = dataOf(await by.post('/api_keys', wish));
  const pair = newPair();
  const body = { name: 'Signer', account_sid: accountSid, public_key: pair.publicKey };
  const credentialSid = String(dataOf(await by.post('/public_keys', body))['sid']);
  return { accountSid, credentialSid, signingKey: String(key['sid']), secret: String(key['secret']), ...pair };
}

export const requirementOf = (by: Admin, { accountSid }: Signer, require_validation: boolean): Promise<Answer> =>
  by.put(`/accounts/${accountSid}`, { require_validation });

/** The header that the API key of a signer is sent in. */
export const bearerOf = ({ signingKey, secret }: Signer) => `Bearer ${signingKey}.${secret}`;

/** What a signer signs for a request to an address. */
export function tokenFor(signer: Signer, address: string, { method, path, body, headers }: Sent): string {
  const authorization = headers?.['authorization'] ?? bearerOf(signer);
  return new ValidationToken(signer).fromHttpRequest({
    url: address + path,
    method,
    headers: { authorization },
    data: body,
  });
}

/** Sends a request with the API key of a signer, with a token where there is one. */
export function sendAs(signer: Signer, address: string, { method, path, body, headers }: Sent, token?: string) {
  return send(address + path, {
    method,
    headers: {
      authorization: bearerOf(signer),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'twilio-client-validation': token }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}
