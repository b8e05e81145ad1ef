import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../config/index.ts';
import { errors } from './library.ts';

type Rule = (ctx: KoaContextWithOIDC, claims: Readonly<Record<string, unknown>>) => void;

/** A `jti` is stored as a hash, but hashing a huge one is work that a stranger should not be able to order. */
const maxJtiLength = 256;

/**
 * What a private_key_jwt assertion must hold beyond the library's checks: the issuer alone as its audience
 * (draft-ietf-oauth-rfc7523bis: an assertion for another server must not work here, nor the reverse), a short life, and
 * a `jti` of sensible size. Its signature has been verified before.
 */
export function assertionRule(
  issuer: string,
  tokens: Config['tokens'],
): (ctx: KoaContextWithOIDC, claims: object, header: object, client: Client) => void {
  const refuse = (reason: string): never => {
    throw new errors.InvalidClientAuth(reason);
  };
  const rule: Rule = (_ctx, { aud, exp, jti }) => {
    if (aud !== issuer) refuse('aud of the client assertion must be the issuer identifier alone');
    const longest = Date.now() / 1000 + tokens.clientAssertionMaxTtl + tokens.clockTolerance;
    if (typeof exp !== 'number' || exp > longest) refuse('exp of the client assertion is too far away');
    if (typeof jti !== 'string' || jti.length > maxJtiLength) refuse('jti of the client assertion is not usable');
  };
  return (ctx, claims) => rule(ctx, claims as Readonly<Record<string, unknown>>);
}
