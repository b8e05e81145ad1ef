import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, Script } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Plugin } from 'esbuild';
import { publint } from 'publint';
import { type Packed, packSdk } from './packed.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

let packed: Packed;
beforeAll(async () => {
  packed = await packSdk();
}, 120_000);
afterAll(() => packed.remove());

const hasJwt = () => existsSync(join(packed.installed, 'dist/jwt/index.js'));

describe('the package', () => {
  it('has the code, its types, a page to read and a licence, and nothing else', () => {
    const others = packed.files.filter((path) => !/^dist\/[\w/-]+\.(js|js\.map|d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('depends on nothing, but that verification has a peer', async () => {
    const manifest = JSON.parse(await readFile(join(packed.installed, 'package.json'), 'utf8'));
    expect(Object.keys(manifest).filter((member) => /dependencies$/i.test(member))).toEqual(['peerDependencies']);
    expect(Object.keys(manifest.peerDependencies)).toEqual(['jose']);
    expect(manifest.peerDependenciesMeta).toEqual({ jose: { optional: true } });
    expect(manifest).toMatchObject({ name: '@countersign/sdk', type: 'module', sideEffects: false });
  });

  it('has nothing that publint finds wrong', async () => {
    const { messages } = await publint({ pkgDir: packed.installed, pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that resolve wherever an ES module can be imported', async () => {
    const result = await checkPackage(createPackageFromTarballData(packed.tarball));
    // Node's old resolution knows no exports, and `require` of an ES module is not for this package to solve.
    const elsewhere = ['node10', 'node16-cjs'];
    const problems = result.types === false ? ['no types'] : result.problems;
    expect(
      problems.filter((problem) => {
        if (typeof problem === 'string') return true;
        return !('resolutionKind' in problem && elsewhere.includes(problem.resolutionKind));
      }),
    ).toEqual([]);
  }, 120_000);
});

describe('a user in TypeScript', () => {
  const program = `
    import { ApiTokenManager, ClientCredentialProviderBuilder, countersign, type TokenManager } from '@countersign/sdk';
    class Vault implements TokenManager { async getToken() { return 'token'; } }
    const provider = new ClientCredentialProviderBuilder().setTokenManager(new Vault()).build();
    const api = countersign({ baseUrl: 'https://auth.example', credentials: provider });
    export async function names(): Promise<string[]> {
      const found: string[] = [];
      for await (const client of api.oauthClients.list({ page: { size: 50 } })) found.push(client.name);
      return found;
    }
    export const manager = new ApiTokenManager({
      tokenUrl: 'https://auth.example/oauth/token', clientId: 'a', clientSecret: 'b', fetch,
    });
    // @ts-expect-error the address of the token endpoint is missing
    new ApiTokenManager({ clientId: 'a', clientSecret: 'b' });
  `;

  it.each([
    ['a browser, with a bundler', { lib: ['es2023', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler' }],
    ['a worker', { lib: ['es2023', 'webworker'], types: [], module: 'esnext', moduleResolution: 'bundler' }],
    ['a module of Node with the types of the web', { lib: ['es2023', 'dom'], types: [], module: 'nodenext' }],
  ])('compiles for %s', async (_name, options) => {
    await writeFile(join(packed.project, 'package.json'), '{ "type": "module" }');
    await writeFile(join(packed.project, 'program.ts'), program);
    const compilerOptions = {
      ...options,
      target: 'es2023',
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const config = JSON.stringify({ compilerOptions, files: ['program.ts'] });
    await writeFile(join(packed.project, 'tsconfig.json'), config);
    const { stdout } = await run(process.execPath, [tsc, '-p', packed.project]).catch((error) => error);
    expect(stdout).toBe('');
  });
});

describe('the sources', () => {
  it.each(['dom', 'webworker'])(
    'all but the minting compile with the types of the web (%s) and none of Node',
    async (lib) => {
      const config = {
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { lib: ['es2023', lib], types: [], noEmit: true },
        include: [join(root, 'src/sdk/**/*.ts')],
        exclude: [join(root, 'src/sdk/dist'), join(root, 'src/sdk/jwt')],
      };
      const file = join(packed.project, 'tsconfig.sources.json');
      await writeFile(file, JSON.stringify(config));
      const { stdout } = await run(process.execPath, [tsc, '-p', file]).catch((error) => error);
      expect(stdout).toBe('');
    },
  );
});

/** What a bundler makes of a program. @returns the code, and the files of the package that are in it. */
async function bundle(program: string, format: 'esm' | 'iife' = 'esm') {
  const inputs: string[] = [];
  const note: Plugin = {
    name: 'note',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^node:/ }, ({ path }) => {
        inputs.push(path);
        return { path, external: true };
      });
    },
  };
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: packed.project },
    bundle: true,
    minify: true,
    format,
    globalName: 'bundled',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [note],
  });
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const parts = used.map(([path]) => path.split('@countersign/sdk/dist/')[1] ?? path);
  const code = outputFiles[0]?.text ?? '';
  return { code, parts: [...parts, ...inputs], size: code.length, zipped: gzipSync(code).length };
}

describe('a bundle', () => {
  const names: ReadonlyArray<[name: string, most: number]> = [
    ['ApiTokenManager', 15_500],
    ['ClientCredentialProviderBuilder', 18_500],
    ['privateKeyJwt', 6_000],
    ['countersign', 23_000],
    ['InvalidArgumentError', 1_000],
  ];

  it('of one name is small, and has nothing in it that the name does not need', async () => {
    const sizes: Record<string, string> = {};
    for (const [name, most] of names) {
      const { parts, size, zipped } = await bundle(`export { ${name} } from '@countersign/sdk'`);
      sizes[name] = `${size} bytes, ${zipped} gzipped`;
      expect([name, size <= most ? 'small' : `${size} bytes`]).toEqual([name, 'small']);
      expect(parts.filter((part) => part.startsWith('jwt/') || part.startsWith('node:'))).toEqual([]);
    }
    process.stdout.write(`sizes, minified: ${JSON.stringify(sizes, undefined, 2)}\n`);
  });

  it('of the token manager has no client of the API, no providers and no signing in it', async () => {
    const { parts } = await bundle(`export { ApiTokenManager } from '@countersign/sdk'`);
    expect(parts.filter((part) => /^(client|credentials|strategies|jwt)\/|private-key/.test(part))).toEqual([]);
    expect(parts).toContain('tokens/manager.js');
  });

  it('of the tokens that are minted without a server has no credentials in it', async () => {
    if (!hasJwt()) throw new Error('there is no dist/jwt: run npm run build');
    const { parts } = await bundle(`export { AccessToken } from '@countersign/sdk/jwt'`);
    expect(new Set(parts.filter((part) => !part.startsWith('jwt/')))).toEqual(new Set(['node:crypto']));
  });

  it('of an import for nothing is empty', async () => {
    expect((await bundle(`import '@countersign/sdk'; import { ApiTokenManager } from '@countersign/sdk';`)).code).toBe(
      '',
    );
  });

  it('runs where there is nothing but the web: no process, no Buffer, no require', async () => {
    const { code } = await bundle(
      `export { ApiTokenManager, privateKeyJwt, countersign } from '@countersign/sdk'`,
      'iife',
    );
    const web = Object.fromEntries(
      [
        ...['AbortController', 'AbortSignal', 'Headers', 'URL', 'URLSearchParams', 'TextDecoder', 'TextEncoder'],
        ...['atob', 'btoa', 'clearTimeout', 'crypto', 'performance', 'setTimeout'],
      ].map((name) => [name, Reflect.get(globalThis, name)]),
    );
    const asked: string[] = [];
    const fetch = async (url: string) => {
      asked.push(url);
      return Response.json({ access_token: 'token', data: 1 });
    };
    const program = `${code}
      const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' };
      bundled.privateKeyJwt({ privateKey: key });
      const manager = new bundled.ApiTokenManager({ tokenUrl: 'https://auth.example/t', clientId: 'a', clientSecret: 'b' });
      const strategy = { getAuthString: () => manager.getToken(), requiresAuthentication: () => true, getAuthType: () => '' };
      const credentials = { toAuthStrategy: () => strategy };
      bundled.countersign({ baseUrl: 'https://auth.example', credentials }).post('/x', { a: 1 });`;
    expect(await new Script(program).runInContext(createContext({ ...web, fetch }))).toMatchObject({ data: 1 });
    expect(asked).toEqual(['https://auth.example/t', 'https://auth.example/x']);
  });
});
