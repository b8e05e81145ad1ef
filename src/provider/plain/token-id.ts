import { withFreshBits } from '../fresh-bits.ts';

/** A new `jti`: 256 random bits as 43 URL-safe characters, each given out once. */
export const newTokenId = (): string => withFreshBits((pool, from, to) => pool.toString('base64url', from, to));
