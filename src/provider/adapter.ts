import type { Adapter, AdapterPayload } from 'oidc-provider';
import { hashSecret, type Sealer, sameHash } from '../base/index.ts';
import type { Client } from '../clients/index.ts';
import type { LookupCache, Sql } from '../store/index.ts';
import { clientMetadata } from './client-metadata.ts';
import { translated } from './failures.ts';
import { deleteArtifact, insertArtifact, readArtifact } from './store.ts';

export interface AdapterParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clients: LookupCache<Client>;
}

/** What the library asks of its storage but this server's enabled features never reach. */
async function neverAsked(): Promise<never> {
  throw new Error('this server does not offer the feature that asks for this');
}

/** RFC 6749 appendix A.1. An assertion's `sub` comes here unchecked, and PostgreSQL fails on a NUL in it. */
const clientIdSyntax = /^[\x20-\x7e]{1,512}$/;

/**
 * Clients are read, never written, through the library. An unknown client costs the same comparison as a wrong secret,
 * so that time does not tell the two apart.
 */
function clientAdapter(clients: LookupCache<Client>): Adapter {
  const nobody = hashSecret('');
  return {
    find: (id) =>
      translated(async () => {
        const client = clientIdSyntax.test(id) ? await clients.get(id) : undefined;
        if (client !== undefined) return clientMetadata(client);
        sameHash(hashSecret(id), nobody);
        return undefined;
      }),
    upsert: neverAsked,
    destroy: neverAsked,
    consume: neverAsked,
    findByUid: neverAsked,
    findByUserCode: neverAsked,
    revokeByGrantId: neverAsked,
  };
}

/**
 * Opaque tokens and the like: looked up by the hash of their value, their payload sealed. The payload's `jti` is the
 * value itself, so it is taken out before sealing and put back from the request that names it.
 */
function artifactAdapter(kind: string, { sql, sealer }: AdapterParts): Adapter {
  const purpose = `artifact ${kind}`;
  return {
    upsert: (id, payload, ttl) =>
      translated(async () => {
        const idHash = hashSecret(id);
        const { jti: _value, ...rest } = payload;
        const payloadSealed = sealer.seal(purpose, idHash.toString('hex'), Buffer.from(JSON.stringify(rest)));
        await insertArtifact(sql, { kind, idHash, clientId: payload.clientId, payloadSealed, ttl: ttl ?? 3600 });
      }),
    find: (id) =>
      translated(async () => {
        const idHash = hashSecret(id);
        const row = await readArtifact(sql, kind, idHash);
        if (row === undefined) return undefined;
        const payload = sealer.open(purpose, idHash.toString('hex'), row.payloadSealed);
        return { ...(JSON.parse(payload.toString()) as AdapterPayload), jti: id };
      }),
    destroy: (id) => translated(() => deleteArtifact(sql, kind, hashSecret(id))),
    consume: neverAsked,
    findByUid: neverAsked,
    findByUserCode: neverAsked,
    revokeByGrantId: neverAsked,
  };
}

/** The library's storage: one adapter for each of its models. */
export function createAdapter(parts: AdapterParts): (model: string) => Adapter {
  return (model) => (model === 'Client' ? clientAdapter(parts.clients) : artifactAdapter(model, parts));
}
