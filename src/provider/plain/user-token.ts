import type { AdapterPayload } from 'oidc-provider';
import type { Client } from '../../clients/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import { mayAskFor, type Resource } from '../../resources/index.ts';
import type { Revocations } from '../../revocations/index.ts';
import { familyOf } from '../claims.ts';
import { accessTokenTtl } from '../lifetimes.ts';
import type { PlainParts } from './client-credentials.ts';
import { type JwsSigner, plainSigners } from './signer.ts';
import { newTokenId } from './token-id.ts';

export interface UserTokenParts extends PlainParts {
  readonly revocations: Pick<Revocations, 'isRevoked'>;
}

/** What an access token of a user is issued on: a code or a refresh token, and its family, as the library stored them. */
export interface Source {
  readonly token: AdapterPayload;
  readonly family: AdapterPayload;
}

/** That a token may be issued, and which. */
export interface Decision {
  readonly source: Source;
  readonly resource: Resource;
  readonly sign: JwsSigner;
  readonly scope: string;
}

/** Access tokens of users in their plain form: a JWT for one resource, bound to no key, without OpenID Connect. */
export interface UserTokens {
  /** @param asked the resource that the request names, if any. @returns nothing where the library must look. */
  decide(client: Client, source: Source, asked: string | undefined, now: number): Promise<Decision | undefined>;
  /** The members of the answer. `now` is in seconds since the epoch. */
  issue(
    decision: Decision,
    client: Client,
    now: number,
  ): { readonly access_token: string; readonly expires_in: number };
}

type Scopes = Readonly<Record<string, string>>;

/** What the family was granted at a resource: what was refused there is not in it. */
function grantedAt(family: AdapterPayload, resource: string): readonly string[] {
  const granted = (family['resources'] as Scopes | undefined)?.[resource]?.split(' ') ?? [];
  const rejected = (family['rejected'] as { readonly resources?: Scopes } | undefined)?.resources?.[resource];
  return rejected === undefined ? granted : granted.filter((scope) => !rejected.split(' ').includes(scope));
}

/** What binds a token to a key, a certificate or an attestation, or is handed down with it: not the plain case. */
const special = [
  ...['jkt', 'dpopJkt', 'x5t#S256', 'attestationJkt', 'rar'],
  ...['acr', 'amr', 'claims', 'expiresWithSession', 'sid'],
];

/** Neither bound nor about OpenID Connect, whose ID token the library makes; for one resource, in its time. */
function isPlain({ token, family }: Source, client: Client, now: number): boolean {
  const scopes = token.scope?.split(' ') ?? [];
  return (
    token.clientId === client.clientId &&
    family.clientId === client.clientId &&
    family.accountId === token.accountId &&
    special.every((name) => token[name] === undefined) &&
    typeof token['resource'] === 'string' &&
    scopes.length > 0 &&
    !scopes.includes('openid') &&
    (token.exp ?? 0) > now &&
    (family.exp ?? 0) > now
  );
}

/** Prepares the tokens for one set of keys. */
export function userTokens({ config, resources, revocations }: UserTokenParts, keys: KeyRing): UserTokens {
  const signers = plainSigners(keys);

  /** How a token for a resource is signed, if it is signed here and this client may ask for it. */
  async function targetOf(client: Client, identifier: string) {
    const resource = await resources.get(identifier);
    const sign = resource?.tokenFormat === 'jwt' ? signers[resource.signingAlg] : undefined;
    const allowed = resource !== undefined && sign !== undefined && mayAskFor(client, resource);
    return allowed ? { resource, sign } : undefined;
  }

  function isRevoked({ token, family }: Source): Promise<boolean> {
    const organization = family['organizationSid'] as string | undefined;
    return revocations.isRevoked({
      iat: token.iat ?? 0,
      subjects: {
        user: token.accountId as string,
        client: token.clientId as string,
        family: familyOf(token.grantId as string),
        ...(organization === undefined ? {} : { organization }),
      },
    });
  }

  /** What of the token's scopes the family was granted, the client may still have, and the resource still knows. */
  function scopeOf({ token, family }: Source, client: Client, resource: Resource): string {
    const wanted = new Set(token.scope?.split(' '));
    return [...new Set(grantedAt(family, resource.identifier))]
      .filter((scope) => wanted.has(scope) && client.allowedScopes.has(scope) && resource.scopes.has(scope))
      .join(' ');
  }

  return {
    async decide(client, source, asked, now) {
      if (!isPlain(source, client, now)) return undefined;
      const identifier = source.token['resource'] as string;
      const target = asked === undefined || asked === identifier ? await targetOf(client, identifier) : undefined;
      if (target === undefined || (await isRevoked(source))) return undefined;
      const scope = scopeOf(source, client, target.resource);
      return scope === '' ? undefined : { source, ...target, scope };
    },
    issue({ source: { token, family }, resource, sign, scope }, client, now) {
      const lifetime = accessTokenTtl(config.tokens, client, resource);
      const accessToken = sign({
        org_id: family['organizationSid'] ?? client.organizationSid,
        fam: familyOf(token.grantId as string),
        jti: newTokenId(),
        sub: token.accountId,
        iat: now,
        exp: now + lifetime,
        scope,
        client_id: client.clientId,
        iss: config.issuer,
        aud: resource.identifier,
      });
      return { access_token: accessToken, expires_in: lifetime };
    },
  };
}
