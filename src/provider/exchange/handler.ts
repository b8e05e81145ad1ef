import type { Client as LibraryClient, TokenEndpointGrantContext } from 'oidc-provider';
import { isAbove, type TenantDirectory } from '../../accounts/index.ts';
import { isSid, Problem } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { Resource } from '../../resources/index.ts';
import { asSent } from '../claims.ts';
import { recordOf } from '../client-finder.ts';
import { accessTokenTtl } from '../lifetimes.ts';
import { type Narrow, outOfReach, type Place } from '../narrowing.ts';
import { type ResourceServerParts, refuseScope, unavailableTarget } from '../resource-servers.ts';
import type { LiveToken } from '../tokens/types.ts';
import { type Issued, issueToken } from './issue.ts';
import { type ExchangeRequest, type PresentedToken, readExchange, tokenTypes } from './request.ts';
import {
  type Actor,
  actorAfter,
  exchangedScopes,
  longestChain,
  mayKeepTarget,
  type Relation,
  relationOf,
} from './rules.ts';

/** What exchanges are decided by. */
export interface ExchangeParts extends ResourceServerParts {
  readonly narrow: Narrow;
  readonly tenants: Pick<TenantDirectory, 'knownRoleOf'>;
  /** A token of this server that counts at this moment. */
  readonly inspect: (token: string) => Promise<LiveToken | undefined>;
}

/** RFC 8693 section 2.2.2: `invalid_request`, whatever is wrong with a token, and the same words for all of it. */
const unusable = (which: 'subject' | 'actor') =>
  new Problem('malformed_request', `The ${which} token is no live access token that this client may exchange.`);

const malformed = (detail: string) => new Problem('malformed_request', detail);

const isUser = (token: LiveToken) => isSid('user', String(token.claims['sub']));

/** A client that may exchange at all. @throws Problem 400. */
function exchangingClient(ctx: TokenEndpointGrantContext): Client {
  const client = recordOf(ctx.oidc.client as LibraryClient);
  if (client === undefined || client.origin !== 'managed') {
    throw new Problem('unauthorized_client', 'Clients that registered themselves exchange no tokens.');
  }
  if (client.requireDpop) {
    throw new Problem(
      'unauthorized_client',
      'This client takes sender-constrained tokens only (DPoP), and exchanged tokens are not.',
    );
  }
  if (ctx.req.headers['dpop'] !== undefined) {
    throw malformed('Exchanged tokens are bound to no key: send the request without a DPoP header.');
  }
  return client;
}

/** A sender-constrained token is for whoever has its key: exchanged it would lose the binding. */
function refuseBound({ claims }: LiveToken, which: 'subject' | 'actor'): void {
  if (claims['cnf'] === undefined) return;
  throw malformed(`The ${which} token is bound to a key (sender-constrained), so it is not exchanged.`);
}

interface Subject {
  readonly live: LiveToken;
  readonly relation: Relation;
  readonly resource: Resource;
}

/** Prepares the decisions on exchanges. */
function decisions({ inspect, resources, narrow, tenants }: ExchangeParts) {
  /** An access token of ours for a resource, or nothing. */
  async function find({ token, type }: PresentedToken) {
    if (type === tokenTypes.jwt && !token.includes('.')) return undefined;
    const live = await inspect(token);
    return live?.kind === 'access_token' && live.audience !== undefined ? { live, audience: live.audience } : undefined;
  }

  async function findSubject(client: Client, presented: PresentedToken): Promise<Subject> {
    const found = await find(presented);
    if (found === undefined) throw unusable('subject');
    const { live, audience } = found;
    const resource = await resources.get(audience);
    const relation = relationOf(client, live, resource);
    if (relation === undefined) throw unusable('subject');
    refuseBound(live, 'subject');
    if (resource === undefined || !mayKeepTarget(client, relation, resource, live.revocable.iat)) {
      throw new Problem('invalid_target', unavailableTarget);
    }
    return { live, relation, resource };
  }

  /** Issued to this very client, and speaking for itself: whoever acts for an actor would not be named. */
  async function findActor(client: Client, presented: PresentedToken): Promise<LiveToken> {
    const live = (await find(presented))?.live;
    if (live?.clientId !== client.clientId || live.claims['act'] !== undefined) throw unusable('actor');
    refuseBound(live, 'actor');
    return live;
  }

  /** A user may have a higher role beneath; that is theirs, and not what they allowed in the name of the one above. */
  async function gainsRole(live: LiveToken, from: string, to: string): Promise<boolean> {
    if (!isUser(live) || from === to) return false;
    const user = String(live.claims['sub']);
    const [before, after] = [await tenants.knownRoleOf(user, from), await tenants.knownRoleOf(user, to)];
    if (before === undefined || after === undefined) return true;
    return isAbove(after, { kind: 'user', role: before });
  }

  async function placeOf(live: LiveToken, { narrowing }: ExchangeRequest): Promise<Place> {
    const { organizationSid } = live;
    const place = { organizationSid, accountSid: live.claims['account_sid'] as string | undefined };
    if (narrowing === undefined) return place;
    const narrowed = await narrow(place, narrowing);
    if (narrowed?.organizationSid === undefined || organizationSid === undefined) throw outOfReach();
    if (await gainsRole(live, organizationSid, narrowed.organizationSid)) throw outOfReach();
    return narrowed;
  }

  return { findSubject, findActor, placeOf };
}

const wordsOf = (claim: unknown) => (typeof claim === 'string' ? claim.split(' ').filter((word) => word !== '') : []);

/** A token stays for what it was for. @throws Problem 400 `invalid_target`. */
function checkTarget({ targets, requestedType }: ExchangeRequest, resource: Resource): void {
  if (targets.some((target) => target !== resource.identifier)) {
    throw new Problem('invalid_target', 'An exchanged token stays for the resource that the subject token is for.');
  }
  if (requestedType === tokenTypes.jwt && resource.tokenFormat !== 'jwt') {
    throw malformed('Tokens for this resource are opaque: requested_token_type cannot be a JWT.');
  }
}

function scopeOf({ scopes }: ExchangeRequest, { live, resource }: Subject, client: Client): string {
  const granted = exchangedScopes(scopes, wordsOf(live.claims['scope']), client, resource);
  if (!granted.ok) throw refuseScope(granted.fault);
  return granted.value.join(' ');
}

function actorOf({ live, relation }: Subject, client: Client, actor: LiveToken | undefined): Actor | undefined {
  const named = actor === undefined ? undefined : String(actor.claims['sub']);
  const after = actorAfter(relation, client.clientId, live.claims['act'] as Actor | undefined, named);
  if (!after.ok) throw malformed(`No more than ${longestChain} actors act one behind the other.`);
  return after.value;
}

/** RFC 8693: narrows a token, or lets whom it was sent to act on. Nothing grows by it: reach, scopes nor lifetime. */
export function exchangeHandler(parts: ExchangeParts) {
  const { findSubject, findActor, placeOf } = decisions(parts);

  async function decide(client: Client, request: ExchangeRequest): Promise<Issued> {
    const subject = await findSubject(client, request.subject);
    const { live, resource } = subject;
    const actor = request.actor === undefined ? undefined : await findActor(client, request.actor);
    checkTarget(request, resource);
    const scope = scopeOf(request, subject, client);
    const place = await placeOf(live, request);
    const now = Math.floor(Date.now() / 1000);
    const ends = [now + accessTokenTtl(parts.config.tokens, client, resource), live.expiresAt];
    const familyClientId = isUser(live) ? (live.familyClientId ?? live.clientId) : undefined;
    return {
      client,
      resource,
      scope,
      place,
      subject: String(live.claims['sub']),
      actor: actorOf(subject, client, actor),
      family: live.family,
      familyClientId: familyClientId === client.clientId ? undefined : familyClientId,
      issuedAt: now,
      expiresAt: Math.min(...ends, ...(actor === undefined ? [] : [actor.expiresAt])),
      type: request.requestedType,
    };
  }

  return async function exchangeToken(ctx: TokenEndpointGrantContext): Promise<void> {
    const client = exchangingClient(ctx);
    const issued = await decide(client, readExchange(asSent(ctx)));
    ctx.body = await issueToken(ctx, issued, parts);
  };
}
