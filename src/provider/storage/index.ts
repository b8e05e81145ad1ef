/**
 * The library's storage on our tables: one adapter for each of its models. Values are looked up by their hash, payloads
 * are sealed, whatever may be used once is spent by one conditional statement. The library calls in here and nowhere
 * else touches the database.
 */
import type { IncomingMessage } from 'node:http';
import type { Adapter, KoaContextWithOIDC } from 'oidc-provider';
import type { Sealer } from '../../base/index.ts';
import type { Sql } from '../../store/index.ts';
import { translated } from '../failures.ts';
import { artifactAdapter } from './artifacts.ts';
import { familyAdapter } from './families.ts';
import { type RefreshTokens, refreshTokens } from './refresh-tokens.ts';
import { sessionAdapter } from './sessions.ts';

export { type LiveCode, liveCodes } from './live-code.ts';
export { liveRefreshTokens } from './live-refresh.ts';
export { plainTarget } from './rules.ts';
export { type SignedIn, signedInBrowsers } from './signed-in.ts';
export { burnCode, noteOnce } from './store.ts';

export interface StorageParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
  /** Seconds within which a repeated refresh gets the same successor. */
  readonly refreshWindow: number;
  /** Requests that are finished without their browser: they leave no session behind. */
  readonly headless: WeakSet<IncomingMessage>;
}

export interface Storage {
  /** The library's adapter for one of its models. */
  adapterFor(model: string): Adapter;
  readonly takeSuccessor: RefreshTokens['takeSuccessor'];
}

const methods = ['upsert', 'find', 'findByUid', 'findByUserCode', 'consume', 'destroy', 'revokeByGrantId'] as const;

/** What a model of the library is never asked; were it, the answer must not be a silent nothing. */
async function neverAsked(): Promise<never> {
  throw new Error('the protocol asked its storage for something that this model does not have');
}

/** Fills in what a model lacks, and lets a Problem of the store reach the client as such. */
function complete(partial: Partial<Adapter>): Adapter {
  const entries = methods.map((name) => {
    const method = (partial[name] ?? neverAsked) as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => translated(() => method(...args))];
  });
  return Object.fromEntries(entries) as Adapter;
}

/** Opens the storage of one protocol engine. */
export function createStorage({ sql, sealer, refreshWindow, headless }: StorageParts): Storage {
  const isHeadless = (ctx: KoaContextWithOIDC) => headless.has(ctx.req);
  const tokens = refreshTokens(sql, sealer, refreshWindow);
  const special: Readonly<Record<string, () => Partial<Adapter>>> = {
    // Clients are found in our own directory and never written through the library.
    Client: () => ({}),
    Grant: () => familyAdapter(sql, sealer, isHeadless),
    Session: () => sessionAdapter(sql, sealer, isHeadless),
    RefreshToken: () => tokens.adapter,
  };
  return {
    adapterFor: (model) => complete(special[model]?.() ?? artifactAdapter(model, sql, sealer)),
    takeSuccessor: tokens.takeSuccessor,
  };
}
