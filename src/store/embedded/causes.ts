/** Whether a caught error carries one of these codes, of the system or of PostgreSQL. */
export function hasCode(cause: unknown, ...codes: readonly string[]): boolean {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return false;
  return typeof cause.code === 'string' && codes.includes(cause.code);
}

/** What a caught error says, in words. */
export function reasonOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return String(cause.message);
  return String(cause);
}
