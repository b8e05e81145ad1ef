import type { CallSettings, Place } from './place.ts';
import type {
  AccessTokenVerdict,
  AccessTokenWish,
  CapabilityTokenVerdict,
  CapabilityTokenWish,
  MintedAccessToken,
  MintedCapabilityToken,
  VerifyCapabilityToken,
} from './records.ts';

/** Short-lived tokens for browsers and phones, made and checked by the server. */
export class AccessTokens {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Mints a token, signed with the API key that calls or with the one that is named. */
  create(wish: AccessTokenWish, options: CallSettings = {}): Promise<MintedAccessToken> {
    return this.#place.answer('POST', 'token', options, wish);
  }

  /** Whether a token counts, the one reason why not, and what is in it. */
  verify(token: string, options: CallSettings = {}): Promise<AccessTokenVerdict> {
    return this.#place.at('verify').answer('POST', 'valid', options, { token });
  }
}

/** The older tokens of devices, and those of TaskRouter, made and checked by the server. */
export class CapabilityTokens {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Mints a token, signed with the auth token of the account. */
  create(wish: CapabilityTokenWish, options: CallSettings = {}): Promise<MintedCapabilityToken> {
    return this.#place.answer('POST', 'token', options, wish);
  }

  /** Whether a token counts, and what it allows; with a request, also whether that may be made. */
  verify(
    token: string,
    request?: VerifyCapabilityToken['request'],
    options: CallSettings = {},
  ): Promise<CapabilityTokenVerdict> {
    const body = request === undefined ? { token } : { token, request };
    return this.#place.at('verify').answer('POST', 'valid', options, body);
  }
}
