import type { AdapterPayload } from 'oidc-provider';
import type { Client } from '../../clients/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import { mayAskFor, type Resource } from '../../resources/index.ts';
import type { Revocations } from '../../revocations/index.ts';
import { familyOf } from '../claims.ts';
import { accessTokenTtl } from '../lifetimes.ts';
import { plainTarget } from '../storage/index.ts';
import type { PlainParts } from './client-credentials.ts';
import { type JwsSigner, plainSigners } from './signer.ts';
import { newTokenId } from './token-id.ts';

export interface UserTokenParts extends PlainParts {
  readonly revocations: Pick<Revocations, 'isRevoked'>;
}

/** What an access token of a user is issued on: a code and its family, as the library stored them. */
export interface Source {
  readonly token: AdapterPayload;
  readonly family: AdapterPayload;
}

/** A resource whose tokens are made here, and that the client may ask for. */
export interface Target {
  readonly resource: Resource;
  readonly sign: JwsSigner;
}

/** Whose an access token is, and what it is good for. */
export interface Subject {
  readonly userSid: string;
  /** None: the client's. */
  readonly organizationSid: string | undefined;
  /** The family's hash in hexadecimal. */
  readonly family: string;
  /** By spaces. */
  readonly scope: string;
}

/** Access tokens of users in their plain form: a JWT for one resource, bound to no key, without OpenID Connect. */
export interface UserTokens {
  /** How tokens for a resource are made. @returns nothing where the library must look. */
  targetOf(client: Client, identifier: string): Promise<Target | undefined>;
  /** Whether a code is good for a token, and for which. @returns nothing where the library must look. */
  decide(client: Client, source: Source, now: number): Promise<(Target & { readonly subject: Subject }) | undefined>;
  /** The members of the answer. `now` is in seconds since the epoch. */
  issue(
    subject: Subject,
    target: Target,
    client: Client,
    now: number,
  ): { readonly access_token: string; readonly expires_in: number };
}

/** What of some scopes the client may still have, and the resource still knows. */
export const reachable = (scopes: Iterable<string>, client: Client, resource: Resource): string =>
  [...scopes].filter((scope) => client.allowedScopes.has(scope) && resource.scopes.has(scope)).join(' ');

/** Of this client, and in its time. */
const isLive = ({ token, family }: Source, client: Client, now: number): boolean =>
  token.clientId === client.clientId && (token.exp ?? 0) > now && (family.exp ?? 0) > now;

/** Prepares the tokens for one set of keys. */
export function userTokens({ config, resources, revocations }: UserTokenParts, keys: KeyRing): UserTokens {
  const signers = plainSigners(keys);

  async function targetOf(client: Client, identifier: string): Promise<Target | undefined> {
    const resource = await resources.get(identifier);
    const sign = resource?.tokenFormat === 'jwt' ? signers[resource.signingAlg] : undefined;
    const allowed = resource !== undefined && sign !== undefined && mayAskFor(client, resource);
    return allowed ? { resource, sign } : undefined;
  }

  function isRevoked({ token }: Source, client: Client, { userSid, family, organizationSid }: Subject) {
    const organization = organizationSid === undefined ? {} : { organization: organizationSid };
    const subjects = { user: userSid, client: client.clientId, family, ...organization };
    return revocations.isRevoked({ iat: token.iat ?? 0, subjects });
  }

  function subjectOf({ token, family }: Source, scope: string): Subject {
    const organizationSid = family['organizationSid'] as string | undefined;
    return { userSid: token.accountId as string, organizationSid, family: familyOf(token.grantId as string), scope };
  }

  return {
    targetOf,
    async decide(client, source, now) {
      const plain = isLive(source, client, now) ? plainTarget(source.token, source.family) : undefined;
      const target = plain === undefined ? undefined : await targetOf(client, plain.resource);
      if (plain === undefined || target === undefined) return undefined;
      const subject = subjectOf(source, reachable(plain.scopes, client, target.resource));
      if (subject.scope === '' || (await isRevoked(source, client, subject))) return undefined;
      return { ...target, subject };
    },
    issue({ userSid, organizationSid, family, scope }, { resource, sign }, client, now) {
      const lifetime = accessTokenTtl(config.tokens, client, resource);
      const accessToken = sign({
        org_id: organizationSid ?? client.organizationSid,
        fam: family,
        jti: newTokenId(),
        sub: userSid,
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
