import type { Role } from '../api/index.ts';
import { hashSecret, newSecret, newSid, Problem, type Sealer } from '../base/index.ts';
import type { ManagementTransaction } from '../store/index.ts';
import type { TokenPolicy } from './api-keys/token-policy.ts';
import { deleteMembership, deleteUser, insertMember, lockUser, updatePassword } from './members/store.ts';
import { hashPassword } from './passwords.ts';
import { checkPassword, normalizeEmail, passwordAdvice } from './rules.ts';
import { insertAccount, insertApiKey, insertOrganization } from './store.ts';
import type { By, NewApiKey } from './types.ts';

/** Everything here joins the caller's transaction and is audited in it. */
export interface Change extends By {
  readonly transaction: ManagementTransaction;
  readonly sealer: Sealer;
}

/** Creates an organization. @returns its SID. */
export async function createOrganization(
  change: Change,
  organization: {
    readonly name: string;
    readonly parentSid?: string | null;
    readonly demo?: boolean;
    readonly operator?: boolean;
  },
): Promise<string> {
  const sid = newSid('organization');
  await insertOrganization(change.transaction, { ...organization, sid }, change);
  return sid;
}

/** Creates an account with its auth token, which is sealed because it signs capability tokens. */
export async function createAccount(
  change: Change,
  { name, organizationSid }: { readonly name: string; readonly organizationSid: string },
): Promise<{ readonly sid: string; readonly authToken: string }> {
  const sid = newSid('account');
  const { authToken, authTokenSealed } = newAuthToken(change.sealer, sid);
  await insertAccount(change.transaction, { sid, organizationSid, name, authTokenSealed }, change);
  return { sid, authToken };
}

/** A new auth token for an account, in clear and as it is kept. */
export function newAuthToken(sealer: Sealer, accountSid: string) {
  const authToken = newSecret();
  return { authToken, authTokenSealed: sealer.seal('account auth token', accountSid, Buffer.from(authToken)) };
}

/** @throws Problem 422 when the user may not choose this password. */
async function hashChosen(password: string, email: string): Promise<string> {
  const checked = checkPassword(password, { email });
  if (!checked.ok) throw new Problem('unprocessable', passwordAdvice[checked.fault]);
  return hashPassword(password);
}

/**
 * Creates a user as a member of an organization.
 * @returns the user's SID.
 * @throws Problem 422 when the e-mail address or the password will not do.
 */
export async function createMember(
  change: Change,
  user: { readonly email: string; readonly name: string; readonly password: string },
  membership: { readonly organizationSid: string; readonly role: Role },
): Promise<string> {
  const sid = newSid('user');
  const email = normalizeEmail(user.email);
  if (email === undefined) throw new Problem('unprocessable', 'The e-mail address is empty, too long or not readable.');
  const passwordHash = await hashChosen(user.password, email);
  await insertMember(change.transaction, { sid, email, name: user.name, passwordHash }, membership, change);
  return sid;
}

const noSuchUser = () => new Problem('not_found', 'There is no user with this SID.');

/**
 * Gives a user another password. All sessions of the user end with the old one, and so does every token issued so far.
 * @throws Problem 404 when there is no such user, 422 when the password will not do.
 */
export async function changePassword(
  change: Change,
  { userSid, password }: { readonly userSid: string; readonly password: string },
): Promise<void> {
  const email = await lockUser(change.transaction, userSid);
  if (email === undefined) throw noSuchUser();
  await updatePassword(change.transaction, userSid, await hashChosen(password, email), change);
}

/**
 * Removes a user, with memberships, API keys, consent, sessions and tokens.
 * @throws Problem 404 when there is no such user, 422 while OAuth clients are theirs.
 */
export async function removeUser(change: Change, { userSid }: { readonly userSid: string }): Promise<void> {
  const outcome = await deleteUser(change.transaction, userSid, change);
  if (outcome === 'unknown') throw noSuchUser();
  if (outcome === 'owner') {
    throw new Problem('unprocessable', 'The user owns OAuth clients; give them to somebody else or delete them first.');
  }
}

/**
 * Takes a user out of an organization. What they allowed in its name ends, and its tokens with it; what they allowed in
 * the name of other organizations stays.
 * @throws Problem 404 when the user is no member of it.
 */
export async function removeMembership(
  change: Change,
  membership: { readonly userSid: string; readonly organizationSid: string },
): Promise<void> {
  if (!(await deleteMembership(change.transaction, membership, change))) {
    throw new Problem('not_found', 'The user is no member of this organization.');
  }
}

/** Creates an API key owned by a user. The secret is there in this answer and never again. */
export async function createApiKey(
  change: Change,
  key: {
    readonly name: string;
    readonly userSid: string;
    readonly organizationSid: string;
    readonly accountSid: string;
    readonly scopes: readonly string[];
    /** Default: it may mint any AccessTokens. */
    readonly tokenPolicy?: TokenPolicy | null;
  },
): Promise<NewApiKey> {
  const sid = newSid('apiKey');
  const secret = newSecret();
  const secretSealed = change.sealer.seal('api key', sid, Buffer.from(secret));
  await insertApiKey(
    change.transaction,
    { ...key, sid, secretHash: Buffer.from(hashSecret(secret)), secretSealed },
    change,
  );
  return { sid, secret, key: `${sid}.${secret}` };
}
