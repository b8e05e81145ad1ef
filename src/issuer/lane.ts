import type { ApiKey } from '../accounts/index.ts';
import { type Credentials, idempotencyKey } from '../api/index.ts';
import type { Config } from '../config/index.ts';
import { type JsonLane, readBytes } from '../http/index.ts';
import { mintAccessToken } from './access-tokens/mint.ts';
import { accessTokenPath } from './access-tokens/routes.ts';
import { accessTokenWish } from './access-tokens/schemas.ts';
import type { Minting } from './access-tokens/service.ts';

/**
 * The API key whose call is plain to see and that may mint, from memory. Nothing where there is anything to decide:
 * another credential, one that is wrong or may not, an account that wants its calls signed.
 */
export type PlainMinter = (credentials: Credentials) => Promise<ApiKey | undefined>;

/** Counts a call of a key. @returns the headers that say what is left. @throws Problem 429. */
export type CountCall = (keySid: string, address: string) => Readonly<Record<string, string>>;

export interface LaneParts {
  readonly config: Pick<Config, 'http'>;
  readonly minting: Minting;
  readonly minterOf: PlainMinter;
  readonly count: CountCall;
}

/** As the management API answers. */
const always = ['cache-control', 'no-store', 'content-type', 'application/json; charset=utf-8'];

/**
 * The express lane of minting: an API key asks for a token of its own. The schema, the policy and the making are those of
 * the operation; whatever they refuse is refused there.
 */
export function mintingLane({ config, minting, minterOf, count }: LaneParts): JsonLane {
  const { signingKeys, clock } = minting;
  const { maxBodyBytes } = config.http;
  return {
    path: accessTokenPath,
    reads: 'json',
    maxBytes: maxBodyBytes,
    async answer(req, content, address) {
      const { headers, url: path = '' } = req;
      const body = () => readBytes(req, maxBodyBytes);
      const key = await minterOf({ method: 'POST', path, query: '', address, headers, body });
      if (key === undefined) return undefined;
      // Making a token again changes nothing: a key for repetitions must only be one.
      idempotencyKey(headers['idempotency-key'] as string | undefined);
      const parsed = accessTokenWish.safeParse(content);
      if (!parsed.success) return undefined;
      const { api_key_sid: named = key.sid, ...wish } = parsed.data;
      if (named !== key.sid) return undefined;
      const minted = mintAccessToken(key, signingKeys.ofApiKey(key), wish, clock() / 1000);
      if (!minted.ok) return undefined;
      const limits = Object.entries(count(key.sid, address)).flat();
      return { status: 201, headers: [...limits, ...always], body: JSON.stringify(minted.value) };
    },
  };
}
