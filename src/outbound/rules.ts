import ipaddr from 'ipaddr.js';
import { fault, ok, type Result } from '../base/index.ts';
import type { OutboundFault } from './types.ts';

/** IPv6 that is given out at all (RFC 4291 section 2.4). Outside it lie forms that hide an IPv4 address, as `::10.0.0.1`. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** The address inside the brackets of a URL's host, or the host itself. */
function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * Whether an address belongs to the public Internet. Everything with a purpose of its own is not: private, shared,
 * loopback, link-local (where clouds keep their metadata), multicast, documentation, and every form of IPv6 that carries
 * an IPv4 address (mapped, NAT64, 6to4, Teredo), since where those end is not for their sender to say.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)) return false;
  return parsed.range() === 'unicast';
}

/** Whether an address is this machine's own (127.0.0.0/8 or ::1). */
export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';
}

/** Whether the host of a URL says by itself that it is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(bare(hostname));
}

/** Whether a connection may be made to an address. */
export function isReachable(address: string, allowLoopback: boolean): boolean {
  return isPublicAddress(address) || (allowLoopback && isLoopbackAddress(address));
}

/**
 * 443, or a port that no well-known service has. The others speak mail, shells and databases, which somebody else's URL
 * shall not make this server greet.
 */
function isPortAllowed(port: string): boolean {
  return port === '' || Number(port) === 443 || Number(port) >= 1024;
}

/**
 * Reads a URL that is to be fetched: https without user and password, on a port that is allowed, and not at an address
 * that may not be reached. With `allowLoopback`, http too, where the host is plainly this machine.
 */
export function readUrl(text: string, allowLoopback: boolean): Result<URL, OutboundFault> {
  const refuse = (detail: string) => fault({ reason: 'bad_url' as const, detail });
  if (!URL.canParse(text)) return refuse('not a URL');
  const url = new URL(text);
  const loopback = allowLoopback && isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(loopback && url.protocol === 'http:')) return refuse('not https');
  if (url.username !== '' || url.password !== '') return refuse('with a user or password in it');
  if (!loopback && !isPortAllowed(url.port)) return refuse(`port ${url.port}`);
  const literal = bare(url.hostname);
  if (ipaddr.isValid(literal) && !isReachable(literal, allowLoopback)) {
    return fault({ reason: 'refused_address', detail: literal });
  }
  return ok(url);
}
