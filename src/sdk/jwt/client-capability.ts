import { lifetime, record, refuse, secondsNow, sharedSecret, sid } from './checks.ts';
import {
  EventStreamScope,
  IncomingClientScope,
  missing,
  OutgoingClientScope,
  requiredOptions,
} from './client-scopes.ts';
import { hmac, segment } from './signing.ts';

/** What a ClientCapability is made of. */
export interface ClientCapabilityOptions {
  readonly accountSid: string;
  /** The account's auth token, with which the capability is signed. */
  readonly authToken: string;
  /** Lifetime in seconds, 1 to 86,400. An hour by default. */
  readonly ttl?: number | null | undefined;
}

/** What a capability takes as a scope; those of the `twilio` package are taken too. */
export interface ScopeLike {
  payload(): string;
}

/** The older token of a client device: scopes instead of grants, signed with the account's auth token. */
export class ClientCapability {
  static readonly EventStreamScope = EventStreamScope;
  static readonly IncomingClientScope = IncomingClientScope;
  static readonly OutgoingClientScope = OutgoingClientScope;

  accountSid: string;
  ttl: number;
  scopes: ScopeLike[] = [];
  #authToken: string;

  /** @throws InvalidArgumentError naming the field and the rule */
  constructor(options: ClientCapabilityOptions) {
    const given = requiredOptions<ClientCapabilityOptions>(options);
    this.accountSid = sid('options.accountSid', given.accountSid, ['AC'], missing('options.accountSid'));
    this.#authToken = sharedSecret('options.authToken', given.authToken, missing('options.authToken'));
    this.ttl = lifetime('options.ttl', given.ttl, 3600);
  }

  /** The auth token. It is no field, so that printing a capability does not show it. */
  get authToken(): string {
    return this.#authToken;
  }

  set authToken(authToken: string) {
    this.#authToken = sharedSecret('authToken', authToken);
  }

  /** Adds a scope. The same scope twice stands twice. */
  addScope(scope: ScopeLike): void {
    if (typeof record('scope', scope)['payload'] !== 'function') refuse('scope', 'must have a method payload');
    this.scopes.push(scope);
  }

  /** Signs the token with HS256. Every call signs anew. */
  toJwt(): string {
    const iat = secondsNow();
    const payload = {
      scope: this.scopes.map((scope) => scope.payload()).join(' '),
      iss: sid('accountSid', this.accountSid, ['AC']),
      exp: iat + lifetime('ttl', this.ttl, 3600),
      iat,
    };
    const input = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(payload)}`;
    return `${input}.${hmac('HS256', this.#authToken, input)}`;
  }
}
