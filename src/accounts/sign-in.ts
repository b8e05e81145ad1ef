import { type AuditEvent, appendAuditSql } from '../audit/index.ts';
import { type Clock, Problem, type Sealer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Sql } from '../store/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import { createDevices } from './devices.ts';
import { createVerifier, isPasswordHash, nobodysHash, type VerifyPassword } from './passwords.ts';
import { isPossiblePassword, normalizeEmail } from './rules.ts';
import { readCredentials } from './store.ts';
import { createThrottles, type Stake } from './throttle.ts';
import type { Credentials, SignIn, SignInAttempt, SignInOutcome } from './types.ts';

/** What the sign-in is made of. */
export interface SignInParts {
  readonly sql: Sql;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: Config['signIn'];
  /** Compares a password with a hash. Default: argon2id. */
  readonly verify?: VerifyPassword;
}

type About = Pick<AuditEvent, 'target' | 'organizationSid'>;
type Recorder = (attempt: SignInAttempt, event: About & Pick<AuditEvent, 'action' | 'detail'>) => Promise<void>;

const wrong: SignInOutcome = { ok: false, reason: 'wrong' };

/** Without its event no attempt is answered. */
function createRecorder(sql: Sql): Recorder {
  return async function record({ address, requestId }, event) {
    const actor = { type: 'user', ...(event.action === 'user.signed_in' ? { id: event.target.id } : {}) } as const;
    try {
      await appendAuditSql(sql, { ...event, actor, address, ...(requestId === undefined ? {} : { requestId }) });
    } catch (cause) {
      throw new Problem('unavailable', 'The sign-in could not be recorded; try again in a moment.', { cause });
    }
  };
}

/** Whom an attempt is for, and the organization whose admins see it: that of a member of one alone. */
function aboutUser(found: Credentials | undefined): About {
  const target = { type: 'user', id: found?.sid ?? 'unknown' };
  return typeof found?.organizationSid === 'string' ? { target, organizationSid: found.organizationSid } : { target };
}

/** An attempt that could not be judged did not fail. */
async function orGiveBack<Value>(stakes: readonly Stake[], work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    await Promise.all(stakes.map((stake) => stake.giveBack()));
    throw error;
  }
}

/**
 * Whether this is an active user, at the same cost for every wrong password. The standing is looked at last, when the
 * comparison can have taken a while: what was changed meanwhile counts.
 */
function createRecognition(sql: Sql, verify: VerifyPassword) {
  return async function recognize(email: string, password: string, found: Credentials | undefined): Promise<boolean> {
    const encoded = found !== undefined && isPasswordHash(found.passwordHash) ? found.passwordHash : nobodysHash;
    if (!(await verify(encoded, password))) return false;
    const now = await readCredentials(sql, email);
    return now?.passwordHash === encoded && now.standing === 'active';
  };
}

/** Decides on an attempt whose e-mail address is in its normal form. */
function createDecision({ sql, sealer, clock, logger, config, verify }: SignInParts) {
  const throttles = createThrottles(config, sql, sealer, logger);
  const devices = createDevices(sealer, clock);
  const recognize = createRecognition(sql, createVerifier(verify));
  const record = createRecorder(sql);

  /** Of the refusals of one key, one within a quarter of an hour is recorded: nobody fills the audit log. */
  async function refuse(attempt: SignInAttempt, refused: Stake, about: About): Promise<SignInOutcome> {
    const note = await throttles(attempt.address).ofRefusal(refused);
    const event = { action: 'user.sign_in_failed', ...about, detail: { reason: 'throttled' } };
    if (note.allowed) await orGiveBack([note], () => record(attempt, event));
    return { ok: false, reason: 'throttled', retryAfter: refused.retryAfter, of: refused.of };
  }

  return async function decide(attempt: SignInAttempt, email: string): Promise<SignInOutcome> {
    const throttle = throttles(attempt.address);
    const byAddress = await throttle.ofAddress();
    if (!byAddress.allowed) return refuse(attempt, byAddress, { target: { type: 'address', id: byAddress.key } });
    const found = await orGiveBack([byAddress], () => readCredentials(sql, email));
    const about = aboutUser(found);
    const deviceId = found && devices.read(attempt.device, found);
    const byAccount = await (found && deviceId !== undefined
      ? throttle.ofDevice(found.sid, deviceId)
      : throttle.ofAccount(email));
    if (!byAccount.allowed) return refuse(attempt, byAccount, about);

    const known = await orGiveBack([byAddress, byAccount], () => recognize(email, attempt.password, found));
    if (!known || found === undefined) {
      await record(attempt, { action: 'user.sign_in_failed', ...about, detail: { reason: 'wrong' } });
      return wrong;
    }
    await record(attempt, { action: 'user.signed_in', ...about });
    await Promise.all([byAddress.settle(), byAccount.settle()]);
    const { sid, name, emailVerified } = found;
    return { ok: true, user: { sid, email, name, emailVerified }, device: devices.issue(found, deviceId) };
  };
}

/**
 * The sign-in. Every attempt takes a point of its address and one of its account before the password is looked at, and
 * success gives them back. So guesses cannot overtake their limit however many come at once, and only failures count.
 * Who shows that the account was used in their browser has a count of their own: a stranger who guesses does not lock
 * the owner out.
 */
export function createSignIn(parts: SignInParts): SignIn {
  const decide = createDecision(parts);

  return async function signIn(attempt) {
    const email = normalizeEmail(attempt.email);
    try {
      const readable = email !== undefined && isPossiblePassword(attempt.password);
      // What is too long is nobody's, which says nothing of any user. It costs nothing, so it is not counted either.
      const outcome = readable ? await decide(attempt, email) : wrong;
      parts.metrics.signIn(outcome.ok ? 'signed_in' : outcome.reason);
      return outcome;
    } catch (error) {
      parts.metrics.signIn('unavailable');
      throw error;
    }
  };
}
