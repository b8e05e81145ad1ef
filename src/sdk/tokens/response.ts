import { placeOf } from '../transport/exchange.ts';
import { serverTimeOf } from '../transport/rules.ts';
import type { Answer } from '../transport/types.ts';
import { formEncode } from './client-secret.ts';
import { TokenRefusedError, TokenResponseError } from './errors.ts';
import { isSendable } from './rules.ts';
import type { TokenAnswer } from './types.ts';

/** What is known of the request, to say what to mend without showing a secret. */
export interface Asked {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly secrets: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;

/** What to mend, by the error of the answer (RFC 6749 section 5.2, RFC 8707 section 2). */
const remedies: Readonly<Record<string, string>> = {
  invalid_client: 'Check clientId and its secret or key, and that the client is active and of this server.',
  invalid_grant: 'The code or refresh token is used up, expired or of another client. Let the user sign in again.',
  invalid_request: 'Check tokenUrl and the options of the request.',
  invalid_scope: 'Ask for scopes that the client is allowed, or leave scope out.',
  invalid_target: 'Check resource: it must be registered, and the client must be allowed to use it.',
  unauthorized_client: 'Allow the client this grant type, or use another client.',
  unsupported_grant_type: 'Check grantType and that tokenUrl is the address of the token endpoint.',
};

const longestDescription = 500;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What a server said, in one line, with anything secret taken out that it may have repeated. */
export function presentable(text: string | undefined, secrets: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret), formEncode(secret)]);
  const clean = spellings.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return clean.replaceAll(/\s+/g, ' ').slice(0, longestDescription);
}

/** The members of a JSON object; none when the text is not one. */
export function membersOf(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
  } catch {
    // A proxy's page, or nothing: the caller decides by what is missing.
    return {};
  }
}

/** Our own name for an answer: what it says itself is text of unknown origin. */
export function describe(answer: Answer, { secrets }: Pick<Asked, 'secrets'>): string {
  const { error, error_description: description, message } = membersOf(answer.text);
  const words = [presentable(textOf(error), secrets), presentable(textOf(description) ?? textOf(message), secrets)];
  return [`HTTP ${answer.status}`, ...words.filter((word) => word !== undefined)].join(', ');
}

/** A 4xx, as an error that says what to mend. */
export function refusalOf(answer: Answer, asked: Asked): TokenRefusedError {
  const body = membersOf(answer.text);
  const error = presentable(textOf(body['error']), asked.secrets) ?? 'unknown';
  const description = presentable(textOf(body['error_description']) ?? textOf(body['message']), asked.secrets);
  const remedy =
    remedies[error] ?? 'Check that tokenUrl is the address of the token endpoint and that clientId is right.';
  const said = `${placeOf(asked.tokenUrl)} refused client ${asked.clientId} (${describe(answer, asked)}).`;
  return new TokenRefusedError(`${said} ${remedy}`, answer.status, error, description);
}

/** A finite, positive number of seconds, which some servers send as a string. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/**
 * Reads the answer of a token endpoint.
 * @throws TokenResponseError when it is none, or its token cannot be sent as a Bearer token.
 */
export function readTokenAnswer(answer: Answer, { tokenUrl }: Pick<Asked, 'tokenUrl'>): TokenAnswer {
  const place = placeOf(tokenUrl);
  const unusable = (why: string) => new TokenResponseError(`${place} answered ${answer.status}, ${why}`, answer.status);
  if (answer.status < 200 || answer.status >= 300) {
    throw unusable('a redirect, which is not followed with a secret. Set tokenUrl to the address itself.');
  }
  const body = membersOf(answer.text);
  const accessToken = body['access_token'];
  if (accessToken === undefined) {
    throw unusable('without an access_token. Check that tokenUrl is the address of the token endpoint.');
  }
  if (!isSendable(accessToken)) {
    throw unusable('with an access_token that cannot be sent in a header. It must be a string of visible ASCII.');
  }
  const type = body['token_type'] ?? 'Bearer';
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    throw unusable('with a token that is not a Bearer token. Register the client without DPoP or certificates.');
  }
  return {
    accessToken,
    expiresIn: secondsOf(body['expires_in']),
    refreshToken: textOf(body['refresh_token']),
    serverTime: serverTimeOf(answer.headers),
  };
}
