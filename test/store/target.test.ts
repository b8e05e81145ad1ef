import { describe, expect, it } from '@jest/globals';
import { StartupError } from '../../src/base/index.ts';
import { parseTarget } from '../../src/store/index.ts';

describe('a database URL', () => {
  it('is taken apart, with its percent-encoding undone', () => {
    expect(parseTarget('postgresql://app:p%40ss%2Fword@db.example.com:6543/tokens')).toEqual({
      host: 'db.example.com',
      port: 6543,
      user: 'app',
      password: 'p@ss/word',
      database: 'tokens',
    });
  });

  it.each(['postgresql://app@%2Frun%2Fpostgresql:6543/tokens', 'postgresql:///tokens?host=/run/postgresql&port=6543'])(
    'may name the directory of a Unix socket: %s',
    (url) => {
      expect(parseTarget(url)).toMatchObject({ host: '/run/postgresql', port: 6543, database: 'tokens' });
    },
  );

  it('has the usual defaults', () => {
    expect(parseTarget('postgres://db')).toMatchObject({ port: 5432, user: 'postgres', database: 'postgres' });
    expect(parseTarget('postgres://app@db')).toMatchObject({ user: 'app', database: 'app', password: '' });
  });

  it.each([
    ['disable', undefined],
    ['require', { rejectUnauthorized: false }],
    ['verify-full', {}],
  ])('asks for TLS as libpq does: sslmode=%s', (mode, ssl) => {
    expect(parseTarget(`postgres://app@db/tokens?sslmode=${mode}`).ssl).toEqual(ssl);
  });

  it('may carry parameters that are meant for other tools', () => {
    const plain = parseTarget('postgres://app@db/tokens');
    expect(parseTarget('postgres://app@db/tokens?schema=public&connection_limit=5&pgbouncer=true')).toEqual(plain);
  });

  it.each(['sslmode=verify-ca', 'sslmode=verify-full&sslrootcert=/nowhere/ca.pem'])(
    'that lacks its certificate is a fault that names the variable, without the password: %s',
    (parameters) => {
      const reading = () => parseTarget(`postgres://app:a-secret-word@db/tokens?${parameters}`);
      expect(reading).toThrow(StartupError);
      expect(reading).toThrow(/^DATABASE_URL: (?!.*a-secret-word)/);
    },
  );
});
