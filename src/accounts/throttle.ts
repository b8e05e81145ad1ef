import type { Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { addressKey, createLimits, type Limiter } from '../limits/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';

/** A point that is taken before it is known whether the attempt fails. */
export interface Stake {
  /** What the point counts for. */
  readonly key: string;
  /** Without a point the attempt is refused. */
  readonly allowed: boolean;
  /** Seconds; 0 when allowed. */
  readonly retryAfter: number;
  /** For an attempt that could not be judged. */
  giveBack(): Promise<void>;
  /** For an attempt that was good. */
  settle(): Promise<void>;
}

/** How often somebody may try to sign in. */
export interface Throttle {
  /** Takes a point of an address. */
  ofAddress(address: string): Promise<Stake>;
  /** Takes a point that all browsers share in which the account was never used. It need not exist. */
  ofAccount(email: string): Promise<Stake>;
  /** Takes a point of a browser that the account was used in. */
  ofDevice(userSid: string, deviceId: string): Promise<Stake>;
  /** Takes the one point for putting down that an attempt was refused. */
  ofRefusal(refused: Stake): Promise<Stake>;
}

/** Seconds within which wrong passwords are counted. */
const duration = 900;

async function take(limiter: Limiter, key: string, onSuccess: 'give back' | 'reset'): Promise<Stake> {
  const verdict = await limiter.consume(key);
  const giveBack = () => limiter.reward(key, verdict);
  const { allowed, retryAfter } = verdict;
  return { key, allowed, retryAfter, giveBack, settle: onSuccess === 'reset' ? () => limiter.reset(key) : giveBack };
}

/** Opens the limits of the sign-in, shared by all nodes on one database. */
export function createThrottle(config: Config['signIn'], sql: Sql, sealer: Sealer, logger: Logger): Throttle {
  const perAccount = { points: config.attemptsPerAccount, duration };
  const limits = createLimits(
    {
      'sign-in address': { points: config.attemptsPerAddress, duration },
      'sign-in account': perAccount,
      'sign-in device': perAccount,
      'sign-in refusal': { points: 1, duration },
    },
    sql,
    logger,
  );
  const hashed = (email: string) => sealer.fingerprint('sign-in account', email).toString('base64url');
  return {
    ofAddress: (address) => take(limits['sign-in address'], addressKey(address), 'give back'),
    ofAccount: (email) => take(limits['sign-in account'], hashed(email), 'give back'),
    ofDevice: (userSid, deviceId) => take(limits['sign-in device'], `${userSid} ${deviceId}`, 'reset'),
    ofRefusal: ({ key }) => take(limits['sign-in refusal'], key, 'give back'),
  };
}
