import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { Revocations, TokenFacts } from '../../revocations/index.ts';
import { translated } from '../failures.ts';
import type { Family } from './family.ts';
import type { PeopleDirectory, Person } from './types.ts';

/** What a code, a refresh token or an access token says of itself. */
interface Bearer {
  readonly iat?: number;
  readonly clientId?: string;
  /** What an opaque access token says beyond the library's own. */
  readonly extra?: { readonly org_id?: string };
}

export interface AccountParts {
  readonly users: PeopleDirectory;
  readonly revocations: Pick<Revocations, 'isRevoked'>;
}

/** The claims of the scopes `profile`, `email` and `org` (OpenID Connect Core section 5.4; `org` is ours). */
export const claimsByScope = {
  openid: ['sub'],
  profile: ['name'],
  email: ['email', 'email_verified'],
  org: ['org_id', 'org_name', 'org_role'],
} as const;

/**
 * Without its family: the library reads that from the database each time. Were it asked about here too, the one use of a
 * code that counts would fail when a second one, coming at the same moment, ends the family.
 */
function factsOf(token: Bearer, person: Person, family: Family | undefined): TokenFacts {
  const organization = family?.organizationSid ?? token.extra?.org_id;
  return {
    iat: token.iat ?? 0,
    subjects: {
      user: person.sid,
      ...(token.clientId === undefined ? {} : { client: token.clientId }),
      ...(organization === undefined ? {} : { organization }),
    },
  };
}

/** The library's hook for users: only active ones, and for a token only while nothing it hangs on was revoked. */
export function accountFinder({ users, revocations }: AccountParts) {
  async function organizationClaims(person: Person, family: Family | undefined): Promise<object> {
    const organizations = family === undefined ? [] : await users.organizationsOf(person.sid);
    const own = organizations.find((membership) => membership.organizationSid === family?.organizationSid);
    if (own === undefined) return {};
    return { org_id: own.organizationSid, org_name: own.organizationName, org_role: own.role };
  }

  return (ctx: KoaContextWithOIDC, sub: string, token?: object): Promise<Account | undefined> =>
    translated(async () => {
      const person = await users.find(sub);
      if (person === undefined) return undefined;
      const family = ctx.oidc.entities.Grant as Family | undefined;
      if (token !== undefined && (await revocations.isRevoked(factsOf(token, person, family)))) return undefined;
      return {
        accountId: sub,
        claims: async (_use, scope) => ({
          sub,
          name: person.name,
          email: person.email,
          email_verified: person.emailVerified,
          ...(scope.split(' ').includes('org')
            ? await organizationClaims(person, ctx.oidc.entities.Grant as Family | undefined)
            : {}),
        }),
      };
    });
}
