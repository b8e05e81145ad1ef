import { InvalidArgumentError } from '../errors.ts';
import type { VerifiedToken } from './claims.ts';
import type { Fault } from './faults.ts';

/**
 * Which organizations may call: one, several, or whatever a function decides, which can look up the tree of
 * organizations. Tokens without an organization reach the function only. A token that is narrowed to an account does not
 * reach its organization: it is refused unless an `account` rule stands beside this one.
 */
export type OrganizationRule =
  | string
  | readonly string[]
  | ReadonlySet<string>
  | ((organization: string | undefined, token: VerifiedToken) => boolean | Promise<boolean>);

/**
 * Which accounts may be reached: one, several, or whatever a function decides. Tokens that are narrowed to one of them
 * pass. Tokens of a whole organization pass where `organization` says that it is theirs, since it reaches all of its
 * accounts; without `organization` they reach the function only.
 */
export type AccountRule =
  | string
  | readonly string[]
  | ReadonlySet<string>
  | ((account: string | undefined, token: VerifiedToken) => boolean | Promise<boolean>);

/** What a token must be good for, beyond being valid. */
export interface Requirements {
  /** Scopes that must all be there. */
  readonly requireScopes?: string | readonly string[];
  readonly organization?: OrganizationRule;
  readonly account?: AccountRule;
}

/** Of what there are rules, in all that is required of a token together. */
type Ruled = Readonly<Record<'organization' | 'account', boolean>>;

/** A check of one token. @returns what it lacks. */
type Check = (token: VerifiedToken, ruled: Ruled) => Promise<Fault | undefined> | Fault | undefined;

/** Requirements that can be checked. */
export interface ParsedRequirements {
  readonly checks: readonly Check[];
  readonly ruled: Ruled;
}

/** RFC 6749 section 3.3. */
const scopeSyntax = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const wrongOrganization: Fault = {
  code: 'wrong_organization',
  reason: 'organization',
  description: 'The token does not reach this organization.',
};

const wrongAccount: Fault = {
  code: 'wrong_account',
  reason: 'account',
  description: 'The token does not reach this account.',
};

/**
 * @throws InvalidArgumentError also where a requirement is there but undefined: what should have named an organization
 *   or an account named none, and that must not mean any.
 */
export function parseRequirements(given: Requirements): ParsedRequirements {
  const ruled = { organization: 'organization' in given, account: 'account' in given };
  const checks: Check[] = [];
  if ('requireScopes' in given) checks.push(scopesRequired(given.requireScopes));
  if (ruled.organization) checks.push(organizationRequired(given.organization));
  if (ruled.account) checks.push(accountRequired(given.account));
  return { checks, ruled };
}

function scopesRequired(value: unknown): Check {
  const names: readonly unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  const isScopes = names.every((name): name is string => typeof name === 'string' && scopeSyntax.test(name));
  if (names.length === 0 || !isScopes) throw new InvalidArgumentError('requireScopes', 'must be one scope or several.');
  const fault: Fault = {
    code: 'insufficient_scope',
    reason: 'scope',
    description: `The token needs the scope ${names.join(' ')}.`,
    scope: names.join(' '),
  };
  return ({ scopes }) => (names.every((name) => scopes.has(name)) ? undefined : fault);
}

/** The names of a rule that is no function. @throws InvalidArgumentError */
function namesIn(field: 'organization' | 'account', rule: string | Iterable<string> | undefined): ReadonlySet<string> {
  const names = typeof rule === 'string' ? [rule] : [...(rule ?? [])];
  if (rule === undefined || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new InvalidArgumentError(field, `must be an ${field}, several, or a function.`);
  }
  return new Set(names);
}

function organizationRequired(rule: OrganizationRule | undefined): Check {
  const reachesIt = ({ account }: VerifiedToken, ruled: Ruled) => account === undefined || ruled.account;
  if (typeof rule === 'function') {
    return async (token, ruled) =>
      reachesIt(token, ruled) && (await rule(token.organization, token)) === true ? undefined : wrongOrganization;
  }
  const allowed: ReadonlySet<string | undefined> = namesIn('organization', rule);
  return (token, ruled) => (reachesIt(token, ruled) && allowed.has(token.organization) ? undefined : wrongOrganization);
}

function accountRequired(rule: AccountRule | undefined): Check {
  if (typeof rule === 'function') {
    return async (token) => ((await rule(token.account, token)) === true ? undefined : wrongAccount);
  }
  const allowed = namesIn('account', rule);
  return ({ account }, ruled) => {
    const isReached = account === undefined ? ruled.organization : allowed.has(account);
    return isReached ? undefined : wrongAccount;
  };
}

/** @returns what the token lacks first. */
export async function unmet(token: VerifiedToken, all: readonly ParsedRequirements[]): Promise<Fault | undefined> {
  const isRuled = (what: keyof Ruled) => all.some(({ ruled }) => ruled[what]);
  const ruled = { organization: isRuled('organization'), account: isRuled('account') };
  for (const check of all.flatMap(({ checks }) => checks)) {
    const found = check(token, ruled);
    const fault = found instanceof Promise ? await found : found;
    if (fault !== undefined) return fault;
  }
  return undefined;
}
