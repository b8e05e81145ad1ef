import { base64url } from 'jose';
import { exchange, placeOf } from '../transport/exchange.ts';
import type { Claims } from './claims.ts';
import { VerificationError } from './errors.ts';
import { unavailable } from './faults.ts';
import type { IntrospectionSettings } from './introspection-settings.ts';
import type { Issuer } from './issuer.ts';
import { Recent } from './recent.ts';
import type { Settings } from './settings.ts';

/** Asks about a token. @returns what the issuer says of it; undefined when it is not active. @throws VerificationError */
export type Introspect = (token: string) => Promise<Claims | undefined>;

const longestAnswer = 65_536;

/** Answers by the hash of the token, so that this memory holds no token. Refusals cannot push out the good ones. */
interface Memory {
  readonly active: Recent<Claims>;
  readonly inactive: Recent<true>;
}

async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return base64url.encode(new Uint8Array(digest));
}

/** Asks the issuer about tokens (RFC 7662), once for all who ask about the same one, and keeps the answer for a while. */
export function createIntrospection(
  introspection: IntrospectionSettings,
  { wire, now }: Pick<Settings, 'wire' | 'now'>,
  issuer: Issuer,
): Introspect {
  const { maxAge, maxEntries, maxConcurrent } = introspection;
  const memory: Memory = { active: new Recent(maxEntries), inactive: new Recent(maxEntries) };
  const underway = new Map<string, Promise<Claims | undefined>>();

  async function ask(token: string): Promise<Claims | undefined> {
    const url = introspection.endpoint ?? (await issuer.introspectionEndpoint());
    const init = {
      method: 'POST',
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        authorization: await introspection.authorization(),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    } as const;
    const { status, text } = await exchange({ ...wire, url, init, limit: longestAnswer + 1 });
    if (status !== 200) throw new Error(`${placeOf(url)} answered with status ${status}.`);
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || typeof (answer as Claims)['active'] !== 'boolean') {
      throw new Error(`${placeOf(url)} does not say whether the token is active.`);
    }
    return (answer as Claims)['active'] === true ? (answer as Claims) : undefined;
  }

  async function askAndKeep(token: string, hash: string): Promise<Claims | undefined> {
    try {
      const asked = now();
      const claims = await ask(token);
      if (claims === undefined) memory.inactive.set(hash, true, asked + maxAge);
      else memory.active.set(hash, claims, asked + maxAge);
      return claims;
    } catch (cause) {
      if (cause instanceof VerificationError) throw cause;
      throw new VerificationError(unavailable('The issuer cannot be asked about tokens now.'), undefined, { cause });
    }
  }

  return async function introspect(token) {
    const hash = await hashOf(token);
    const known = memory.active.get(hash, now());
    if (known !== undefined) return known;
    if (memory.inactive.get(hash, now()) === true) return undefined;
    const shared = underway.get(hash);
    if (shared !== undefined) return shared;
    if (underway.size >= maxConcurrent) {
      throw new VerificationError(unavailable('Too many tokens are being asked about.', 'busy'));
    }
    const asking = askAndKeep(token, hash).finally(() => underway.delete(hash));
    underway.set(hash, asking);
    return asking;
  };
}
