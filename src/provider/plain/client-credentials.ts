import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, Problem } from '../../base/index.ts';
import { type Client, matchesSecret } from '../../clients/index.ts';
import type { Config } from '../../config/index.ts';
import type { Parameters } from '../../http/index.ts';
import type { KeyRing } from '../../keys/index.ts';
import { grantedScopes, mayAskFor, type Resource } from '../../resources/index.ts';
import type { LookupCache } from '../../store/index.ts';
import { placeClaims } from '../claims.ts';
import { accessTokenTtl } from '../lifetimes.ts';
import { type Narrow, type Place, readNarrowing } from '../narrowing.ts';
import { hasNothingSpecial, parameter, presentedSecret } from './credentials.ts';
import { type JwsSigner, plainSigners } from './signer.ts';
import { newTokenId } from './token-id.ts';
import type { PlainToken, PlainTokenResponse } from './types.ts';

export interface PlainParts {
  readonly config: Pick<Config, 'issuer' | 'tokens'>;
  readonly clock: Clock;
  readonly clients: LookupCache<Client>;
  readonly resources: LookupCache<Resource>;
  readonly narrow: Narrow;
}

/** That a token may be issued, and which. */
interface Decision {
  readonly client: Client;
  readonly resource: Resource;
  readonly scope: string;
  readonly place: Place;
}

/** Any other parameter means that there is something to decide which is decided elsewhere. */
const plainParameters = new Set([
  ...['grant_type', 'client_id', 'client_secret', 'scope', 'resource'],
  ...['org_id', 'account_sid'],
]);

function isPlain(headers: IncomingHttpHeaders, parameters: Parameters): boolean {
  return (
    parameter(parameters, 'grant_type') === 'client_credentials' &&
    parameters.filter(([name]) => name === 'resource').length <= 1 &&
    // The library decides whether a page of that origin may have a token.
    headers.origin === undefined &&
    hasNothingSpecial(headers, parameters, plainParameters)
  );
}

/** A scope as RFC 6749 section 3.3 spells it: the library treats other spacing in its own way. */
export const plainScope = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * The commonest request of all, a confidential client with a secret asking for a JWT, answered without the library:
 * its own path costs several times the signature. Only successes are answered here. Whatever is special, and whatever
 * is to be refused, goes to the library, whose answer therefore stays the only refusal there is; a differential test
 * holds the two together.
 */
export function plainClientCredentials(parts: PlainParts, keys: KeyRing): PlainToken {
  const { config, clock, clients, resources, narrow } = parts;
  const signers = plainSigners(keys);

  async function authenticate(headers: IncomingHttpHeaders, parameters: Parameters): Promise<Client | undefined> {
    const presented = presentedSecret(headers, parameters);
    if (presented === undefined) return undefined;
    const client = await clients.get(presented.clientId);
    if (client === undefined || client.requireDpop || !client.authMethod.startsWith('client_secret')) return undefined;
    if (!client.allowedGrantTypes.includes('client_credentials')) return undefined;
    return matchesSecret(presented.secret, client.secrets, clock()) ? client : undefined;
  }

  function scopesOf(parameters: Parameters, client: Client, resource: Resource): string | undefined {
    const requested = parameter(parameters, 'scope');
    if (requested !== undefined && !plainScope.test(requested)) return undefined;
    const granted = grantedScopes(requested?.split(' ') ?? [], client, resource);
    return granted.ok ? granted.value.join(' ') : undefined;
  }

  /** What the token reaches, where that can be said at once. */
  function placeOf(
    parameters: Parameters,
    { organizationSid }: Client,
  ): Place | undefined | Promise<Place | undefined> {
    const wish = readNarrowing((name) => parameter(parameters, name));
    return wish === undefined ? { organizationSid } : narrow({ organizationSid }, wish);
  }

  function issue(sign: JwsSigner, { client, resource, scope, place }: Decision): PlainTokenResponse {
    const iat = Math.floor(Date.now() / 1000);
    const lifetime = accessTokenTtl(config.tokens, client, resource);
    const scoped = scope === '' ? {} : { scope };
    const payload = {
      ...placeClaims(place),
      jti: newTokenId(),
      sub: client.clientId,
      iat,
      exp: iat + lifetime,
      ...scoped,
      client_id: client.clientId,
      iss: config.issuer,
      aud: resource.identifier,
    };
    return { access_token: sign(payload), expires_in: lifetime, ...scoped, token_type: 'Bearer' };
  }

  async function answer(headers: IncomingHttpHeaders, parameters: Parameters): Promise<PlainTokenResponse | undefined> {
    const client = await authenticate(headers, parameters);
    if (client === undefined) return undefined;
    const resource = await resources.get(parameter(parameters, 'resource') ?? config.tokens.defaultResource);
    const sign = resource?.tokenFormat === 'jwt' ? signers[resource.signingAlg] : undefined;
    if (resource === undefined || sign === undefined || !mayAskFor(client, resource)) return undefined;
    const scope = scopesOf(parameters, client, resource);
    const place = scope === undefined ? undefined : await placeOf(parameters, client);
    if (scope === undefined || place === undefined) return undefined;
    return issue(sign, { client, resource, scope, place });
  }

  return async (headers, parameters) => {
    if (!isPlain(headers, parameters)) return undefined;
    try {
      return await answer(headers, parameters);
    } catch (error) {
      // The database is away: the library meets the same and says so in its own way.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  };
}
