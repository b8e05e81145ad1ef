import { fault, ok, type Result } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import { mayAskFor, type Resource } from '../../resources/index.ts';
import type { LiveToken } from '../tokens/types.ts';

/** Who acts for a subject, and who did before: the newest outside (RFC 8693 section 4.1). */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor | undefined;
}

/** What a client is to a token that it wants to exchange: whom it was issued to, or whom it was sent to. */
export type Relation = 'holder' | 'recipient';

/**
 * What a client is to a token. A recipient serves the resource that the token is for: it may introspect for it, or its
 * organization owns it. What was issued before there was this resource was meant for another one of its name.
 * @returns nothing for a client that the token is nothing to.
 */
export function relationOf(client: Client, token: LiveToken, resource: Resource | undefined): Relation | undefined {
  if (token.clientId === client.clientId) return 'holder';
  if (resource === undefined || resource.createdAt > token.revocable.iat) return undefined;
  const isOwn = client.organizationSid !== undefined && resource.organizationSid === client.organizationSid;
  return isOwn || resource.introspectors.has(client.clientId) ? 'recipient' : undefined;
}

/** Whether a client may have a token for the resource that the token was for already. */
export function mayKeepTarget(client: Client, relation: Relation, resource: Resource, issuedAt: number): boolean {
  if (resource.createdAt > issuedAt) return false;
  if (relation === 'holder') return mayAskFor(client, resource);
  return client.allowedResources.size === 0 || client.allowedResources.has(resource.identifier);
}

/**
 * The scopes of the new token: never more than the old one has, and of those what the client may have and the resource
 * still knows. @returns the first scope that is not among them.
 */
export function exchangedScopes(
  wanted: readonly string[] | undefined,
  there: readonly string[],
  client: Client,
  resource: Resource,
): Result<readonly string[], string> {
  const possible = there.filter((scope) => client.allowedScopes.has(scope) && resource.scopes.has(scope));
  if (wanted === undefined || wanted.length === 0) return ok(possible);
  const refused = wanted.find((scope) => !possible.includes(scope));
  return refused === undefined ? ok([...new Set(wanted)]) : fault(refused);
}

/** More actors than that, one behind the other, are no chain of services but a circle. */
export const longestChain = 5;

const lengthOf = (actor: Actor | undefined): number => (actor === undefined ? 0 : 1 + lengthOf(actor.act));

/**
 * Who acts from now on. Who holds a token and narrows it acts for nobody, unless it says for whom.
 * @param former who acted so far. @param named the subject of the actor token.
 */
export function actorAfter(
  relation: Relation,
  clientId: string,
  former: Actor | undefined,
  named: string | undefined,
): Result<Actor | undefined, 'too_long'> {
  if (relation === 'holder' && named === undefined) return ok(former);
  if (lengthOf(former) >= longestChain) return fault('too_long');
  return ok({ sub: named ?? clientId, ...(former === undefined ? {} : { act: former }) });
}
