import ipaddr from 'ipaddr.js';
import proxyaddr from 'proxy-addr';
import type { Limit, Verdict } from './types.ts';

/** A port behind the address, as some proxies write it into X-Forwarded-For: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withPort = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([^\]]+)\](?::\d+)?)$/;

/** IPv4 as it is nearly always written, perhaps mapped: told apart without the library, which takes its time. */
const plainIpv4 = /^(?:::ffff:)?((?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4})$/;

const groupsOfNetwork = 4;

/**
 * The key of an address: one for all the ways to write it. IPv4 is itself, also where it is mapped into IPv6. Of IPv6 the
 * /64 counts, since who has one address has the whole network. What is no address at all shares one key.
 */
export function addressKey(address: string): string {
  const plain = plainIpv4.exec(address)?.[1];
  if (plain !== undefined) return plain;
  const [, v4, v6] = withPort.exec(address) ?? [];
  const bare = v4 ?? v6 ?? address;
  if (!ipaddr.isValid(bare)) return 'unknown';
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  const network = parts.slice(0, groupsOfNetwork).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** Tells whether an address lies in one of these ranges, IPv4 also where it is mapped into IPv6. */
export function createExemption(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const isWithin = proxyaddr.compile([...ranges]);
  return (address) => isWithin(address, 0);
}

/** Real clients wait as long as they are told, however long that is. Seconds. */
const longestWait = 30;

/**
 * What the headers of an answer say of a limit (draft-ietf-httpapi-ratelimit-headers-10): its name and size, how much of
 * it is left, and for how long. `Retry-After`, where there is nothing left, is short.
 */
export function limitFields(
  name: string,
  { points, duration }: Limit,
  { allowed, remaining, resetAfter }: Pick<Verdict, 'allowed' | 'remaining' | 'resetAfter'>,
): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${name}";q=${points};w=${duration}`,
    ratelimit: `"${name}";r=${remaining};t=${resetAfter}`,
    ...(allowed ? {} : { 'retry-after': String(Math.min(longestWait, resetAfter)) }),
  };
}
