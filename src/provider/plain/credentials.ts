import type { IncomingHttpHeaders } from 'node:http';
import type { Parameters } from '../../http/index.ts';

/** A client id and secret as they were presented. */
export interface PresentedSecret {
  readonly clientId: string;
  readonly secret: string;
}

/** The value of a parameter that stands once and is not empty; anything else is for the library to judge. */
export function parameter(parameters: Parameters, name: string): string | undefined {
  const found = parameters.find(([key]) => key === name);
  return found === undefined || found[1] === '' ? undefined : found[1];
}

/** Headers that bind or attest. */
const specialHeaders = ['dpop', 'oauth-client-attestation', 'oauth-client-attestation-pop'];

/** Whether a request has no parameters but the named ones, none of them empty, and no header that changes its meaning. */
export function hasNothingSpecial(
  headers: IncomingHttpHeaders,
  parameters: Parameters,
  names: ReadonlySet<string>,
): boolean {
  return (
    parameters.every(([name, value]) => names.has(name) && value !== '') &&
    specialHeaders.every((name) => headers[name] === undefined)
  );
}

/** HTTP Basic without anything that needs form-decoding (RFC 6749 section 2.3.1): ids and secrets of ours never do. */
const plainBasic = /^basic ([A-Za-z0-9+/]+={0,2})$/i;
const unreserved = /^[\w.~-]+$/;

function fromBasic(header: string): PresentedSecret | undefined {
  const encoded = plainBasic.exec(header)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  const [clientId = '', secret = '', ...more] = Buffer.from(encoded, 'base64').toString('latin1').split(':');
  return more.length === 0 && unreserved.test(clientId) && unreserved.test(secret) ? { clientId, secret } : undefined;
}

/** Who asks, where that is plain to see: one secret in one place. Undefined leaves the request to the library. */
export function presentedSecret(headers: IncomingHttpHeaders, parameters: Parameters): PresentedSecret | undefined {
  // Two methods in one request are refused (RFC 6749 section 2.3), which is the library's to say.
  if (parameters.some(([name]) => name === 'client_assertion' || name === 'client_assertion_type')) return undefined;
  const clientId = parameter(parameters, 'client_id');
  const secret = parameter(parameters, 'client_secret');
  if (headers.authorization === undefined) {
    return clientId === undefined || secret === undefined ? undefined : { clientId, secret };
  }
  const basic = fromBasic(headers.authorization);
  if (basic === undefined || parameters.some(([name]) => name === 'client_secret')) return undefined;
  return clientId === undefined || clientId === basic.clientId ? basic : undefined;
}
