import { requireFunction, requireOptions } from '../arguments.ts';
import { abortable } from '../transport/abortable.ts';
import type { Clock } from '../transport/types.ts';
import { type CacheOptions, type CacheSettings, parseCacheSettings } from './cache-settings.ts';
import { timesOf } from './claims.ts';
import { TokenResponseError } from './errors.ts';
import { backgroundDelay, isSendable, lifetimeOf, type Plan, planOf } from './rules.ts';
import type { CallOptions, TokenAnswer, TokenFetcher, TokenManager } from './types.ts';

/** A token and what is known of its end. Where nothing is, the times in the token count, if it is a JWT. */
export type FetchedToken = Pick<TokenAnswer, 'accessToken'> & Partial<TokenAnswer>;

interface Held extends Plan {
  /** One resolved promise for all callers. */
  readonly token: Promise<string>;
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * Keeps one token and fetches the next: one request for any number of callers, and beside their work as long as the
 * kept token is good. Nothing runs between calls: no timer holds the process, and an idle one asks for nothing.
 *
 * `ApiTokenManager` is this around a token endpoint. Use it directly around a source of your own.
 */
export class CachedTokenManager implements TokenManager, TokenFetcher {
  readonly #load: () => Promise<FetchedToken>;
  readonly #settings: CacheSettings;
  readonly #clock: Clock;
  #held: Held | undefined;
  #flight: Promise<string> | undefined;
  /** Counts `clearToken`: what was asked for before it is not kept after it. */
  #generation = 0;
  #failures = 0;
  #quietUntil = 0;

  /**
   * @param load fetches a token; never called twice at a time, unless `clearToken` came in between.
   * @throws InvalidArgumentError
   */
  constructor(load: () => Promise<FetchedToken>, options: CacheOptions = {}) {
    this.#load = requireFunction('load', load);
    this.#settings = parseCacheSettings(requireOptions('options', options));
    this.#clock = this.#settings.clock;
  }

  /**
   * A token that is good for some time yet: the kept one, else a new one.
   * @throws TokenRefusedError when the server says no, TokenEndpointUnavailableError when it cannot be reached,
   *   TokenResponseError when what answers is no token endpoint, or the reason of a signal.
   */
  getToken(options?: CallOptions): Promise<string> {
    const signal = options?.signal;
    return signal === undefined ? this.#current() : abortable(() => this.#current(), signal);
  }

  /** A new token, which is kept from then on. Callers at the same time share one request. @throws as `getToken`. */
  refreshToken(): Promise<string> {
    this.#flight ??= this.#begin();
    return this.#flight;
  }

  /** The same as `refreshToken`, under the name by which the `twilio` package asks. */
  fetchToken(): Promise<string> {
    return this.refreshToken();
  }

  /** Forgets the kept token. What is under way reaches its callers and is not kept. */
  clearToken(): void {
    this.#generation += 1;
    this.#held = undefined;
    this.#flight = undefined;
  }

  #current(): Promise<string> {
    const held = this.#held;
    if (held === undefined) return this.refreshToken();
    const monotonic = this.#clock.monotonic();
    const age = Math.max(monotonic - held.monotonic, this.#clock.wall() - held.wall);
    if (age < held.refreshAfter) return held.token;
    if (age >= held.usableFor) return this.refreshToken();
    if (this.#flight === undefined && monotonic >= this.#quietUntil) this.#refreshBeside();
    return held.token;
  }

  #begin(): Promise<string> {
    const generation = this.#generation;
    const flight = this.#fetchAndKeep(generation).finally(() => {
      if (this.#flight === flight) this.#flight = undefined;
    });
    return flight;
  }

  async #fetchAndKeep(generation: number): Promise<string> {
    // The lifetime counts from before the request, since the server counts from within it.
    const wall = this.#clock.wall();
    const monotonic = this.#clock.monotonic();
    const { accessToken, expiresIn, serverTime } = await this.#load();
    if (!isSendable(accessToken)) {
      throw new TokenResponseError('The source gave no token that can be sent in a header.');
    }
    const lifetime = lifetimeOf({
      expiresIn,
      exp: undefined,
      iat: undefined,
      ...timesOf(accessToken),
      serverNow: serverTime === undefined ? undefined : serverTime / 1000,
      localNow: wall / 1000,
    });
    if (generation === this.#generation) {
      const plan = planOf(lifetime, this.#settings, Math.random());
      this.#held = { ...plan, token: Promise.resolve(accessToken), wall, monotonic };
      this.#failures = 0;
      this.#quietUntil = 0;
    }
    return accessToken;
  }

  #refreshBeside(): void {
    this.refreshToken().catch((error: unknown) => {
      this.#failures += 1;
      const { retryAfter } = error as { readonly retryAfter?: number };
      this.#quietUntil = this.#clock.monotonic() + backgroundDelay(this.#failures, retryAfter);
      this.#settings.onBackgroundError?.(error);
    });
  }
}
