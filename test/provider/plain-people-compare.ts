import { expect } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { byAssertion, goodClaims, signAssertion } from '../support/tokens.ts';
import type { Pair } from './plain-authentication.ts';
import type { Engines } from './plain-engines.ts';
import type { AuthorizeCase } from './plain-people-authorize.ts';
import type { PeopleCast } from './plain-people-cast.ts';
import { cookiePair, type Half, openStage } from './plain-people-stage.ts';
import { storedReader } from './plain-people-stored.ts';
import type { TokenCase } from './plain-people-tokens.ts';
import type { TokenRequest } from './plain-requests.ts';
import { type Answer, describeHeaders, send } from './plain-wire.ts';

const timeMembers = new Set(['iat', 'exp', 'iiat', 'authTime', 'auth_time', 'loginTs', 'expires_at']);
const randomMembers = new Set(['jti', 'at_hash', 'c_hash', 's_hash']);

/** What a value looks like when random values go by names and moments are counted from when the case was made. */
function settle(value: unknown, names: ReadonlyMap<string, string>, madeAt: number): unknown {
  if (typeof value === 'string') {
    let text = value;
    for (const [random, name] of names) text = text.replaceAll(random, name);
    return text.replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, 'RANDOM');
  }
  if (Array.isArray(value)) return value.map((one) => settle(one, names, madeAt));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => {
    if (randomMembers.has(name)) return [name, typeof member];
    // Two requests of one moment may see two seconds, and a busy machine a few more.
    if (timeMembers.has(name)) return [name, 20 * Math.round(((member as number) - madeAt) / 20)];
    return [settle(name, names, madeAt), settle(member, names, madeAt)];
  });
  return Object.fromEntries(entries);
}

function describeToken(token: unknown): unknown {
  if (typeof token !== 'string' || token.split('.').length !== 3) return typeof token;
  const { iat = 0, exp = 0, ...claims } = decodeJwt(token);
  // The library looks at the clock twice, which may see two seconds; what it says of the lifetime is compared to the second.
  const lifetime = 20 * Math.ceil((exp - iat) / 20);
  return { header: decodeProtectedHeader(token), claims: { iat, ...claims }, lifetime };
}

type TokenAnswer = Readonly<Record<string, string | undefined>>;

/** The random values of an answer, by name. */
function randomOf({ status, text }: Answer): ReadonlyArray<readonly [string, string]> {
  if (status !== 200) return [];
  const members = JSON.parse(text) as TokenAnswer;
  return ['access_token', 'refresh_token', 'id_token'].flatMap((name): Array<readonly [string, string]> => {
    const value = members[name];
    return value === undefined ? [] : [[value, name.toUpperCase()]];
  });
}

function describeAnswer(answer: Answer, request: TokenRequest): object {
  const { 'set-cookie': _renewal, ...headers } = describeHeaders(answer, request) as Record<string, unknown>;
  const { status, text } = answer;
  const tokens = status === 200 && text.startsWith('{') ? (JSON.parse(text) as TokenAnswer) : {};
  return {
    status,
    headers,
    text,
    access: describeToken(tokens['access_token']),
    id: describeToken(tokens['id_token']),
  };
}

/** How one case ended at one server. */
interface Outcome {
  readonly status: number;
  readonly settled: unknown;
}

export interface Comparison {
  /** Sends a case to both servers and expects the same of both. @returns the status. */
  token(wanted: TokenCase): Promise<number>;
  authorize(wanted: AuthorizeCase): Promise<number>;
}

/** Opens the comparison of the two servers. */
export function openComparison(cast: PeopleCast, engines: Engines): Comparison {
  const stage = openStage(cast, engines);
  const stored = storedReader(cast, engines);
  const addresses = [engines.plain, engines.library] as const;

  async function credentials({ client, presented }: TokenCase): Promise<{ fields: Pair[]; headers: Pair[] }> {
    const named: Pair = ['client_id', client.id];
    if (presented === 'not at all' || client.manner === 'none') return { fields: [named], headers: [] };
    if (client.manner === 'assertion') {
      const { grant_type: _none, ...assertion } = byAssertion(
        await signAssertion(cast.key, goodClaims(client.id, cast.house.issuer)),
      );
      return { fields: [named, ...Object.entries(assertion)], headers: [] };
    }
    const secret = presented === 'wrong' ? `${client.secret}x` : client.secret;
    const basic = (client.manner === 'basic') !== (presented === 'elsewhere');
    if (!basic) return { fields: [named, ['client_secret', secret]], headers: [] };
    return {
      fields: [],
      headers: [['authorization', `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`]],
    };
  }

  async function tokenAt(side: 0 | 1, wanted: TokenCase): Promise<Outcome> {
    const half = await stage.token(side, wanted.wish);
    const { fields, headers } = await credentials(wanted);
    const pairs = [...wanted.pairs.map(([name, value]) => [name, value.replace('VALUE', half.value)]), ...fields];
    const request: TokenRequest = {
      path: '/oauth/token',
      headers: Object.fromEntries([
        ['content-type', 'application/x-www-form-urlencoded'],
        ...headers,
        ...wanted.headers,
      ]),
      body: new URLSearchParams(pairs as Array<[string, string]>).toString(),
    };
    const answers = [await send(addresses[side], request)];
    if (wanted.again) answers.push(await send(addresses[side], request));
    const names = new Map([...half.names, ...answers.toReversed().flatMap(randomOf)]);
    const left = await stored.family(half.grantId, half.value);
    const answered = answers.map((answer) => describeAnswer(answer, request));
    return { status: answers[0]?.status ?? 0, settled: settle({ answered, left }, names, half.madeAt) };
  }

  function cookieHeader({ cookie }: AuthorizeCase, { value }: Half): Pair[] {
    const [pair, signature] = cookiePair(engines, value);
    const headers = {
      right: `${pair}; ${signature}`,
      'among others': `a=b; ${signature};${pair} ; cs_session_x=y`,
      'badly signed': `${pair}; ${signature.slice(0, -1)}${signature.endsWith('A') ? 'E' : 'A'}`,
      unsigned: pair,
      twice: `${pair}; ${pair}; ${signature}`,
      none: undefined,
    };
    const header = headers[cookie];
    return header === undefined ? [] : [['cookie', header]];
  }

  async function authorizeAt(side: 0 | 1, wanted: AuthorizeCase): Promise<Outcome> {
    const half = await stage.session(side, wanted.wish);
    const request: TokenRequest = {
      path: `/oauth/authorize?${wanted.query}`,
      headers: Object.fromEntries([...wanted.headers, ...cookieHeader(wanted, half)]),
      body: '',
    };
    const answer = await send(addresses[side], request, 'GET');
    const code = /(?:code=|name="code" value=")([\w-]{43})(?![\w-])/.exec(
      `${answer.headers['location']} ${answer.text}`,
    )?.[1];
    const family = code === undefined ? undefined : await stored.familyOfCode(code);
    const left = family === undefined ? undefined : await stored.family(family, code ?? '');
    const names = new Map([...half.names, [code ?? 'no code', 'CODE'], [family ?? 'no family', 'FAMILY']]);
    const settled = settle({ answered: describeAnswer(answer, request), left }, names, half.madeAt);
    return { status: code === undefined ? answer.status : 200, settled };
  }

  async function compare(at: (side: 0 | 1) => Promise<Outcome>): Promise<number> {
    const [plain, library] = await Promise.all([at(0), at(1)]);
    expect(plain.settled).toEqual(library.settled);
    expect(plain.status).toBeLessThan(500);
    return plain.status;
  }

  return {
    token: (wanted) => compare((side) => tokenAt(side, wanted)),
    authorize: (wanted) => compare((side) => authorizeAt(side, wanted)),
  };
}
