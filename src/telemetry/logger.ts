import type { Writable } from 'node:stream';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/index.ts';

export type { Logger } from 'pino';

/** Names under which a secret could travel in a logged object. Their values are replaced, at the top and one level down. */
const secretNames = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'client_secret',
  'client_assertion',
  'access_token',
  'refresh_token',
  'id_token',
  'token',
  'code',
  'code_verifier',
  'master_key',
  'api_key',
];

const redact = {
  paths: secretNames.flatMap((name) => [name, `*.${name}`]),
  censor: '[redacted]',
};

/**
 * A Problem carries its private cause; a database error carries the statement's values in `parameters` and `args`, and
 * sometimes in its detail. Only what helps to find the fault is written.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    // Not `code`: that is the name of the authorization code, and redacted.
    ...(typeof code === 'string' ? { errorCode: code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/**
 * The server's log: lines for people in development, one JSON object a line for machines in production.
 * @param destination where the lines go; standard output by default.
 */
export function createLogger(config: Config['log'], destination?: Writable): Logger {
  const options = {
    level: config.level,
    redact,
    base: { pid: process.pid },
    serializers: { err: describeError },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (config.format === 'json') return pino(options, destination);
  return pino(
    { ...options, base: {} },
    pretty({
      translateTime: 'SYS:HH:MM:ss.l',
      ignore: 'pid,hostname',
      singleLine: true,
      sync: true,
      ...(destination === undefined ? {} : { destination }),
    }),
  );
}
