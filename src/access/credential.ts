/** What an Authorization header presents: an API key, or what may be one or a token, or a token with a proof. */
export interface Presented {
  readonly scheme: 'basic' | 'bearer' | 'dpop';
  readonly credential: string;
}

const schemes = [
  ['basic', /^basic +([A-Za-z0-9+/]+={0,2})$/i],
  ['bearer', /^bearer +([^\s]+)$/i],
  ['dpop', /^dpop +([^\s]+)$/i],
] as const;

/** An API key as one string, from HTTP Basic with its SID and its secret (RFC 7617). */
function keyIn(encoded: string): string | undefined {
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  return colon === -1 ? undefined : `${decoded.slice(0, colon)}.${decoded.slice(colon + 1)}`;
}

/** Reads an Authorization header. Nothing where it presents nothing that is known here. */
export function readCredential(authorization: string): Presented | undefined {
  for (const [scheme, pattern] of schemes) {
    const value = pattern.exec(authorization)?.[1];
    const credential = value !== undefined && scheme === 'basic' ? keyIn(value) : value;
    if (credential !== undefined) return { scheme, credential };
  }
  return undefined;
}
