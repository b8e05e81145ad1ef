import { bytesOfBase64 } from '../base64.ts';

/** The times in a JWT, in seconds since 1970. */
export interface TokenTimes {
  readonly exp?: number;
  readonly iat?: number;
}

/** Far above any access token; what is longer is not decoded. */
const longestPayload = 16_384;

function decodeObject(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytesOfBase64(part)));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    // Not a JWT: an opaque token may have dots in it too.
    return {};
  }
}

/**
 * Reads the times of a token without verifying it: whoever issued it also tells how long to keep it. An opaque token
 * has none.
 */
export function timesOf(token: string): TokenTimes {
  const parts = token.split('.');
  const payload = parts[1] ?? '';
  if (parts.length !== 3 || payload.length > longestPayload) return {};
  const { exp, iat } = decodeObject(payload);
  return {
    ...(typeof exp === 'number' && Number.isFinite(exp) ? { exp } : {}),
    ...(typeof iat === 'number' && Number.isFinite(iat) ? { iat } : {}),
  };
}
