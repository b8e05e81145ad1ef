import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';

const root = new URL('../../', import.meta.url);
const filters = { externalTables: [], externalEnums: [] };

interface EngineExports {
  __wbindgen_start(): void;
}

/** The part of WebAssembly that is used here; its types belong to browsers' libraries, which this project has none of. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: EngineExports } }> };
};

/** The engine's time limit for its lock stays behind when the lock was had; it must not keep the process waiting. */
function withoutLingering([name, value]: [string, unknown]): [string, unknown] {
  if (!name.startsWith('__wbg_setTimeout')) return [name, value];
  const start = value as (callback: () => void, ms: number) => NodeJS.Timeout;
  return [name, (callback: () => void, ms: number) => start(callback, ms).unref()];
}

async function loadEngine(): Promise<void> {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = readFileSync(path.replace(/\.js$/, '.wasm'));
  const imports = Object.fromEntries(Object.entries(engine).map(withoutLingering));
  const { instance } = await webAssembly.instantiate(wasm, { './schema_engine_bg.js': imports });
  const { __wbg_set_wasm: setWasm } = engine as unknown as { __wbg_set_wasm(exports: EngineExports): void };
  setWasm(instance.exports);
  instance.exports.__wbindgen_start();
}

let loading: Promise<void> | undefined;

/**
 * An adapter that stands in for the connection of Prisma's command line: scripts go to the server whole (this adapter
 * would cut them at each semicolon, also inside a function), and what the engine opened is closed.
 */
class CommandLineAdapter extends PrismaPg {
  readonly #opened: Array<{ dispose(): Promise<void> }> = [];

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (sql) => {
      await adapter.executeRaw({ sql, args: [], argTypes: [] });
    };
    this.#opened.push(adapter);
    return adapter;
  }

  async close(): Promise<void> {
    for (const adapter of this.#opened.splice(0)) await adapter.dispose();
  }
}

/** Runs Prisma's own engine against a database. */
async function withEngine<Value>(
  connectionString: string,
  work: (schema: engine.SchemaEngine) => Promise<Value>,
): Promise<Value> {
  loading ??= loadEngine();
  await loading;
  const adapter = new CommandLineAdapter({ connectionString });
  const bound = bindMigrationAwareSqlAdapterFactory(adapter) as never;
  const schema = await engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, bound);
  try {
    return await work(schema);
  } finally {
    await adapter.close();
    schema.free();
  }
}

/** The SQL that builds prisma/schema.prisma on an empty database, by Prisma's own engine (it asks a server for its version). */
export async function schemaSql(connectionString: string): Promise<string> {
  const path = 'prisma/schema.prisma';
  const content = readFileSync(new URL(path, root), 'utf8');
  const to = { tag: 'schemaDatamodel' as const, files: [{ path, content }] };
  const { stdout } = await withEngine(connectionString, (schema) =>
    schema.diff({ from: { tag: 'empty' }, to, script: true, exitCode: null, filters }),
  );
  return stdout ?? '';
}

function readMigrations(): engine.MigrationList {
  const folder = new URL('migrations/', root);
  const names = readdirSync(folder).filter((name) => !name.endsWith('.toml'));
  const migrationDirectories = names.toSorted().map((path) => {
    const value = readFileSync(new URL(`${path}/migration.sql`, folder), 'utf8');
    return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
  });
  const lockfile = {
    path: 'migration_lock.toml',
    content: readFileSync(new URL('migration_lock.toml', folder), 'utf8'),
  };
  return { baseDir: '/migrations', lockfile, shadowDbInitScript: '', migrationDirectories };
}

/** What `prisma migrate deploy` does with migrations/. @returns the names of those it applied. */
export async function deployWithPrisma(connectionString: string): Promise<readonly string[]> {
  const migrationsList = readMigrations();
  const { appliedMigrationNames } = await withEngine(connectionString, (schema) =>
    schema.applyMigrations({ migrationsList, filters }),
  );
  return appliedMigrationNames;
}

/** What `prisma migrate status` says of a database: nothing in any list is a history without a fault. */
export async function diagnoseWithPrisma(connectionString: string): Promise<engine.DiagnoseMigrationHistoryOutput> {
  const migrationsList = readMigrations();
  return withEngine(connectionString, (schema) =>
    schema.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters }),
  );
}
