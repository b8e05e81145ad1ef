import type { AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer } from '../../base/index.ts';

/**
 * How the library's objects lie in the database: looked up by the hash of their value, their payload sealed. The
 * payload's `jti` is that value itself, so it is left out and put back from the request that names it.
 */
export interface PayloadSeal {
  seal(idHash: Buffer, payload: AdapterPayload): Buffer;
  open(idHash: Buffer, sealed: Uint8Array): AdapterPayload;
}

/** @param kind the model's name: a payload opens only as the kind that it was sealed as. */
export function payloadSeal(sealer: Sealer, kind: string): PayloadSeal {
  const purpose = `payload ${kind}`;
  return {
    seal(idHash, payload) {
      const { jti: _value, ...rest } = payload;
      return sealer.seal(purpose, idHash.toString('hex'), Buffer.from(JSON.stringify(rest)));
    },
    open: (idHash, sealed) =>
      JSON.parse(sealer.open(purpose, idHash.toString('hex'), sealed).toString()) as AdapterPayload,
  };
}

/** The hash under which a value is found, or none. */
export const lookupHash = (value: string | undefined): Buffer | null =>
  value === undefined ? null : hashSecret(value);

/** Half a year: what the library stores without an end of its own is bounded by this. Seconds. */
export const longestTtl = 15_552_000;
