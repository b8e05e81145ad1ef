import type { Role } from '../api/index.ts';
import { type Clock, fault, hashSecret, isSid, ok, type Result, sameHash } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { createLookupCache, type LookupCache, type Store } from '../store/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import { createClientValidation, type KeyedRequest, type UnsignedFault } from './client-validation.ts';
import type { NoteUse } from './last-uses.ts';
import { readApiKey, readOrganization, readReach, readRole, readWholeAccount } from './store.ts';
import type { Account, ApiKey, Organization } from './types.ts';

/** Tenants and keys as the token path reads them: from memory, kept true by the feed of changes. */
export interface TenantDirectory {
  /**
   * The API key that a Bearer string names, if its secret fits, and the request that it came with is signed, where the
   * account of the key wants that. There is no other way to a key by its secret, so no door can forget the signature.
   * @throws Problem 400, 413 or 415 where the body must be read for that and cannot be.
   */
  authenticate(bearer: string, request: KeyedRequest): Promise<Result<ApiKey, KeyFault>>;
  /** An account, active or not. */
  account(sid: string): Promise<Account | undefined>;
  /** Whether an organization and all above it are active. */
  isActive(sid: string): Promise<boolean>;
  /** An API key that may be used, by its SID: for what its secret has signed. */
  apiKey(sid: string): Promise<ApiKey | undefined>;
  /** The same as `roleOf`, from memory: for the path of tokens. */
  knownRoleOf(userSid: string, organizationSid: string): Promise<Role | undefined>;
  /** Whether one organization is another or lies beneath it. */
  isWithin(sid: string, ancestor: string): Promise<boolean>;
  /** An organization and those beneath it; everything for one that runs this server. Not from memory. */
  reachOf(sid: string): Promise<ReadonlySet<string> | 'everything'>;
  /** The role of an active user in an organization: their own there, else in the nearest above. Not from memory. */
  roleOf(userSid: string, organizationSid: string): Promise<Role | undefined>;
}

/** Why an API key is not taken: there is none that fits, or its account wants the request signed. */
export type KeyFault = { readonly kind: 'unknown' } | UnsignedFault;

/** What the directory is set by. */
export type DirectoryConfig = Pick<Config, 'issuer' | 'cache'> & {
  readonly tokens: Pick<Config['tokens'], 'clockTolerance'>;
};

/** The tree is shallow; a longer way up is a cycle made by hand. */
const deepestTree = 32;

const nobody = hashSecret('');
const unknown = fault({ kind: 'unknown' } as const);

/** An organization and those above it, from below. One that does not exist ends the way. */
async function* wayUp(organizations: LookupCache<Organization>, sid: string): AsyncGenerator<Organization> {
  let current: string | null = sid;
  for (let height = 0; height < deepestTree && current !== null; height += 1) {
    const organization: Organization | undefined = await organizations.get(current);
    if (organization === undefined) return;
    yield organization;
    current = organization.parentSid;
  }
}

async function isWithin(organizations: LookupCache<Organization>, sid: string, ancestor: string): Promise<boolean> {
  for await (const organization of wayUp(organizations, sid)) if (organization.sid === ancestor) return true;
  return false;
}

/** A suspended organization takes those beneath it along. */
async function mayAct(organizations: LookupCache<Organization>, sid: string): Promise<boolean> {
  for await (const organization of wayUp(organizations, sid)) if (organization.standing === 'suspended') return false;
  return true;
}

interface KnownRole {
  readonly userSid: string;
  readonly role: Role;
}

/** Roles by user and organization. A tree that changes may change any of them. */
function createRoles({ sql, feed }: Store, config: Config['cache'], metrics: Pick<Metrics, 'cache'>, clock: Clock) {
  const roles = createLookupCache<KnownRole>({
    ...config,
    clock,
    feed,
    load: async (name) => {
      const [userSid = '', organizationSid = ''] = name.split(' ');
      const role = await readRole(sql, userSid, organizationSid);
      return role === undefined ? undefined : { userSid, role };
    },
    onLookup: (outcome) => metrics.cache('roles', outcome),
  });
  feed.subscribe('user', (sid) => roles.invalidateWhere(({ userSid }) => userSid === sid));
  feed.subscribe('organization', () => roles.invalidateWhere(() => true));
  return async (userSid: string, organizationSid: string) => (await roles.get(`${userSid} ${organizationSid}`))?.role;
}

/** Opens the directory over the store. @param noteUse hears of every key that was good. */
export function createTenantDirectory(
  store: Store,
  config: DirectoryConfig,
  metrics: Pick<Metrics, 'cache'>,
  clock: Clock,
  noteUse?: NoteUse,
): TenantDirectory {
  const { sql, feed } = store;
  const shared = { ...config.cache, clock, feed };
  const validate = createClientValidation({
    issuer: config.issuer,
    clockTolerance: config.tokens.clockTolerance,
    clock,
  });
  const keys = createLookupCache<ApiKey>({
    ...shared,
    load: (sid) => readApiKey(sql, sid),
    onLookup: (outcome) => metrics.cache('api_keys', outcome),
  });
  const organizations = createLookupCache<Organization>({
    ...shared,
    load: (sid) => readOrganization(sql, sid),
    onLookup: (outcome) => metrics.cache('organizations', outcome),
  });
  const accounts = createLookupCache<Account>({
    ...shared,
    load: (sid) => readWholeAccount(sql, sid),
    onLookup: (outcome) => metrics.cache('accounts', outcome),
  });
  const roles = createRoles(store, config.cache, metrics, clock);
  feed.subscribe('api_key', (sid) => keys.invalidate(sid));
  feed.subscribe('account', (sid) => {
    accounts.invalidate(sid);
    keys.invalidateWhere((key) => key.accountSid === sid);
  });
  feed.subscribe('user', (sid) => keys.invalidateWhere((key) => key.userSid === sid));
  feed.subscribe('organization', (sid) => {
    organizations.invalidate(sid);
    keys.invalidateWhere((key) => key.organizationSid === sid);
  });

  return {
    async authenticate(bearer, request) {
      const [sid = '', secret = '', ...more] = bearer.split('.');
      const key = more.length === 0 && isSid('apiKey', sid) ? await keys.get(sid) : undefined;
      // An unknown key costs the same comparison as a wrong secret.
      const fits = sameHash(hashSecret(secret.slice(0, 512)), key?.secretHash ?? nobody);
      if (!fits || key === undefined || !(await mayAct(organizations, key.organizationSid))) return unknown;
      const account = await accounts.get(key.accountSid);
      if (account === undefined) return unknown;
      const signed = await validate(request, key, account);
      if (!signed.ok) return signed;
      noteUse?.(sid);
      return ok(key);
    },
    account: (sid) => accounts.get(sid),
    isActive: (sid) => mayAct(organizations, sid),
    async apiKey(sid) {
      const key = await keys.get(sid);
      return key !== undefined && (await mayAct(organizations, key.organizationSid)) ? key : undefined;
    },
    knownRoleOf: roles,
    isWithin: (sid, ancestor) => isWithin(organizations, sid, ancestor),
    async reachOf(sid) {
      const { operator, sids } = await readReach(sql, sid);
      return operator ? 'everything' : new Set(sids);
    },
    roleOf: (userSid, organizationSid) => readRole(sql, userSid, organizationSid),
  };
}
