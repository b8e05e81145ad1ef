// What an MCP server does to be protected by Countersign: say where tokens come from (RFC 9728), and check them.
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Whether the token is to blame. Where the keys cannot be had nobody should be sent to sign in again. */
const isTokensFault = ({ code = '' }) => /^ERR_(JWT|JWS)_|^ERR_JWKS_NO_MATCHING_KEY$|^ERR_JOSE_(ALG|NOT)/.test(code);

/**
 * @param {{ issuer: string, resource: string, scopes: readonly string[] }} options `issuer` of the tokens; `resource` is
 * the identifier under which this server is registered there, byte for byte; all of its `scopes`.
 */
export function createAccess({ issuer, resource, scopes }) {
  const { origin, pathname } = new URL(resource);
  const metadataPath = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  const keys = createRemoteJWKSet(new URL('/oauth/jwks', issuer));

  /** The protected resource metadata (RFC 9728), by which clients find the authorization server. */
  const metadata = {
    resource,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Notes',
  };

  /** A challenge (RFC 6750 section 3, RFC 9728 section 5.1) that names the scopes which would do. */
  const challenge = (status, error, wanted) => {
    const parameters = {
      ...(error === undefined ? {} : { error }),
      scope: wanted.join(' '),
      resource_metadata: origin + metadataPath,
    };
    const text = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
    return { status, error: error ?? 'unauthorized', header: `Bearer ${text.join(', ')}` };
  };

  /**
   * Checks the token of a request: from our issuer, for this very resource, not expired, with the scopes that it takes.
   * @returns {Promise<{ user: string, scopes: readonly string[] } | ReturnType<typeof challenge>>}
   */
  async function check(authorization, wanted) {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return challenge(401, undefined, wanted);
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience: resource, typ: 'at+jwt' });
      const granted = String(payload.scope ?? '').split(' ');
      if (!wanted.every((scope) => granted.includes(scope))) return challenge(403, 'insufficient_scope', wanted);
      return { user: String(payload.sub), scopes: granted };
    } catch (error) {
      if (!isTokensFault(error)) throw error;
      return challenge(401, 'invalid_token', wanted);
    }
  }

  return { metadata, metadataPath, check };
}
