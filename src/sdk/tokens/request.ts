import { ConnectionError, TimeoutError } from '../errors.ts';
import { exchange, placeOf } from '../transport/exchange.ts';
import { headersOf } from '../transport/headers.ts';
import { type Outcome, withRetries } from '../transport/retry.ts';
import { isWorthRetrying, retryAfterOf, serverTimeOf } from '../transport/rules.ts';
import type { Answer } from '../transport/types.ts';
import { TokenEndpointUnavailableError } from './errors.ts';
import type { TokenRequest } from './options.ts';
import { describe, readTokenAnswer, refusalOf } from './response.ts';
import type { ClientProof, TokenAnswer } from './types.ts';

/** The most of an answer that is read: far more than any token. */
const answerLimit = 262_144;
/** Milliseconds by which clocks may differ before a refused assertion is blamed on it. */
const notableSkew = 15_000;

/** Never shown, even where the server repeats them. */
const secretParameters = ['client_secret', 'client_assertion', 'code', 'refresh_token', 'code_verifier'];

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/** Parameters in the order of Twilio's client; others follow. */
const wireOrder = [
  'account_sid',
  'grant_type',
  'client_id',
  'client_secret',
  'code',
  'redirect_uri',
  'audience',
  'refresh_token',
  'scope',
  'code_verifier',
];

function formOf(pairs: ReadonlyArray<readonly [string, string]>): string {
  const rankOf = (name: string) => (wireOrder.includes(name) ? wireOrder.indexOf(name) : wireOrder.length);
  const ordered = [...pairs].sort(([left], [right]) => rankOf(left) - rankOf(right));
  return new URLSearchParams(ordered.map(([name, value]): [string, string] => [name, value])).toString();
}

/**
 * Asks a token endpoint, again and again where that may help. It remembers the newest refresh token, since the one
 * before is spent, and how far the server's clock is from ours.
 */
export class TokenEndpoint {
  readonly #request: TokenRequest;
  #grantType: string;
  #grant: Readonly<Record<string, string>>;
  /** What was sent last that is never shown. */
  #secrets: readonly string[] = [];
  /** Ends when the request before has: a code or a refresh token must not be sent twice at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Milliseconds that the server's clock is ahead. */
  #skew = 0;

  constructor(request: TokenRequest) {
    this.#request = request;
    this.#grantType = request.grantType;
    this.#grant = request.grant;
  }

  /** @throws TokenError, or the reason of the signal. */
  ask(): Promise<TokenAnswer> {
    if (this.#grantType === 'client_credentials') return this.#ask();
    const turn = this.#turn.then(() => this.#ask());
    // Its own caller hears of a failure; the next one only waits for the end.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #ask(): Promise<TokenAnswer> {
    const answer = await withRetries(this.#request, (attempt) => this.#attempt(attempt));
    this.#keepRefreshToken(answer.refreshToken);
    return answer;
  }

  #keepRefreshToken(refreshToken: string | undefined): void {
    if (refreshToken === undefined || this.#request.grantType === 'client_credentials') return;
    this.#grantType = 'refresh_token';
    this.#grant = { refresh_token: refreshToken };
    this.#request.onRefreshToken?.(refreshToken);
  }

  async #attempt(attempt: number): Promise<Outcome<TokenAnswer>> {
    try {
      return this.#read(await this.#sendByServerClock(), attempt);
    } catch (error) {
      if (!(error instanceof ConnectionError || error instanceof TimeoutError)) throw error;
      const message = `${error.message} Asked ${times(attempt)} for a token.`;
      return { kind: 'failed', error: new TokenEndpointUnavailableError(message, attempt, { cause: error }) };
    }
  }

  #read(answer: Answer, attempt: number): Outcome<TokenAnswer> {
    const asked = { ...this.#request, secrets: this.#secrets };
    if (isWorthRetrying(answer.status)) {
      const retryAfter = retryAfterOf(answer.headers, this.#request.clock.wall());
      const place = placeOf(this.#request.tokenUrl);
      const advice = answer.status === 429 ? 'Ask for fewer tokens: keep one manager for all calls.' : 'Try later.';
      const message = `${place} gave no token (${describe(answer, asked)}) when asked ${times(attempt)}. ${advice}`;
      const details = { status: answer.status, retryAfter };
      return { kind: 'failed', error: new TokenEndpointUnavailableError(message, attempt, details), retryAfter };
    }
    if (answer.status >= 400) throw refusalOf(answer, asked);
    return { kind: 'done', value: readTokenAnswer(answer, asked) };
  }

  /** Sends the request; once more when its proof bears a time that the server's clock belies. */
  async #sendByServerClock(): Promise<Answer> {
    const proof = await this.#proof();
    const answer = await this.#send(proof);
    const before = this.#skew;
    this.#noteSkew(answer);
    const belied = proof.timed === true && Math.abs(this.#skew - before) > notableSkew;
    if (!belied || (answer.status !== 401 && answer.status !== 400)) return answer;
    return this.#send(await this.#proof());
  }

  #noteSkew(answer: Answer): void {
    const serverTime = serverTimeOf(answer.headers);
    if (serverTime === undefined) return;
    const skew = serverTime - this.#request.clock.wall();
    // The header is exact to the second, and the answer took its time: less than that is no difference.
    this.#skew = Math.abs(skew) > notableSkew ? skew : 0;
  }

  async #proof(): Promise<ClientProof> {
    const { clientAuthentication, clientId, tokenUrl, clock } = this.#request;
    const proof = await clientAuthentication({ clientId, tokenUrl, now: clock.wall() + this.#skew });
    const sent: Readonly<Record<string, string>> = { ...this.#grant, ...proof.parameters };
    const secrets = [...secretParameters.map((name) => sent[name]), ...Object.values(proof.headers ?? {})];
    this.#secrets = secrets.filter((secret) => secret !== undefined);
    return proof;
  }

  #send(proof: ClientProof): Promise<Answer> {
    const { fetch, tokenUrl, timeout, signal, parameters } = this.#request;
    const body = formOf([
      ...Object.entries({ grant_type: this.#grantType, ...this.#grant, ...proof.parameters }),
      ...parameters,
    ]);
    const headers = headersOf('clientAuthentication', {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...proof.headers,
    });
    const init: RequestInit = { method: 'POST', headers, body, redirect: 'manual' };
    return exchange({ fetch, url: tokenUrl, init, timeout, signal, limit: answerLimit });
  }
}
