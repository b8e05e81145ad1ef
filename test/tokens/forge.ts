import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSealer, newSecret, type Sealer, systemClock } from '../../src/base/index.ts';
import { type KeyRing, loadKeyRing } from '../../src/keys/index.ts';
import type { House } from '../support/house.ts';

type Members = Readonly<Record<string, unknown>>;

/** Makes tokens with the server's own key, as only a thief of it, or an older release, could. */
export interface Forge {
  readonly ring: KeyRing;
  readonly sealer: Sealer;
  /** The header of a good ES256 token. */
  readonly header: Members;
  /** The claims of a good token for a client at the server's own API, a new `jti` each time. */
  claims(clientId: string, more?: Members): Members;
  /** Signs whatever it is given with the ES256 key; members that are undefined are left out. */
  sign(claims: Members, header?: Members): string;
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Writes a compact JWS with any signature. */
export function compact(header: unknown, claims: unknown, signer: (text: string) => Buffer): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signer(text).toString('base64url')}`;
}

/** Opens a forge with a house's keys. */
export async function openForge(house: House): Promise<Forge> {
  const masterKey = Buffer.from((await readFile(join(house.dataDir, 'master.key'), 'utf8')).trim(), 'base64url');
  const sealer = createSealer(masterKey);
  const ring = await loadKeyRing(house.database.sql, sealer, systemClock);
  const kid = ring.signerOf('ES256');
  const jwk = ring.published.find((key) => key.kid === kid)?.privateJwk;
  const key = createPrivateKey({ key: jwk as never, format: 'jwk' });
  const header = { alg: 'ES256', typ: 'at+jwt', kid };
  return {
    ring,
    sealer,
    header,
    claims(clientId, more = {}) {
      const iat = Math.floor(Date.now() / 1000);
      const shared = { jti: newSecret(), sub: clientId, client_id: clientId, scope: 'clients:read' };
      return { ...shared, iat, exp: iat + 600, iss: house.issuer, aud: house.issuer, ...more };
    },
    sign: (claims, wish = header) =>
      compact(wish, claims, (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })),
  };
}
