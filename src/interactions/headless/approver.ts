import type { Credentials } from '../../api/index.ts';
import { Problem } from '../../base/index.ts';
import type { InteractionParts } from '../types.ts';
import type { Approver } from './rules.ts';

/**
 * Finds the user whom a request speaks for, by an API key of theirs or an access token of theirs. What their role leaves
 * of its scopes does not matter: they give away their own access.
 */
export function identifyApprover({ identification }: Pick<InteractionParts, 'identification'>) {
  /** @throws Problem 401 with a challenge, 403, 429. */
  return async (credentials: Credentials): Promise<Approver> => {
    const { userSid, organizationSid, accountSid, scopes, clientId } = await identification.user(credentials);
    // What is allowed is allowed for an organization, which this token does not reach.
    if (accountSid !== undefined) {
      throw new Problem(
        'access_denied',
        'A token that is narrowed to an account allows nothing in the name of its user.',
      );
    }
    return { userSid, organizationSid, scopes: new Set(scopes), clientId };
  };
}
