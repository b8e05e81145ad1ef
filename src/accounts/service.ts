import type { AuditEvent } from '../audit/index.ts';
import { hashSecret, newSecret, newSid, type Sealer } from '../base/index.ts';
import type { ManagementTransaction } from '../store/index.ts';
import { hashPassword } from './passwords.ts';
import { insertAccount, insertApiKey, insertMember, insertOrganization } from './store.ts';
import type { NewApiKey, Role } from './types.ts';

/** Everything here joins the caller's transaction and is audited in it. */
export interface Change {
  readonly transaction: ManagementTransaction;
  readonly actor: AuditEvent['actor'];
  readonly sealer: Sealer;
}

/** Creates an organization. @returns its SID. */
export async function createOrganization(
  { transaction, actor }: Change,
  { name, demo = false }: { readonly name: string; readonly demo?: boolean },
): Promise<string> {
  const sid = newSid('organization');
  await insertOrganization(transaction, { sid, name, demo }, actor);
  return sid;
}

/** Creates an account with its auth token, which is sealed because it signs capability tokens. */
export async function createAccount(
  { transaction, actor, sealer }: Change,
  { name, organizationSid }: { readonly name: string; readonly organizationSid: string },
): Promise<{ readonly sid: string; readonly authToken: string }> {
  const sid = newSid('account');
  const authToken = newSecret();
  const authTokenSealed = sealer.seal('account auth token', sid, Buffer.from(authToken));
  await insertAccount(transaction, { sid, organizationSid, name, authTokenSealed }, actor);
  return { sid, authToken };
}

/** Creates a user as a member of an organization. @returns the user's SID. */
export async function createMember(
  { transaction, actor }: Change,
  user: { readonly email: string; readonly name: string; readonly password: string },
  membership: { readonly organizationSid: string; readonly role: Role },
): Promise<string> {
  const sid = newSid('user');
  const passwordHash = await hashPassword(user.password);
  await insertMember(
    transaction,
    { sid, email: user.email.toLowerCase(), name: user.name, passwordHash },
    membership,
    actor,
  );
  return sid;
}

/** Creates an API key owned by a user. The secret is there in this answer and never again. */
export async function createApiKey(
  { transaction, actor, sealer }: Change,
  key: {
    readonly name: string;
    readonly userSid: string;
    readonly organizationSid: string;
    readonly accountSid: string;
    readonly scopes: readonly string[];
  },
): Promise<NewApiKey> {
  const sid = newSid('apiKey');
  const secret = newSecret();
  const secretSealed = sealer.seal('api key', sid, Buffer.from(secret));
  await insertApiKey(transaction, { ...key, sid, secretHash: Buffer.from(hashSecret(secret)), secretSealed }, actor);
  return { sid, secret, key: `${sid}.${secret}` };
}
