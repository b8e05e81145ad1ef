import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import { newSecret } from '../../src/base/index.ts';
import type { ClientKey } from '../support/tokens.ts';

/** What a proof is for. */
export interface ProofWish {
  readonly method?: string;
  /** The address without its query. */
  readonly url: string;
  /** The token that comes along, at a resource. */
  readonly accessToken?: string;
}

/** A proof of possession (RFC 9449 section 4.2), a new one each time. */
export function prove({ alg, privateKey, publicJwk }: ClientKey, wish: ProofWish): Promise<string> {
  const { kty, crv, x, y } = publicJwk;
  const { method = 'POST', url, accessToken } = wish;
  const ath = accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') };
  return new SignJWT({ jti: newSecret(), htm: method, htu: url, ...ath })
    .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: { kty, crv, x, y } as never })
    .setIssuedAt()
    .sign(privateKey);
}
