import type { IncomingHttpHeaders } from 'node:http';
import { Problem, problemFrom } from '../../base/index.ts';
import { twilioBody } from '../../http/index.ts';
import {
  asResource,
  isOfAccount,
  type Parameters,
  type Settled,
  type Spelling,
  settleSpelling,
  spellingsOf,
  takeFromQuery,
  tokenParameters,
} from './rules.ts';

/** A refusal as OAuth tells it. */
interface Refusal {
  readonly error: string;
  readonly error_description?: string;
}

/** An address of the token endpoint for Twilio's clients, as the protocol takes it. */
export interface TwilioTokenAddress {
  readonly path: '/v1/token' | '/v2/token';
  /** Status of an answer with tokens, as Twilio documents it. */
  readonly status: 200 | 201;
  /** Says a request in the protocol's own terms. @param query without the question mark. @throws Problem 400, 401. */
  settle(headers: IncomingHttpHeaders, body: Parameters, query: string): Parameters;
  /** The body of a refusal: what these clients read beside what OAuth has. */
  refusal(refusal: Refusal, status: number): object;
}

const spellings = spellingsOf(tokenParameters);

/** @throws Problem 400 with the rule's sentence. */
function orRefuse(settled: Settled): Parameters {
  if (!settled.ok) throw new Problem('malformed_request', settled.fault);
  return settled.value;
}

/** Unlike a body's, a control character in a URL has not been looked for yet. */
const unacceptable = /\p{Cc}/u;

/** Characters; as elsewhere. */
const longestQuery = 8192;

function parametersIn(query: string): Parameters {
  if (query.length > longestQuery) throw new Problem('malformed_request', 'The query of the URL is too long.');
  const parameters = [...new URLSearchParams(query)];
  if (parameters.some(([name, value]) => spellings.has(name) && unacceptable.test(value))) {
    throw new Problem('malformed_request', 'A parameter in the URL contains a control character.');
  }
  return parameters;
}

/**
 * Node's client sends an empty header with a token request, Python's the account's own credentials where it finds them in
 * its environment. Neither says which client asks, which the body does.
 */
function settleAuthorization(headers: IncomingHttpHeaders, parameters: Parameters): void {
  const header = headers.authorization?.trim();
  if (header === undefined) return;
  const isForeign = isOfAccount(header);
  const hasSecret = parameters.some(([name, value]) => name === 'client_secret' && value !== '');
  if (isForeign && !hasSecret) {
    throw new Problem(
      'invalid_client',
      'The credentials of an account or an API key are not a client: send client_id and client_secret in the body.',
    );
  }
  if (header === '' || isForeign) delete headers.authorization;
}

function settle(spelling: Spelling): TwilioTokenAddress['settle'] {
  const read = (parameters: Parameters) => orRefuse(settleSpelling(parameters, spellings, spelling));
  return (headers, body, query) => {
    const own = read(body);
    const whole = query === '' ? own : orRefuse(takeFromQuery(read(parametersIn(query)), own, spellings));
    settleAuthorization(headers, whole);
    return orRefuse(asResource(whole));
  };
}

/**
 * `POST /v1/token` and `POST /v2/token`: the token endpoint as the twilio clients call it. The protocol behind it, its
 * limits and its checks are those of `/oauth/token`.
 */
export function twilioTokenAddresses(issuer: string): readonly TwilioTokenAddress[] {
  const refusal: TwilioTokenAddress['refusal'] = (told, status) =>
    twilioBody(issuer, problemFrom(told.error, status, told.error_description), told, status);
  return [
    { path: '/v1/token', status: 201, settle: settle('any'), refusal },
    { path: '/v2/token', status: 200, settle: settle('snake_case'), refusal },
  ];
}
