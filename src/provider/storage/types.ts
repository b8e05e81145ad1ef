/** A refresh token to be stored. */
export interface RefreshTokenDraft {
  readonly idHash: Buffer;
  readonly familyHash: Buffer | null;
  readonly userSid: string | null;
  readonly clientId: string;
  readonly sessionUidHash: Buffer | null;
  readonly payloadSealed: Buffer;
  /** What a plain refresh decides on; the payload is then sealed for the family. */
  readonly plain: PlainColumns | undefined;
  /** Seconds from now, by the database's clock. */
  readonly ttl: number;
}

/** What columns tell of a plain token. Times are seconds since the epoch, by the clock of the node. */
export interface PlainColumns {
  readonly resource: string;
  /** What the family was granted of the token's scopes, by spaces. */
  readonly scope: string;
  readonly iat: number;
  readonly exp: number;
  /** When the first of its family was issued. */
  readonly iiat: number;
  readonly rotations: number;
}

/** What a stored refresh token is opened by: its columns, null from `resource` on where it is not plain. */
export interface SealedRefreshToken {
  readonly payloadSealed: Buffer;
  readonly familyHash: Buffer | null;
  readonly resource: string | null;
  /** Seconds since the epoch. */
  readonly iat: number | null;
  readonly exp: number | null;
  readonly rotations: number | null;
}
