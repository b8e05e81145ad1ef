import { randomBytes } from 'node:crypto';
import { type Clock, type Sealer, sameHash } from '../base/index.ts';
import type { Credentials } from './types.ts';

/** Seconds: 180 days. */
const lifetime = 15_552_000;

/**
 * Tells the browsers in which an account was used from all others (OWASP, "device cookies"). A value is
 * `user.device.expiry.mac`. It counts for that user only, and while the password is the one that it was given for:
 * otherwise who once knew the password could collect values for the time after it was changed.
 */
export interface Devices {
  /** The device's id, when the value is one of ours for this user and has not expired. */
  read(value: string | undefined, owner: Credentials): string | undefined;
  /** A fresh value, for a new device unless an id is given. */
  issue(owner: Credentials, deviceId?: string): string;
}

export function createDevices(sealer: Sealer, clock: Clock): Devices {
  const macOf = (named: string, owner: Credentials) => sealer.fingerprint('device', `${named}\n${owner.passwordHash}`);

  return {
    read(value, owner) {
      const [user, deviceId = '', expiry = '', mac = '', ...more] = value?.split('.', 5) ?? [];
      if (user !== owner.sid || more.length > 0) return undefined;
      const genuine = sameHash(Buffer.from(mac, 'base64url'), macOf(`${user}.${deviceId}.${expiry}`, owner));
      return genuine && Number(expiry) * 1000 > clock() ? deviceId : undefined;
    },
    issue(owner, deviceId = randomBytes(16).toString('base64url')) {
      const named = `${owner.sid}.${deviceId}.${Math.floor(clock() / 1000) + lifetime}`;
      return `${named}.${macOf(named, owner).toString('base64url')}`;
    },
  };
}
