import type { Operation } from '../api/index.ts';
import type { JsonLane } from '../http/index.ts';
import { accessTokenOperations } from './access-tokens/routes.ts';
import { capabilityTokenOperations } from './capability-tokens/routes.ts';
import { type FindIssued, issuedFinder } from './find.ts';
import { createSigningKeys } from './keys/signing-keys.ts';
import { type LaneParts, mintingLane } from './lane.ts';
import type { IssuerParts } from './types.ts';

/** The issuer of one server. */
export interface Issuer {
  readonly operations: readonly Operation[];
  readonly findIssued: FindIssued;
  lane(parts: Omit<LaneParts, 'minting'>): JsonLane;
}

/** Opens the issuer. */
export function createIssuer(parts: IssuerParts): Issuer {
  const minting = { ...parts, signingKeys: createSigningKeys(parts.sealer) };
  return {
    operations: [...accessTokenOperations(minting), ...capabilityTokenOperations(minting)],
    findIssued: issuedFinder(minting),
    lane: (more) => mintingLane({ ...more, minting }),
  };
}
