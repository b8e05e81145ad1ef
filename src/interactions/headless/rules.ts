import { fault, ok, type Result } from '../../base/index.ts';
import type { WantedScopes } from '../../provider/index.ts';

/** Who presents a bearer credential, and what it is good for at this server's own API. */
export interface Approver {
  readonly userSid: string;
  /** The organization that the credential is for: it reaches that one and those beneath it. */
  readonly organizationSid: string;
  readonly scopes: ReadonlySet<string>;
  /** The client that holds an access token; an API key has none. */
  readonly clientId: string | undefined;
}

const has = ({ scopes }: Approver, ...any: readonly string[]) => any.some((scope) => scopes.has(scope));

/** Whether a credential may look at a question of its user's. */
export const mayLook = (approver: Approver): boolean => has(approver, 'admin', 'grants:read', 'grants:write');

/** Whether a credential may answer it at all. Refusing takes no more than this. */
export const mayAnswer = (approver: Approver): boolean => has(approver, 'admin', 'grants:write');

/**
 * Whether a credential may allow what a client wants. It gives away the user's own access, so it must not reach further
 * than the credential does: `admin` may allow everything, `grants:write` only scopes of this API that it has itself.
 * @param api identifier of this server's own API.
 */
export function mayAllow(approver: Approver, wanted: readonly WantedScopes[], api: string): boolean {
  if (has(approver, 'admin')) return true;
  if (!has(approver, 'grants:write')) return false;
  return wanted.every(({ resource, scopes }) =>
    scopes.every((scope) => resource === api && approver.scopes.has(scope)),
  );
}

/**
 * The organization that a consent is for: the one that the request means, else the credential's, else the only one.
 * @param named the one that the request means.
 * @param own those that the user is a member of.
 */
export function chooseOrganization(
  named: string | undefined,
  approver: Approver,
  own: readonly string[],
): Result<string, 'foreign' | 'none' | 'several'> {
  if (named !== undefined) return own.includes(named) ? ok(named) : fault('foreign');
  if (own.includes(approver.organizationSid)) return ok(approver.organizationSid);
  const [only, ...more] = own;
  if (only === undefined) return fault('none');
  return more.length === 0 ? ok(only) : fault('several');
}
