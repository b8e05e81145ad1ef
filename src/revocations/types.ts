/** What can be revoked: one token, or all tokens of a family, client, user, API key, account or organization. */
export type RevocationKind = 'jti' | 'family' | 'client' | 'user' | 'api_key' | 'account' | 'organization';

/** Tokens of a subject issued up to and including a moment no longer count. Times are milliseconds since the epoch. */
export interface Revocation {
  readonly kind: RevocationKind;
  readonly subject: string;
  readonly revokedBefore: number;
  /** When every such token has expired anyway. */
  readonly expiresAt: number;
}

/** What of a token decides whether it is revoked. */
export interface TokenFacts {
  /** Seconds since the epoch, as in the token. */
  readonly iat: number;
  /** Of a kind there are several where one acts for another: the token ends with any of them. */
  readonly subjects: Readonly<Partial<Record<RevocationKind, string | readonly string[]>>>;
}
