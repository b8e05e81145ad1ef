import { type Caller, type Change, reachesAccount, refuse } from '../../api/index.ts';
import { newSid, Problem } from '../../base/index.ts';
import { lockAccount, type ManagedAccount } from '../accounts/store.ts';
import { changesOf, type Doing, record } from '../calls.ts';
import { mostKeys, type ReadKey, readPublicKey } from './rules.ts';
import { accountOfKey, countPublicKeys, findPublicKey, lockPublicKey, type ManagedPublicKey } from './store.ts';

type Whole = Pick<Change, 'caller' | 'origin' | 'transaction' | 'match'>;

/** The record of a public key. */
export function publicKeyEntry(row: ManagedPublicKey) {
  return {
    sid: row.sid,
    record_type: 'public_key' as const,
    name: row.name,
    organization_sid: row.organizationSid,
    account_sid: row.accountSid,
    public_key: row.publicKey,
    fingerprint: row.fingerprint,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** What lies outside a caller's reach does not exist for them. */
export const noPublicKey = () => new Problem('not_found', 'There is no public key with this id.');

const auditOf = ({ sid, organizationSid }: Pick<ManagedPublicKey, 'sid' | 'organizationSid'>) => ({
  target: { type: 'public_key', id: sid },
  organizationSid,
});

const isReached = (caller: Caller, { accountSid: sid, organizationSid }: ManagedPublicKey) =>
  reachesAccount(caller, { sid, organizationSid });

/** @throws Problem 404 where there is none within reach, 412. */
async function lockReached({ caller, transaction, match }: Whole, sid: string): Promise<ManagedPublicKey> {
  const found = await lockPublicKey(transaction, sid);
  if (found === null || !isReached(caller, found)) throw noPublicKey();
  match({ data: publicKeyEntry(found) });
  return found;
}

interface KeyBody {
  readonly name: string;
  readonly account_sid?: string | undefined;
  readonly public_key: string;
}

/** The account of the caller, where they have one. */
async function ownAccount({ caller: { kind, id, accountSid }, transaction }: Doing): Promise<string | undefined> {
  return accountSid ?? (kind === 'api_key' ? accountOfKey(transaction, id) : undefined);
}

/** @throws Problem 422 where nobody is named. */
async function accountNamed(doing: Doing, named: string | undefined): Promise<string> {
  const sid = named ?? (await ownAccount(doing));
  if (sid !== undefined) return sid;
  return refuse([
    { pointer: '/account_sid', code: 'required', detail: 'is required, since the caller has no account' },
  ]);
}

/** @throws Problem 422 where there is none within reach. */
async function lockNamedAccount(doing: Doing, named: string | undefined): Promise<ManagedAccount> {
  const account = await lockAccount(doing.transaction, await accountNamed(doing, named));
  if (account !== null && reachesAccount(doing.caller, account)) return account;
  return refuse([{ pointer: '/account_sid', detail: 'names no account' }]);
}

/** @throws Problem 422. */
function checkedKey(given: string): ReadKey {
  const read = readPublicKey(given);
  return read.ok ? read.value : refuse([{ pointer: '/public_key', detail: read.fault }]);
}

/** Adds a public key to an account, whose row is locked meanwhile. Triggers tell every node. @throws Problem 422. */
export async function addPublicKey(doing: Doing, body: KeyBody): Promise<ManagedPublicKey> {
  const { transaction } = doing;
  const { pem: publicKey, fingerprint } = checkedKey(body.public_key);
  const { sid: accountSid, organizationSid } = await lockNamedAccount(doing, body.account_sid);
  const known = await transaction.publicKey.findUnique({
    where: { accountSid_fingerprint: { accountSid, fingerprint } },
  });
  if (known !== null) refuse([{ pointer: '/public_key', detail: `is there already: ${known.sid}` }]);
  if ((await countPublicKeys(transaction, accountSid)) >= mostKeys) {
    throw new Problem('unprocessable', `The account has ${mostKeys} public keys. Delete one first.`);
  }
  const sid = newSid('publicKey');
  const row = await transaction.publicKey.create({
    data: { sid, accountSid, name: body.name, publicKey, fingerprint },
  });
  await record(doing, {
    action: 'public_key.created',
    ...auditOf({ sid, organizationSid }),
    detail: { name: body.name, account: accountSid, fingerprint },
  });
  return { ...row, organizationSid };
}

/** Renames a public key. @throws Problem 404, 412. */
export async function updatePublicKey(
  whole: Whole,
  sid: string,
  wish: { readonly name?: string | undefined },
): Promise<ManagedPublicKey> {
  const current = await lockReached(whole, sid);
  const { names, data } = changesOf(current, { name: wish.name });
  if (names.length === 0) return current;
  const { name = current.name } = data;
  const row = await whole.transaction.publicKey.update({ where: { sid }, data: { name } });
  await record(whole, { action: 'public_key.updated', ...auditOf(current), detail: { changed: names.join(' ') } });
  return { ...current, ...row };
}

/**
 * Deletes a public key: what its private half signs counts no longer. Triggers tell every node. The last one stays for
 * as long as its account wants calls signed, or nobody could call any more.
 * @throws Problem 404, 412, 422.
 */
export async function deletePublicKey(whole: Whole, sid: string): Promise<undefined> {
  const { transaction, caller } = whole;
  const before = await findPublicKey(transaction, sid);
  if (before === null || !isReached(caller, before)) throw noPublicKey();
  // The account first, as whoever adds a key, turns the requirement on or deletes the account does.
  const account = await lockAccount(transaction, before.accountSid);
  const current = await lockReached(whole, sid);
  if (account?.requireValidation === true && (await countPublicKeys(transaction, current.accountSid)) === 1) {
    throw new Problem(
      'unprocessable',
      'The account requires validation, and this is its last public key. Add another, or turn require_validation off.',
    );
  }
  await transaction.publicKey.delete({ where: { sid } });
  const { name, accountSid, fingerprint } = current;
  await record(whole, {
    action: 'public_key.deleted',
    ...auditOf(current),
    detail: { name, account: accountSid, fingerprint },
  });
  return undefined;
}
