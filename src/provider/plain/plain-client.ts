import type { IncomingHttpHeaders } from 'node:http';
import { type Client, type ClientGrantType, matchesSecret } from '../../clients/index.ts';
import type { Parameters } from '../../http/index.ts';
import type { LookupCache } from '../../store/index.ts';
import { parameter, presentedSecret } from './credentials.ts';

/** A public client says who it is and has nothing to prove it with. */
function namedOnly(headers: IncomingHttpHeaders, parameters: Parameters): string | undefined {
  const isSilent = headers.authorization === undefined && !parameters.some(([name]) => name === 'client_secret');
  return isSilent ? parameter(parameters, 'client_id') : undefined;
}

/** The client that asks for a user's token, where that is plain to see: by one secret in one place, or public. */
export async function plainClient(
  grantType: ClientGrantType,
  headers: IncomingHttpHeaders,
  parameters: Parameters,
  { clients, now }: { readonly clients: LookupCache<Client>; readonly now: number },
): Promise<Client | undefined> {
  // Whether a page may ask, and what its browser is told of that, is the library's.
  if (headers.origin !== undefined) return undefined;
  const presented = presentedSecret(headers, parameters);
  const clientId = presented?.clientId ?? namedOnly(headers, parameters);
  const client = clientId === undefined ? undefined : await clients.get(clientId);
  if (client === undefined || client.requireDpop || !client.allowedGrantTypes.includes(grantType)) return undefined;
  if (presented === undefined) return client.authMethod === 'none' ? client : undefined;
  const hasSecret = client.authMethod.startsWith('client_secret');
  return hasSecret && matchesSecret(presented.secret, client.secrets, now) ? client : undefined;
}
