import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/base/index.ts';
import { createLogger, type Logger } from '../../src/telemetry/index.ts';

type Line = Readonly<Record<string, unknown>>;

/** What a logger writes while some work logs. */
async function write(work: (logger: Logger) => void, level = 'trace', format: 'json' | 'pretty' = 'json') {
  const destination = new PassThrough({ encoding: 'utf8' });
  work(createLogger({ level, format }, destination));
  await turn();
  return String(destination.read() ?? '');
}

const lines = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('a log line', () => {
  it('is one JSON object a line, with time, level and message, whatever is in it', async () => {
    const text = await write((logger) => {
      logger.info({ note: 'two\nlines' }, 'first');
      logger.error('second');
    });
    expect(text.endsWith('}\n')).toBe(true);
    const [first, second] = lines(text);
    expect(first).toMatchObject({ level: 30, msg: 'first', note: 'two\nlines', pid: process.pid });
    expect(new Date(String(first?.['time'])).getTime()).toBeGreaterThan(Date.now() - 10_000);
    expect(second).toMatchObject({ level: 50, msg: 'second' });
  });

  it('of lower importance than LOG_LEVEL is not written', async () => {
    const text = await write((logger) => {
      logger.debug('no');
      logger.info('no');
      logger.warn('yes');
    }, 'warn');
    expect(lines(text).map(({ msg }) => msg)).toEqual(['yes']);
  });

  it('for people is one line of text', async () => {
    const text = await write((logger) => logger.info({ port: 3000 }, 'listening'), 'info', 'pretty');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"port":3000\}\n$/);
  });

  it.each([
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
  ])('shows nothing of a member "%s", at the top or one level down, in either format', async (name) => {
    for (const format of ['json', 'pretty'] as const) {
      const object = { [name]: 'hidden-value', inner: { [name]: 'hidden-value' }, name: 'shown' };
      const text = await write((logger) => logger.info(object, 'with a secret'), 'info', format);
      expect(text).not.toContain('hidden-value');
      expect(text).toContain('shown');
      expect(text.split('[redacted]')).toHaveLength(3);
    }
  });
});

describe('an error in the log', () => {
  it('has its type, message, code, stack and causes', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const problem = new Problem('unavailable', 'Try again.', { cause });
    const text = await write((logger) => {
      logger.error({ err: problem }, 'failed');
      logger.error({ err: cause }, 'failed');
    });
    const [line, bare] = lines(text);
    expect(bare?.['err']).toMatchObject({ type: 'Error', errorCode: 'ECONNREFUSED' });
    expect(line?.['err']).toMatchObject({
      type: 'Problem',
      message: 'Try again.',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { message: 'connect ECONNREFUSED', errorCode: 'ECONNREFUSED' },
    });
  });

  it('has none of the values that a database error carries, at any depth', async () => {
    const database = Object.assign(new Error('duplicate key'), {
      code: '23505',
      query: 'insert into users values ($1)',
      parameters: ['hidden-value'],
      args: ['hidden-value'],
      detail: 'Key (email)=(hidden-value) already exists.',
    });
    const text = await write((logger) => {
      logger.error({ err: database }, 'failed');
      logger.error({ err: new Problem('server_error', 'Sorry.', { cause: database }) }, 'failed');
      logger.error(database);
    });
    expect(text).not.toContain('hidden-value');
    expect(lines(text)).toHaveLength(3);
  });

  it('may be anything that was thrown', async () => {
    const [line] = lines(await write((logger) => logger.error({ err: 'a bare string' }, 'failed')));
    expect(line?.['err']).toEqual({ message: 'a bare string' });
  });
});
