import type { Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { addressKey, createExemption, createLimits, type Limiter } from '../limits/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { ThrottledFor } from './types.ts';

/** A point that is taken before it is known whether the attempt fails. */
export interface Stake {
  /** What the point counts for. */
  readonly key: string;
  /** The limit that it is of. */
  readonly of: ThrottledFor;
  /** Without a point the attempt is refused. */
  readonly allowed: boolean;
  /** Seconds; 0 when allowed. */
  readonly retryAfter: number;
  /** For an attempt that could not be judged. */
  giveBack(): Promise<void>;
  /** For an attempt that was good. */
  settle(): Promise<void>;
}

/** How often somebody may try to sign in from one address. */
export interface Throttle {
  /** Takes a point of the address. */
  ofAddress(): Promise<Stake>;
  /** Takes a point that all browsers share in which the account was never used. It need not exist. */
  ofAccount(email: string): Promise<Stake>;
  /** Takes a point of a browser that the account was used in. */
  ofDevice(userSid: string, deviceId: string): Promise<Stake>;
  /** Takes the one point for putting down that an attempt was refused. */
  ofRefusal(refused: Stake): Promise<Stake>;
}

/** The limits for attempts from an address. */
export type Throttles = (address: string) => Throttle;

/** Seconds within which wrong passwords are counted. */
export const signInDuration = 900;

interface Taking {
  readonly of: ThrottledFor;
  readonly onSuccess: 'give back' | 'reset';
}

async function take(limiter: Limiter, key: string, { of, onSuccess }: Taking): Promise<Stake> {
  const verdict = await limiter.consume(key);
  const giveBack = () => limiter.reward(key, verdict);
  const { allowed, retryAfter } = verdict;
  return {
    key,
    of,
    allowed,
    retryAfter,
    giveBack,
    settle: onSuccess === 'reset' ? () => limiter.reset(key) : giveBack,
  };
}

const free: Stake = {
  key: '',
  of: 'address',
  allowed: true,
  retryAfter: 0,
  giveBack: async () => undefined,
  settle: async () => undefined,
};

const byAddress: Taking = { of: 'address', onSuccess: 'give back' };
const byAccount: Taking = { of: 'account', onSuccess: 'give back' };

/** For addresses that are exempt: nothing is counted. */
const unlimited: Throttle = {
  ofAddress: async () => free,
  ofAccount: async () => free,
  ofDevice: async () => free,
  ofRefusal: async () => free,
};

/** Opens the limits of the sign-in, shared by all nodes on one database. */
export function createThrottles(config: Config['signIn'], sql: Sql, sealer: Sealer, logger: Logger): Throttles {
  const perAccount = { points: config.attemptsPerAccount, duration: signInDuration };
  const limits = createLimits(
    {
      'sign-in address': { points: config.attemptsPerAddress, duration: signInDuration },
      'sign-in account': perAccount,
      'sign-in device': perAccount,
      'sign-in refusal': { points: 1, duration: signInDuration },
    },
    sql,
    logger,
  );
  const hashed = (email: string) => sealer.fingerprint('sign-in account', email).toString('base64url');
  const isExempt = createExemption(config.exempt);
  const limited = (address: string): Throttle => ({
    ofAddress: () => take(limits['sign-in address'], addressKey(address), byAddress),
    ofAccount: (email) => take(limits['sign-in account'], hashed(email), byAccount),
    ofDevice: (userSid, deviceId) =>
      take(limits['sign-in device'], `${userSid} ${deviceId}`, { ...byAccount, onSuccess: 'reset' }),
    ofRefusal: ({ key, of }) => take(limits['sign-in refusal'], key, { of, onSuccess: 'give back' }),
  });
  return (address) => (isExempt(address) ? unlimited : limited(address));
}
