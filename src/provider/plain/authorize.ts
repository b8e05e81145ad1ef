import { Problem, type Sealer } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { Config } from '../../config/index.ts';
import { fromPermissions, scopesFor } from '../../grants/index.ts';
import { grantedScopes, mayAskFor, type Resource } from '../../resources/index.ts';
import type { LookupCache, Sql } from '../../store/index.ts';
import { familyTtl } from '../lifetimes.ts';
import { openidScopes } from '../people/scopes.ts';
import { type SignedIn, signedInBrowsers } from '../storage/index.ts';
import { plainScope } from './client-credentials.ts';
import { type AuthorizationQuery, plainQuery } from './query.ts';
import { type SessionCookie, sessionCookie } from './session-cookie.ts';

export interface AuthorizeParts {
  readonly config: Pick<Config, 'issuer' | 'tokens'>;
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clients: LookupCache<Client>;
  readonly resources: LookupCache<Resource>;
}

/**
 * Answers an authorization request, or leaves it to the library by answering nothing.
 * @param query without the question mark. @param cookies the Cookie header.
 * @returns the client's callback with a code.
 */
export type PlainAuthorization = (query: string, cookies: string | undefined) => Promise<string | undefined>;

/** Seconds. */
const codeTtl = 60;

/** The library renews the session at each request, cookie and all; once in this time is often enough. Seconds. */
const renewEvery = 60;

/** What the library keeps in a session, as far as it matters here. */
interface Session {
  readonly uid?: string;
  readonly accountId?: string;
  readonly loginTs?: number;
  readonly exp?: number;
  readonly authorizations?: Readonly<Record<string, { readonly organizationSid?: string } | undefined>>;
}

interface Target {
  readonly client: Client;
  readonly resource: Resource;
  readonly scopes: readonly string[];
}

/** A web application; on a user's own machine anybody may claim to be the client, so the user is asked each time. */
const isPlainClient = (client: Client, { redirectUri }: AuthorizationQuery): boolean =>
  client.applicationType === 'web' &&
  !client.requirePar &&
  !client.requireDpop &&
  client.allowedGrantTypes.includes('authorization_code') &&
  client.redirectUris.includes(redirectUri);

/** The consent for the organization that this browser chose for this client before, if it covers all that is asked. */
function consentFor({ session, consents }: SignedIn, { client, resource, scopes }: Target) {
  const chosen = (session as Session).authorizations?.[client.clientId]?.organizationSid;
  const consent = consents.find(({ organizationSid }) => organizationSid === chosen);
  if (chosen === undefined || consent === undefined) return undefined;
  const allowed = scopesFor(fromPermissions(consent.permissions), resource.identifier);
  return scopes.every((scope) => allowed.includes(scope)) ? consent : undefined;
}

/** The callback as the library writes it. */
function callback(redirectUri: string, members: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(members)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/**
 * The authorization request of a browser whose user is signed in and has allowed the client all that it asks for: no
 * person is needed, and what is to be decided is in one row. Everything else, and every refusal, is the library's.
 */
export function plainAuthorization(parts: AuthorizeParts): PlainAuthorization {
  const { config, clients, resources } = parts;
  const browsers = signedInBrowsers(parts.sql, parts.sealer);
  const cookie: SessionCookie = sessionCookie(parts.sealer, config.issuer);

  async function targetOf(query: AuthorizationQuery): Promise<Target | undefined> {
    const client = await clients.get(query.clientId);
    if (client === undefined || !isPlainClient(client, query) || !plainScope.test(query.scope)) return undefined;
    const resource = await resources.get(query.resource ?? config.tokens.defaultResource);
    if (resource === undefined || !mayAskFor(client, resource) || !URL.canParse(resource.identifier)) return undefined;
    const names = query.scope.split(' ');
    const granted = grantedScopes(names, client, resource);
    const isPlain = granted.ok && !names.some((name) => openidScopes.has(name));
    return isPlain ? { client, resource, scopes: granted.value } : undefined;
  }

  /** A session that lasts, whose user is the one of its row. */
  function isSound({ session, userSid }: SignedIn, now: number): boolean {
    const { accountId, exp, loginTs, uid } = session as Session;
    const isFresh = (exp ?? 0) - now > config.tokens.sessionTtl - renewEvery;
    return isFresh && accountId === userSid && loginTs !== undefined && uid !== undefined;
  }

  async function authorize(query: AuthorizationQuery, target: Target, signedIn: SignedIn, now: number) {
    const consent = consentFor(signedIn, target);
    if (consent === undefined) return undefined;
    const { uid, loginTs } = signedIn.session as Session;
    const { client, resource, scopes } = target;
    const scope = scopes.join(' ');
    const lifetime = familyTtl(config.tokens, client);
    const common = { iat: now, accountId: signedIn.userSid, clientId: client.clientId };
    const family = {
      ...common,
      exp: now + lifetime,
      kind: 'Grant',
      organizationSid: consent.organizationSid,
      consentId: consent.id,
      resources: { [resource.identifier]: scope },
      rejected: {},
    };
    const code = {
      ...common,
      exp: now + codeTtl,
      kind: 'AuthorizationCode',
      authTime: loginTs,
      codeChallenge: query.challenge,
      codeChallengeMethod: 'S256',
      redirectUri: query.redirectUri,
      resource: resource.identifier,
      scope,
      sessionUid: uid,
    };
    return browsers.authorize(family, code as never, uid as string, {
      family: lifetime,
      code: codeTtl,
    });
  }

  async function answer(query: AuthorizationQuery, session: string): Promise<string | undefined> {
    const target = await targetOf(query);
    const signedIn = target === undefined ? undefined : await browsers.find(session, target.client.clientId);
    const now = Math.floor(Date.now() / 1000);
    if (target === undefined || signedIn === undefined || !isSound(signedIn, now)) return undefined;
    const code = await authorize(query, target, signedIn, now);
    const { redirectUri, state } = query;
    return code === undefined ? undefined : callback(redirectUri, { code, state, iss: config.issuer });
  }

  return async (text, cookies) => {
    const session = cookie.read(cookies);
    const query = session === undefined ? undefined : plainQuery(text);
    if (session === undefined || query === undefined) return undefined;
    try {
      return await answer(query, session);
    } catch (error) {
      // The database is away: the library meets the same and says so in its own way.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  };
}
