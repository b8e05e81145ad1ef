import type { Config } from '../config/index.ts';
import { type DatabaseTarget, parseTarget } from '../store/index.ts';

/** What a server needs besides its configuration: where the database is, and the key to what is sealed in it. */
export interface Ground {
  readonly target: DatabaseTarget;
  readonly masterKey: Buffer;
}

/** The ground as one process tells it another over their own channel, so that no secret stands in an environment. */
export interface PackedGround {
  readonly target: DatabaseTarget;
  readonly masterKey: string;
}

/** @returns what JSON can carry. */
export function packGround({ target, masterKey }: Ground): PackedGround {
  return { target, masterKey: masterKey.toString('base64url') };
}

/** Where a URL names the database it is read anew: how a certificate is checked is a function, which JSON loses. */
export function unpackGround({ target, masterKey }: PackedGround, { database }: Config): Ground {
  return {
    target: database.url === undefined ? target : parseTarget(database.url),
    masterKey: Buffer.from(masterKey, 'base64url'),
  };
}
