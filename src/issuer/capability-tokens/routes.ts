import { type Operation, read } from '../../api/index.ts';
import { mintingScope } from '../access-tokens/routes.ts';
import type { Minting } from '../access-tokens/service.ts';
import { capabilityAnswer, capabilityQuestion, capabilityVerdict, capabilityWish } from './schemas.ts';
import { explainCapability, mintCapabilityFor } from './service.ts';

const tag = 'Capability tokens';
const path = '/v1/capability_tokens';

/** Capability tokens over REST. Making one changes nothing, so nothing of it is kept. */
export function capabilityTokenOperations(minting: Minting): readonly Operation[] {
  return [
    read(
      {
        id: 'createCapabilityToken',
        method: 'post',
        path,
        tag,
        summary: 'Mint a capability token',
        description:
          'Signed with the auth token of the account: that of the API key that calls, or the one that an organization token ' +
          'names. A policy that denies stays one.',
        scopes: [mintingScope],
        status: 201,
        body: capabilityWish,
        answer: capabilityAnswer,
      },
      ({ body, caller }) => mintCapabilityFor(minting, caller, body),
    ),
    read(
      {
        id: 'verifyCapabilityToken',
        method: 'post',
        path: `${path}/verify`,
        tag,
        summary: 'Verify a capability token',
        description:
          'Says whether it counts, the one reason why not, and what it lets its holder do, whichever SDK has written it; ' +
          'with a request, also whether it may be made.',
        scopes: [mintingScope, 'tokens:introspect'],
        status: 200,
        body: capabilityQuestion,
        answer: capabilityVerdict,
      },
      ({ body, caller }) => explainCapability(minting, caller, body),
    ),
  ];
}
