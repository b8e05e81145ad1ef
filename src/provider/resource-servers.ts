import type { KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { Problem } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { grantedScopes, mayAskFor, type Resource } from '../resources/index.ts';
import type { LookupCache } from '../store/index.ts';
import { translated } from './failures.ts';
import { accessTokenTtl } from './lifetimes.ts';
import { openidScopes } from './people/scopes.ts';

export interface ResourceServerParts {
  readonly config: Pick<Config, 'tokens'>;
  readonly clients: LookupCache<Client>;
  readonly resources: LookupCache<Resource>;
  readonly keys: KeyRing;
}

/** The same sentence for what is unknown and what is not for this client. */
export const unavailableTarget = 'The resource is not known here, or this client may not ask for it.';

async function findResource(resources: LookupCache<Resource>, identifier: string): Promise<Resource> {
  const resource = identifier.length <= 512 ? await resources.get(identifier) : undefined;
  if (resource === undefined) throw new Problem('invalid_target', unavailableTarget);
  return resource;
}

async function findClient(clients: LookupCache<Client>, clientId: string): Promise<Client> {
  const client = await clients.get(clientId);
  if (client === undefined) throw new Problem('invalid_client', 'Client authentication failed.');
  return client;
}

export const refuseScope = (scope: string): Problem =>
  new Problem('invalid_scope', `The scope "${scope.slice(0, 64)}" is not available to this client at this resource.`);

/** What is asked of the resource, and what of OpenID Connect, which a machine has no use for. */
function split(requested: string | undefined, forUser: boolean) {
  const names = requested?.split(' ').filter((name) => name !== '') ?? [];
  const isOpenid = (name: string) => forUser && openidScopes.has(name);
  return { openid: names.filter(isOpenid), others: names.filter((name) => !isOpenid(name)) };
}

/** The library intersects scopes in silence; RFC 6749 section 5.2 wants `invalid_scope`, so the decision is made here. */
function decideScopes(requested: string | undefined, client: Client, resource: Resource, forUser: boolean) {
  const { openid, others } = split(requested, forUser);
  const foreign = openid.find((scope) => !client.allowedScopes.has(scope));
  if (foreign !== undefined) throw refuseScope(foreign);
  // Who asks for OpenID Connect alone wants no default scopes of a resource.
  if (openid.length > 0 && others.length === 0) return { scope: '', all: openid.join(' ') };
  const granted = grantedScopes(others, client, resource);
  if (!granted.ok) throw refuseScope(granted.fault);
  return { scope: granted.value.join(' '), all: [...openid, ...granted.value].join(' ') };
}

/** Everything but a machine's own request is on behalf of a user. */
const isForUser = ({ oidc }: KoaContextWithOIDC): boolean =>
  (oidc.params as Record<string, unknown> | undefined)?.['grant_type'] !== 'client_credentials';

/** A token is for one resource: the library would ask for each, and the default scopes of the first of the second. */
function refuseSeveral(requested: unknown): void {
  if (Array.isArray(requested) && requested.length > 1) {
    throw new Problem('invalid_target', 'Ask for a token for one resource at a time.');
  }
}

/** How tokens for a resource look, in the library's terms. @param scope what a token for it may have. */
export function serverOf(
  resource: Resource,
  client: Client,
  scope: string,
  { config, keys }: Pick<ResourceServerParts, 'config' | 'keys'>,
): ResourceServer {
  return {
    scope,
    audience: resource.identifier,
    accessTokenTTL: accessTokenTtl(config.tokens, client, resource),
    accessTokenFormat: resource.tokenFormat,
    jwt: { sign: { alg: resource.signingAlg, kid: keys.signerOf(resource.signingAlg) } },
  };
}

/**
 * The hook of RFC 8707: says how tokens for a resource look, after deciding that this client may ask for it and for
 * these scopes. A request without scopes gets its default by writing it into the parameters that the library reads next.
 */
export function describeResource(parts: ResourceServerParts) {
  const { clients, resources } = parts;
  return (
    ctx: KoaContextWithOIDC,
    identifier: string,
    asking: { readonly clientId: string },
  ): Promise<ResourceServer> =>
    translated(async () => {
      const params = ctx.oidc.params as Record<string, unknown>;
      refuseSeveral(params['resource']);
      const [resource, client] = await Promise.all([
        findResource(resources, identifier),
        findClient(clients, asking.clientId),
      ]);
      if (!mayAskFor(client, resource)) throw new Problem('invalid_target', unavailableTarget);
      const requested = params['scope'] as string | undefined;
      const { scope, all } = decideScopes(requested, client, resource, isForUser(ctx));
      params['scope'] = all === '' ? undefined : all;
      return serverOf(resource, client, scope, parts);
    });
}
