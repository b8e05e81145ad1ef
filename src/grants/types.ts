/** The scopes of one audience. */
export interface AudienceScopes {
  /** Identifier of the resource; none is OpenID Connect itself. */
  readonly resource: string | undefined;
  readonly scopes: readonly string[];
}

/** What a user allowed a client in an organization, over all the times that they were asked. */
export interface ConsentRecord {
  readonly id: string;
  readonly userSid: string;
  readonly clientId: string;
  readonly organizationSid: string;
  readonly allowed: readonly AudienceScopes[];
}

/** Whose consent it is, to whom, and in whose name. */
export interface ConsentKey {
  readonly userSid: string;
  readonly clientId: string;
  readonly organizationSid: string;
}

/** Where a consent came from, for the audit log. */
export interface ConsentOrigin {
  readonly address?: string;
  readonly requestId?: string;
}
