import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const root = new URL('../../', import.meta.url);

interface EngineExports {
  __wbindgen_start(): void;
}

/** The part of WebAssembly that is used here; its types belong to browsers' libraries, which this project has none of. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: EngineExports } }> };
};

async function loadEngine(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = readFileSync(path.replace(/\.js$/, '.wasm'));
  const { instance } = await webAssembly.instantiate(wasm, { './schema_engine_bg.js': engine });
  const { __wbg_set_wasm: setWasm } = engine as unknown as { __wbg_set_wasm(exports: EngineExports): void };
  setWasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** The SQL that builds prisma/schema.prisma on an empty database, by Prisma's own engine (it asks a server for its version). */
export async function schemaSql(connectionString: string): Promise<string> {
  await loadEngine();
  const adapter = new PrismaPg({ connectionString });
  const schema = await engine.SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter) as never,
  );
  const path = 'prisma/schema.prisma';
  const result = await schema.diff({
    from: { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [{ path, content: readFileSync(new URL(path, root), 'utf8') }] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return result.stdout ?? '';
}
