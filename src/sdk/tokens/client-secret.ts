import { requireText } from '../arguments.ts';
import { base64 } from '../base64.ts';
import type { ClientAuthentication } from './types.ts';

/** A text as in a form, which is also how HTTP Basic at a token endpoint wants it (RFC 6749 section 2.3.1). */
export const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

/** The secret in the body, `client_secret_post`: what the `twilio` package does, and the default here. */
export function clientSecretPost(clientSecret: string): ClientAuthentication {
  const secret = requireText('clientSecret', clientSecret);
  return ({ clientId }) => ({ parameters: { client_id: clientId, client_secret: secret } });
}

/** The secret in a header, `client_secret_basic`. */
export function clientSecretBasic(clientSecret: string): ClientAuthentication {
  const secret = requireText('clientSecret', clientSecret);
  return ({ clientId }) => ({
    headers: { authorization: `Basic ${base64(`${formEncode(clientId)}:${formEncode(secret)}`)}` },
  });
}

/** No authentication, `none`: public clients, which prove themselves by a PKCE verifier or a refresh token. */
export function noClientAuthentication(): ClientAuthentication {
  return ({ clientId }) => ({ parameters: { client_id: clientId } });
}
