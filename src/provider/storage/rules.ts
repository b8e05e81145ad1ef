import type { AdapterPayload } from 'oidc-provider';

/** What of a family decides whether its tokens are plain: the library's Grant, or what it stores of one. */
export interface FamilyFacts {
  readonly clientId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly organizationSid?: string | undefined;
  readonly consentId?: string | undefined;
  readonly resources?: Scopes | undefined;
  readonly rejected?: { readonly resources?: Scopes | undefined } | undefined;
}

type Scopes = Readonly<Record<string, string>>;

/** What a plain token of a user is for. */
export interface PlainTarget {
  readonly resource: string;
  /** Never none. */
  readonly scopes: readonly string[];
}

/** What the family was granted at a resource: what was refused there is not in it. */
function grantedAt({ resources, rejected }: FamilyFacts, resource: string): readonly string[] {
  const granted = resources?.[resource]?.split(' ') ?? [];
  const refused = rejected?.resources?.[resource];
  return refused === undefined ? granted : granted.filter((scope) => !refused.split(' ').includes(scope));
}

/** What binds a token to a key, a certificate or an attestation, or is handed down with it: not the plain case. */
const special = [
  ...['jkt', 'dpopJkt', 'x5t#S256', 'attestationJkt', 'rar'],
  ...['acr', 'amr', 'claims', 'expiresWithSession', 'sid'],
];

/** Both are of one user and one client. */
const belongsTo = (token: AdapterPayload, family: FamilyFacts): boolean =>
  token.clientId !== undefined &&
  token.clientId === family.clientId &&
  token.accountId !== undefined &&
  token.accountId === family.accountId;

/**
 * Whether a family's organization is the one of its consent record, from which a refresh token has it: one is named along
 * with the other.
 */
export const hasOrganizationOfConsent = ({ organizationSid, consentId }: FamilyFacts): boolean =>
  (organizationSid === undefined) === (consentId === undefined);

/**
 * What a code or refresh token is for in its plain form: of a user, for one resource, bound to no key, without OpenID
 * Connect, whose ID token the library makes. All of it is settled when the token is made: a family never changes after
 * its code was stored. @returns nothing where the token is not plain, or the family was granted nothing of it.
 */
export function plainTarget(token: AdapterPayload, family: FamilyFacts): PlainTarget | undefined {
  const { resource } = token;
  const wanted = new Set(token.scope?.split(' '));
  const isPlain = belongsTo(token, family) && special.every((name) => token[name] === undefined);
  if (!isPlain || typeof resource !== 'string' || wanted.has('openid')) return undefined;
  const scopes = [...new Set(grantedAt(family, resource))].filter((scope) => wanted.has(scope));
  return scopes.length === 0 ? undefined : { resource, scopes };
}
