import type { Client as LibraryClient, Provider as LibraryProvider } from 'oidc-provider';
import { hashSecret, sameHash } from '../base/index.ts';
import type { Client, FindClient } from '../clients/index.ts';
import { clientAddressOf } from '../http/index.ts';
import { clientMetadata } from './client-metadata.ts';
import { translated } from './failures.ts';
import { Provider } from './library.ts';

/** The record that each of the library's clients was built from. */
const records = new WeakMap<LibraryClient, Client>();

/** Our record of a client of the library's. */
export const recordOf = (client: LibraryClient): Client | undefined => records.get(client);

/** The address of who has sent the request that the library is at. */
function callerAddress(): string {
  const req = Provider.ctx?.req;
  return (req === undefined ? undefined : clientAddressOf(req)) ?? '';
}

/** RFC 6749 appendix A.1. An assertion's `sub` comes here unchecked, and PostgreSQL fails on a NUL in it. */
const clientIdSyntax = /^[\x20-\x7e]{1,512}$/;

/**
 * The library keeps a hundred clients it has built; the next one costs more than its signature. Here each is kept with
 * the cached record that it was built from, as long as that one.
 */
export function clientFinder(provider: LibraryProvider, findClient: FindClient) {
  const built = new WeakMap<Client, LibraryClient>();
  const Model = provider.Client as unknown as new (metadata: object) => LibraryClient;
  const nobody = hashSecret('');
  return (id: unknown) =>
    translated(async (): Promise<LibraryClient | undefined> => {
      const client =
        typeof id === 'string' && clientIdSyntax.test(id) ? await findClient(id, callerAddress()) : undefined;
      if (client === undefined) {
        // An unknown client costs the same comparison as a wrong secret, so that time does not tell the two apart.
        sameHash(hashSecret(String(id)), nobody);
        return undefined;
      }
      const known = built.get(client) ?? new Model(clientMetadata(client));
      built.set(client, known);
      records.set(known, client);
      return known;
    });
}
