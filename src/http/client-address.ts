import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import type { Config } from '../config/index.ts';

type Trust = (address: string, hop: number) => boolean;

function compileTrust(trusted: Config['trustProxy']): Trust {
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  return proxyaddr.compile([...trusted]);
}

/**
 * Finds who is really calling (`ctx.state.clientAddress`): the nearest address that is no trusted proxy. Without
 * TRUST_PROXY that is the peer of the connection, whatever X-Forwarded-For says.
 */
export function addressFinder(trusted: Config['trustProxy']): (req: IncomingMessage) => string {
  if (trusted === 0) return peer;
  const trust = compileTrust(trusted);
  return (req) => proxyaddr(req, trust);
}

function peer(req: IncomingMessage): string {
  return req.socket.remoteAddress ?? '';
}
