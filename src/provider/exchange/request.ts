import { Problem } from '../../base/index.ts';
import { type NarrowingWish, readNarrowing } from '../narrowing.ts';

/** RFC 8693 section 3, as far as tokens of this server are of these types. */
export const tokenTypes = {
  access: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;
export type TokenType = (typeof tokenTypes)[keyof typeof tokenTypes];

/** Parameters of RFC 8693 section 2.1, and ours. The first ones may stand in the request more than once. */
export const repeatable = ['resource', 'audience'] as const;
export const exchangeParameters = [
  ...repeatable,
  ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'],
  ...['scope', 'org_id', 'account_sid'],
] as const;

/** A token as it was presented. */
export interface PresentedToken {
  readonly token: string;
  readonly type: TokenType;
}

/** A request for an exchange, read and not judged. */
export interface ExchangeRequest {
  readonly subject: PresentedToken;
  readonly actor: PresentedToken | undefined;
  readonly requestedType: TokenType;
  /** None where the request says nothing of scopes. */
  readonly scopes: readonly string[] | undefined;
  /** What `resource` and `audience` name. */
  readonly targets: readonly string[];
  readonly narrowing: NarrowingWish | undefined;
}

type Read = (parameter: string) => unknown;

const malformed = (detail: string) => new Problem('malformed_request', detail);

function text(read: Read, parameter: string): string | undefined {
  const value = read(parameter);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw malformed(`The parameter "${parameter}" stands in the request twice.`);
  return value;
}

function tokenType(read: Read, parameter: string): TokenType | undefined {
  const type = text(read, parameter);
  const known = Object.values<string>(tokenTypes);
  if (type === undefined || known.includes(type)) return type as TokenType | undefined;
  throw malformed(`${parameter} must be one of ${known.join(', ')}`);
}

/** RFC 8693 section 2.1: a token and its type go together. */
function presented(read: Read, who: 'subject' | 'actor'): PresentedToken | undefined {
  const token = text(read, `${who}_token`);
  const type = tokenType(read, `${who}_token_type`);
  if (token === undefined && type === undefined) return undefined;
  if (token === undefined) throw malformed(`Send the ${who} token in the parameter "${who}_token".`);
  if (type === undefined) throw malformed(`Say what the ${who} token is in the parameter "${who}_token_type".`);
  return { token, type };
}

/** @param read the value of a parameter, a list where it stands there more than once. @throws Problem 400. */
export function readExchange(read: Read): ExchangeRequest {
  const subject = presented(read, 'subject');
  if (subject === undefined)
    throw malformed('Send the token that is to be exchanged in the parameter "subject_token".');
  return {
    subject,
    actor: presented(read, 'actor'),
    requestedType: tokenType(read, 'requested_token_type') ?? tokenTypes.access,
    scopes: text(read, 'scope')
      ?.split(' ')
      .filter((name) => name !== ''),
    targets: repeatable.flatMap((parameter) => [read(parameter) ?? []].flat() as string[]),
    narrowing: readNarrowing(read),
  };
}
