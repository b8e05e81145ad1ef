import {
  optionalFunction,
  optionalText,
  optionalTexts,
  requireOneOf,
  requireOptions,
  requireText,
  requireUrl,
} from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { parseTransport, type Transport, type TransportOptions } from '../transport/settings.ts';
import { type Clock, systemClock } from '../transport/types.ts';
import type { CacheOptions } from './cache-settings.ts';
import { clientSecretPost } from './client-secret.ts';
import type { ClientAuthentication } from './types.ts';

/** The grants that a token manager can ask with. */
export const grantTypes = ['client_credentials', 'authorization_code', 'refresh_token'] as const;
export type GrantType = (typeof grantTypes)[number];

/** Options of `ApiTokenManager` and `OrgsTokenManager`. */
export interface TokenManagerOptions extends TransportOptions, CacheOptions {
  /** The token endpoint: https, or http on this machine. */
  readonly tokenUrl: string | URL;
  /** Default `client_credentials`. */
  readonly grantType?: GrantType | undefined;
  readonly clientId: string;
  /** Sent in the body. For other ways of authentication leave it out and set `clientAuthentication`. */
  readonly clientSecret?: string | undefined;
  /** In place of `clientSecret`: `clientSecretBasic(...)`, `privateKeyJwt(...)`, or your own. */
  readonly clientAuthentication?: ClientAuthentication | undefined;
  /** Scopes, separated by spaces. Without it the server grants all that the client is allowed. */
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
  /** What the token is for (RFC 8707): the identifier of a protected resource, or several. */
  readonly resource?: string | readonly string[] | undefined;
  /** With `authorization_code`. It is sent once; after it the answer's refresh token is used. */
  readonly code?: string | undefined;
  readonly redirectUri?: string | undefined;
  /** The PKCE verifier (RFC 7636). */
  readonly codeVerifier?: string | undefined;
  /** With `refresh_token`. When the server rotates it, the newest one is used. */
  readonly refreshToken?: string | undefined;
  readonly accountSid?: string | undefined;
  /** Allows http to other machines, for networks that you trust. */
  readonly allowInsecureRequests?: boolean | undefined;
  /** Hears of each refresh token that the server hands out, so that it can be stored for the next start. */
  readonly onRefreshToken?: ((refreshToken: string) => void) | undefined;
}

/** A token request in the field's terms, checked. */
export interface TokenRequest extends Transport {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly grantType: GrantType;
  /** Parameters of every request, by their name on the wire, in Twilio's order. */
  readonly parameters: ReadonlyArray<readonly [string, string]>;
  readonly grant: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly onRefreshToken: ((refreshToken: string) => void) | undefined;
}

function parseAuthentication(options: TokenManagerOptions): ClientAuthentication {
  const given = optionalFunction('clientAuthentication', options.clientAuthentication);
  if (given === undefined) return clientSecretPost(options.clientSecret as string);
  if (options.clientSecret !== undefined) {
    throw new InvalidArgumentError('clientSecret', 'must be left out where clientAuthentication is set.');
  }
  return given;
}

/** What each grant needs, and nothing else of the others. */
function parseGrant(grantType: GrantType, options: TokenManagerOptions): Readonly<Record<string, string>> {
  if (grantType === 'refresh_token') return { refresh_token: requireText('refreshToken', options.refreshToken) };
  if (grantType === 'client_credentials') return {};
  const redirectUri = optionalText('redirectUri', options.redirectUri);
  const codeVerifier = optionalText('codeVerifier', options.codeVerifier);
  return {
    code: requireText('code', options.code),
    ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
  };
}

/** @throws InvalidArgumentError */
export function parseTokenRequest(given: TokenManagerOptions): TokenRequest {
  const options = requireOptions('options', given);
  const clientId = requireText('clientId', options.clientId);
  const clientAuthentication = parseAuthentication(options);
  const grantType = requireOneOf('grantType', options.grantType ?? 'client_credentials', grantTypes);
  const single = [
    ['account_sid', optionalText('accountSid', options.accountSid)],
    ['audience', optionalText('audience', options.audience)],
    ['scope', optionalText('scope', options.scope)],
  ].filter((pair): pair is [string, string] => pair[1] !== undefined);
  const resources = optionalTexts('resource', options.resource).map((resource) => ['resource', resource] as const);
  return {
    ...parseTransport(options, 10_000),
    tokenUrl: requireUrl('tokenUrl', options.tokenUrl, options.allowInsecureRequests === true),
    clientId,
    clientAuthentication,
    grantType,
    parameters: [...single, ...resources],
    grant: parseGrant(grantType, options),
    clock: options.clock ?? systemClock,
    onRefreshToken: optionalFunction('onRefreshToken', options.onRefreshToken),
  };
}
