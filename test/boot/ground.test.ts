import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packGround, unpackGround } from '../../src/boot/ground.ts';
import { readConfig } from '../../src/config/index.ts';
import { parseTarget } from '../../src/store/index.ts';

const masterKey = Buffer.alloc(32, 7);

/** What another process makes of it. */
const passOn = (target: ReturnType<typeof parseTarget>, variables: Readonly<Record<string, string>>) => {
  const packed = JSON.parse(JSON.stringify(packGround({ target, masterKey })));
  return unpackGround(packed, readConfig({ NODE_ENV: 'test', ...variables }).config);
};

describe('the ground that one process tells another', () => {
  it('is the database of its own and the master key, to the byte', () => {
    const target = { host: '/var/run/own', port: 5432, user: 'u', password: 'p', database: 'd' };
    expect(passOn(target, {})).toEqual({ target, masterKey });
  });

  it('keeps the way in which a certificate is checked, which no message can carry', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'countersign-ground-'));
    await writeFile(join(directory, 'ca.pem'), 'a certificate');
    const url = `postgres://u:p@db.example/d?sslmode=verify-ca&sslrootcert=${join(directory, 'ca.pem')}`;
    const { target } = passOn(parseTarget(url), { DATABASE_URL: url });
    expect(target.ssl).toMatchObject({ ca: 'a certificate', checkServerIdentity: expect.any(Function) });
    await rm(directory, { recursive: true });
  });
});
