import ipaddr from 'ipaddr.js';

/** A port behind the address, as some proxies write it into X-Forwarded-For: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withPort = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([^\]]+)\](?::\d+)?)$/;

const groupsOfNetwork = 4;

/**
 * The key of an address: one for all the ways to write it. IPv4 is itself, also where it is mapped into IPv6. Of IPv6 the
 * /64 counts, since who has one address has the whole network. What is no address at all shares one key.
 */
export function addressKey(address: string): string {
  const [, v4, v6] = withPort.exec(address) ?? [];
  const bare = v4 ?? v6 ?? address;
  if (!ipaddr.isValid(bare)) return 'unknown';
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const { parts } = parsed as ipaddr.IPv6;
  const network = parts.slice(0, groupsOfNetwork).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}
