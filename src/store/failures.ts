/**
 * What kept the database from answering, where it was not the statement's fault.
 * `unreachable`: no connection can be had. `broken`: a connection ended, or leads to a server that may not write any
 * more. `busy`: the connection is good, but this statement did not get its turn.
 */
export type Unavailability = 'unreachable' | 'broken' | 'busy';

const codes: Readonly<Record<Unavailability, readonly string[]>> = {
  unreachable: [
    'CONNECT_TIMEOUT',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOENT',
    'ENOTFOUND',
    'ETIMEDOUT',
    // PostgreSQL: cannot connect now.
    '57P03',
  ],
  broken: [
    'CONNECTION_CLOSED',
    'CONNECTION_DESTROYED',
    'CONNECTION_ENDED',
    'ECONNRESET',
    'EPIPE',
    // PostgreSQL: shutting down, crash of another backend, read-only since it became a standby.
    '57P01',
    '57P02',
    '25006',
  ],
  // PostgreSQL: statement timeout, too many connections.
  busy: ['EAGAIN', '57014', '53300'],
};

const byCode = new Map(
  Object.entries(codes).flatMap(([kind, list]) => list.map((code) => [code, kind as Unavailability] as const)),
);

/** Whether, and how, an error means that the database cannot answer right now, rather than that the statement was wrong. */
export function unavailability(error: unknown): Unavailability | undefined {
  const code = String((error as { code?: unknown }).code ?? '');
  return code.startsWith('08') ? 'broken' : byCode.get(code);
}
