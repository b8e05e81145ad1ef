import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { type House, openHouse } from '../../support/house.ts';
import { type FakeIssuer, makeSigningKey, openFakeIssuer, type SigningKey } from './fake-issuer.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

let house: House;
let project: string;
let key: SigningKey;
let fake: FakeIssuer;

/** A project of a user, who has installed the library and what goes with it. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'countersign-verify-'));
  await mkdir(join(project, 'node_modules/@countersign'), { recursive: true });
  await symlink(join(root, 'src/sdk'), join(project, 'node_modules/@countersign/sdk'));
  for (const name of ['express', 'koa']) {
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
  key = await makeSigningKey('ES256');
  [house, fake] = await Promise.all([openHouse(), openFakeIssuer([key])]);
}, 60_000);
afterAll(async () => {
  await fake.close();
  await house.close();
  await rm(project, { recursive: true, force: true });
});

describe('the examples run against a server with demo data', () => {
  async function play(name: string): Promise<readonly string[]> {
    const file = join(project, name);
    await cp(join(root, 'examples', name), file);
    const options = { env: { PATH: process.env['PATH'] }, timeout: 60_000 };
    const { stdout } = await run(process.execPath, [file, join(house.dataDir, 'demo.json')], options);
    return stdout.trim().split('\n');
  }

  it('express', async () => {
    expect(await play('verify-express.mjs')).toEqual([
      '/clients: 401 missing_token',
      '/clients: 200 ok',
      '/organizations/OR.../calls: 200 ok',
      '/organizations/OR.../calls: 403 wrong_organization',
    ]);
  }, 90_000);

  it('koa', async () => {
    expect(await play('verify-koa.mjs')).toEqual([
      '/rooms: 200 {"identity":"alice","room":"stand-up"}',
      '/rooms: 401 {"error":"invalid_token","error_description":"This is not a well-formed JWT."}',
      '/calls: 401 {"error":"missing_token","error_description":"Send an access token."}',
    ]);
  }, 90_000);
});

/** What a bundler makes of a program for the web. @returns the code, and the files of the library that are in it. */
async function bundle(program: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: project },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'bundled',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const parts = used.map(([path]) => path.split('/sdk/dist/')[1]).filter((path) => path !== undefined);
  return { code: outputFiles[0]?.text ?? '', parts };
}

describe('the entry @countersign/sdk/verify', () => {
  it('needs jose only for itself: the other entries can be had without it', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'src/sdk/package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      peerDependencies: { jose: expect.any(String) },
      peerDependenciesMeta: { jose: { optional: true } },
    });
  });

  it('brings no credentials, no client and no minting into a bundle', async () => {
    const { parts } = await bundle(`export { createVerifier } from '@countersign/sdk/verify'`);
    expect(parts.filter((part) => /^(client|credentials|strategies|tokens|jwt)\//.test(part))).toEqual([]);
    expect(parts).toContain('verify/verifier.js');
  });

  it('brings of itself what is asked for', async () => {
    const { parts } = await bundle(`export { verifyAccessToken } from '@countersign/sdk/verify'`);
    expect(parts.filter((part) => /issuer|introspection\.|dpop\.|express|koa|transport/.test(part))).toEqual([]);
    expect(parts).toContain('verify/access-token.js');
  });

  it('works where there is nothing but the web: no process, no Buffer, no require', async () => {
    const { code } = await bundle(`export { createVerifier } from '@countersign/sdk/verify'`);
    const names = [
      ...['AbortController', 'AbortSignal', 'Headers', 'Response', 'URL', 'URLSearchParams', 'TextDecoder'],
      ...['TextEncoder', 'Uint8Array', 'CryptoKey', 'atob', 'btoa', 'clearTimeout', 'crypto', 'setTimeout', 'fetch'],
      ...['structuredClone'],
    ];
    const web = Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
    const options = JSON.stringify({ issuer: fake.issuer, audience: 'https://api.example', clockTolerance: 60 });
    const token = JSON.stringify(await fake.sign(key));
    const program = `${code}; bundled.createVerifier(${options}).verify(${token})`;
    expect(await new Script(program).runInContext(createContext(web))).toMatchObject({ subject: 'US01' });
  });
});
