/** What a call may carry besides its own arguments. */
export interface CallOptions {
  /** Ends this call with the signal's reason. Others who wait for the same token are not disturbed. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where tokens come from. Write your own to take them from a vault, a sidecar or another library: `getToken` may be
 * called as often as requests are made and should keep what it has.
 */
export interface TokenManager {
  /** A token that is valid now. */
  getToken(options?: CallOptions): Promise<string>;
  /** A new token, whatever is kept. Called once when an API refuses the kept one. */
  refreshToken?(): Promise<string>;
  /** Forgets what is kept. */
  clearToken?(): void | Promise<void>;
}

/** What the `twilio` package calls a token manager: every call fetches anew. Around one of these the cache is ours. */
export interface TokenFetcher {
  fetchToken(): Promise<string>;
}

/** The answer of a token endpoint (RFC 6749 section 5.1), checked. */
export interface TokenAnswer {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
  /** Milliseconds since 1970 by the server's clock, where it told. */
  readonly serverTime: number | undefined;
}

/** What a client adds to a token request to prove who it is. */
export interface ClientProof {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the proof has a time in it, so that a wrong clock may be why it was refused. */
  readonly timed?: boolean;
}

/** A way of client authentication (RFC 6749 section 2.3). Asked once for each request, retries included. */
export type ClientAuthentication = (client: {
  readonly clientId: string;
  readonly tokenUrl: URL;
  /** Milliseconds since 1970, by the server's clock as far as it is known. */
  readonly now: number;
}) => ClientProof | Promise<ClientProof>;
