import { isSid } from '../../base/index.ts';

/** What a token says of those that have to do with it. */
export interface Parties {
  readonly clientId: string;
  readonly subject: string;
  /** Who acts for the subject, as the claim says it (RFC 8693 section 4.1). */
  readonly act?: unknown;
  /** The client that a user allowed what this token came of, where another one holds it. */
  readonly familyClientId?: string | undefined;
}

/** The clients and users that a token hangs on: it ends with any of them. */
export interface Holders {
  readonly client: string | readonly string[];
  readonly user?: string | readonly string[];
}

/** Who acts for the subject right now: those before are history (RFC 8693 section 4.1). */
function currentActor(act: unknown): string | undefined {
  const sub = (act as { readonly sub?: unknown } | null | undefined)?.sub;
  return typeof sub === 'string' ? sub : undefined;
}

/** Tells apart on whom a token hangs. A client is never taken for a user, nor the reverse. */
export function holdersOf({ clientId, subject, act, familyClientId }: Parties): Holders {
  if (act === undefined && subject === clientId) return { client: clientId };
  const isClient = (name: string) => name === clientId || name === familyClientId || isSid('client', name);
  const all = new Set([clientId, subject, currentActor(act), familyClientId].filter((name) => name !== undefined));
  const clients = [...all].filter(isClient);
  const users = [...all].filter((name) => !isClient(name));
  return { client: clients, ...(users.length === 0 ? {} : { user: users }) };
}
