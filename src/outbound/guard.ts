import type { LookupFunction, Socket } from 'node:net';
import { isReachable } from './rules.ts';
import type { Lookup, OutboundFault } from './types.ts';

/** Carries a fault through Node's callbacks; it never leaves this folder. */
export class Refusal extends Error {
  readonly fault: OutboundFault;

  constructor(reason: OutboundFault['reason'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.fault = { reason, detail };
  }
}

async function addressesOf(lookup: Lookup, hostname: string, allowLoopback: boolean) {
  const addresses = await lookup(hostname).catch((error: unknown) => {
    throw new Refusal('unresolvable', hostname, error);
  });
  // One bad address spoils the name: it is either a mistake or a try.
  const refused = addresses.find(({ address }) => !isReachable(address, allowLoopback));
  if (refused !== undefined) throw new Refusal('refused_address', `${hostname} is ${refused.address}`);
  if (addresses.length === 0) throw new Refusal('unresolvable', hostname);
  return addresses.map(({ address, family }) => ({ address, family }));
}

/**
 * Resolves for the connection itself. What is checked is what is connected to: there is no second look-up in between
 * that could answer otherwise.
 */
export function guardedLookup(lookup: Lookup, allowLoopback: boolean): LookupFunction {
  return function lookUp(hostname, options, callback) {
    addressesOf(lookup, hostname, allowLoopback).then(
      (addresses) => {
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: unknown) => callback(error as Error, ''),
    );
  };
}

/** Looks at the far end of the socket before anything is said to it, however it came to be connected. */
export function checkPeer(socket: Socket, allowLoopback: boolean): void {
  socket.once('connect', () => {
    const { remoteAddress = '' } = socket;
    if (!isReachable(remoteAddress, allowLoopback)) socket.destroy(new Refusal('refused_address', remoteAddress));
  });
}
