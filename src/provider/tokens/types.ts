import type { TokenFacts } from '../../revocations/index.ts';

/** A live token of ours, whatever its form. Times are seconds since the epoch. */
export interface LiveToken {
  readonly kind: 'access_token' | 'refresh_token';
  readonly clientId: string;
  readonly organizationSid: string | undefined;
  /** The resource that it is for; refresh tokens have none. */
  readonly audience: string | undefined;
  readonly expiresAt: number;
  readonly revocable: TokenFacts;
  /** How it is taken back: by name (a JWT) or by removing what is stored. */
  readonly withdraw: { readonly by: 'jti'; readonly jti: string } | { readonly by: 'row'; readonly model: string };
  /** Hash of its family, in hexadecimal, where it belongs to one. */
  readonly family: string | undefined;
  /** The client that the family belongs to, where another one got this token by exchange. */
  readonly familyClientId?: string | undefined;
  /** What an introspection answers besides `active` (RFC 7662 section 2.2). */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A live token of the issuer: an AccessToken or a capability token, signed with a secret of an organization's own. */
export interface IssuedToken {
  readonly organizationSid: string;
  /** What an introspection answers besides `active`. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Finds such a token, if it counts at this moment. */
export type FindIssued = (token: string) => Promise<IssuedToken | undefined>;
