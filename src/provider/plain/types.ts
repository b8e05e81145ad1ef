import type { IncomingHttpHeaders } from 'node:http';
import type { Parameters } from '../../http/index.ts';

/** A successful token response (RFC 6749 section 5.1), members in the library's order. */
export interface PlainTokenResponse {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly token_type: 'Bearer';
}

/** Answers a token request, or leaves it to the library by answering nothing. */
export type PlainToken = (
  headers: IncomingHttpHeaders,
  parameters: Parameters,
) => Promise<PlainTokenResponse | undefined>;
