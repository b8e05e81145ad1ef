import { createHmac } from 'node:crypto';
import { type House, openHouse } from '../support/house.ts';
import { type Admin, adminOf, dataOf, makeTenant, type Tenant } from '../support/tenancy.ts';
import type { Answer } from '../support/tokens.ts';

type Json = Readonly<Record<string, unknown>>;

/** An API key as its maker gets it. */
export interface MadeKey extends Admin {
  readonly sid: string;
  readonly secret: string;
  /** Both in one. */
  readonly key: string;
}

/** A house with an organization in it that mints. */
export interface IssuerScene {
  readonly house: House;
  readonly acme: Tenant;
  /** Another organization, which acme has nothing to do with. */
  readonly rival: Tenant;
  /** A key of acme's owner that may mint anything, and nothing else. */
  readonly minter: MadeKey;
  /** Auth token of acme's account. */
  readonly authToken: string;
  makeKey(more?: Json, by?: Admin): Promise<MadeKey>;
  close(): Promise<void>;
}

/** Opens a house for the issuer. */
export async function openIssuerScene(variables: Readonly<Record<string, string>> = {}): Promise<IssuerScene> {
  const house = await openHouse(variables);
  const acme = await makeTenant(house, 'Acme');
  const rival = await makeTenant(house, 'Rival');
  const { owner } = acme.people;
  async function makeKey(more: Json = {}, by: Admin = owner): Promise<MadeKey> {
    const wish = { name: 'Key', account_sid: acme.account, scopes: ['access_tokens:write'], ...more };
    const { sid = '', secret = '', key = '' } = dataOf(await by.post('/api_keys', wish));
    return { ...adminOf(house.address, key), sid, secret, key };
  }
  const rotated = await owner.post(`/accounts/${acme.account}/auth_token`);
  return {
    house,
    acme,
    rival,
    minter: await makeKey(),
    authToken: String(dataOf(rotated)['auth_token']),
    makeKey,
    close: () => house.close(),
  };
}

/** What a verification says. */
export interface Verdict {
  readonly valid: boolean;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly [member: string]: unknown;
}

/** Asks whether an AccessToken counts. @throws Error naming what came instead of an answer. */
export async function verdictOn(by: Admin, token: string, path = '/v1/access_tokens/verify', more: Json = {}) {
  const answer = await by.post(path, { token, ...more });
  if (answer.status !== 200) throw new Error(`no verdict: ${answer.status} ${answer.text}`);
  return answer.body as unknown as Verdict;
}

/** The code of the reason why an AccessToken does not count; `valid` where it does. */
export const codeOf = async (by: Admin, token: string, path?: string) =>
  (await verdictOn(by, token, path)).reason?.code ?? 'valid';

/** The token of a good answer. @throws Error naming what came instead. */
export function mintedIn({ status, body, text }: Answer): string {
  if (status !== 201) throw new Error(`no token: ${status} ${text}`);
  return String(body['token']);
}

/** A part of a token. */
export const encoded = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

const digests: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** Signs whatever it is given, with the algorithm that the header names or HS256. */
export function forge(header: Json, payload: Json | string, secret: string): string {
  const input = `${encoded(header)}.${encoded(payload)}`;
  const digest = digests[String(header['alg'])] ?? 'sha256';
  return `${input}.${createHmac(digest, secret).update(input).digest('base64url')}`;
}

/** The header of a good AccessToken. */
export const goodHeader = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };

/** The second that it is. */
export const secondsNow = (): number => Math.floor(Date.now() / 1000);

/** The claims of a good AccessToken of a key. */
export function goodClaims({ sid }: Pick<MadeKey, 'sid'>, accountSid: string, more: Json = {}): Json {
  const iat = secondsNow();
  const named = { jti: `${sid}-${iat}`, grants: { identity: 'alice' }, iat, exp: iat + 600, iss: sid, sub: accountSid };
  return { ...named, ...more };
}
