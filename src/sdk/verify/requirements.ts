import { InvalidArgumentError } from '../errors.ts';
import type { VerifiedToken } from './claims.ts';
import type { Fault } from './faults.ts';

/**
 * Which organizations may call: one, several, or whatever a function decides, which can look up the tree of
 * organizations. Tokens without an organization reach the function only.
 */
export type OrganizationRule =
  | string
  | readonly string[]
  | ReadonlySet<string>
  | ((organization: string | undefined, token: VerifiedToken) => boolean | Promise<boolean>);

/** What a token must be good for, beyond being valid. */
export interface Requirements {
  /** Scopes that must all be there. */
  readonly requireScopes?: string | readonly string[];
  readonly organization?: OrganizationRule;
}

/** A check of one token. @returns what it lacks. */
export type Requirement = (token: VerifiedToken) => Promise<Fault | undefined> | Fault | undefined;

/** RFC 6749 section 3.3. */
const scopeSyntax = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const wrongOrganization: Fault = {
  code: 'wrong_organization',
  reason: 'organization',
  description: 'The token does not reach this organization.',
};

/**
 * @throws InvalidArgumentError also where a requirement is there but undefined: what should have named an organization
 *   named none, and that must not mean any.
 */
export function parseRequirements(given: Requirements): readonly Requirement[] {
  const checks: Requirement[] = [];
  if ('requireScopes' in given) checks.push(scopesRequired(given.requireScopes));
  if ('organization' in given) checks.push(organizationRequired(given.organization));
  return checks;
}

function scopesRequired(value: unknown): Requirement {
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

function organizationRequired(rule: OrganizationRule | undefined): Requirement {
  if (typeof rule === 'function') {
    return async (token) => ((await rule(token.organization, token)) === true ? undefined : wrongOrganization);
  }
  const names = typeof rule === 'string' ? [rule] : [...(rule ?? [])];
  if (rule === undefined || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new InvalidArgumentError('organization', 'must be an organization, several, or a function.');
  }
  const allowed: ReadonlySet<string | undefined> = new Set(names);
  return ({ organization }) => (allowed.has(organization) ? undefined : wrongOrganization);
}

/** @returns what the token lacks first. */
export async function unmet(token: VerifiedToken, requirements: readonly Requirement[]): Promise<Fault | undefined> {
  for (const check of requirements) {
    const found = check(token);
    const fault = found instanceof Promise ? await found : found;
    if (fault !== undefined) return fault;
  }
  return undefined;
}
