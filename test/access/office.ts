import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createAccess, createIdentification, type LiveBearer } from '../../src/access/index.ts';
import { createTenantDirectory } from '../../src/accounts/index.ts';
import { type Caller, change, createExecutor, entryOf, mountOperations, read } from '../../src/api/index.ts';
import { createSealer } from '../../src/base/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { createKernel, listen, sendManagementProblem } from '../../src/http/index.ts';
import { createRequestLimits, limitCaller } from '../../src/limits/index.ts';
import { createProofRules } from '../../src/provider/index.ts';
import { openStore } from '../../src/store/index.ts';
import { createLogger, createMetrics, type Metrics } from '../../src/telemetry/index.ts';
import { type Cast, openCast } from '../interactions/cast.ts';
import { adminSettings, createDatabase, type TestDatabase } from '../support/database.ts';
import { type Answer, send } from '../support/tokens.ts';

/** Operations of a test on the real kernel, listener, identification, limits and database; tokens are played. */
export interface Office {
  readonly issuer: string;
  readonly address: string;
  readonly database: TestDatabase;
  readonly metrics: Metrics;
  readonly cast: Cast;
  /** Access tokens that count. */
  readonly accessTokens: Map<string, LiveBearer>;
  /** Gives somebody another role. */
  setRole(userSid: string, organizationSid: string, role: string): Promise<void>;
  /** Asks for something with these headers. */
  ask(method: 'GET' | 'POST', path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  moveClock(milliseconds: number): void;
  close(): Promise<void>;
}

const answer = entryOf(z.strictObject({ kind: z.string(), id: z.string(), role: z.string().nullable() }));
const told = ({ kind, id, role }: Caller) => ({ data: { kind, id, role: role ?? null } });

/** The signing keys stand for all that only those may change who run an organization. */
const operations = [
  read(
    {
      id: 'see',
      method: 'get',
      path: '/signing_keys',
      tag: 'x',
      summary: 'x',
      scopes: ['keys:read'],
      status: 200,
      answer,
    },
    async ({ caller }) => told(caller),
  ),
  change(
    {
      id: 'rotate',
      method: 'post',
      path: '/signing_keys',
      tag: 'x',
      summary: 'x',
      scopes: ['keys:write'],
      status: 201,
      answer,
    },
    async ({ caller }) => told(caller),
  ),
];

/** Opens an office. */
export async function openOffice(variables: Readonly<Record<string, string>> = {}): Promise<Office> {
  const issuer = 'http://auth.localhost';
  const { config, faults } = readConfig({ ISSUER: issuer, RATE_LIMIT_EXEMPT: 'loopback', ...variables });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const database = await createDatabase();
  const logger = createLogger({ level: 'silent', format: 'json' });
  const metrics = createMetrics();
  const store = await openStore(database.target, { ...adminSettings, poolSize: 5 }, logger);
  const { sql, management } = store;
  const sealer = createSealer(randomBytes(32));
  const accessTokens: Office['accessTokens'] = new Map();
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const tenants = createTenantDirectory(store, config, metrics, clock);
  const limits = createRequestLimits({ config: config.limits, sql, logger, metrics });
  const identification = createIdentification({
    config,
    clock,
    tenants,
    inspect: async (token) => accessTokens.get(token),
    proofs: createProofRules({ config, sql, sealer }),
    failures: limits.managementFailures,
  });
  const mount = mountOperations({
    operations,
    execute: createExecutor({ management, sealer, checkAnswers: true }),
    authenticate: createAccess({ tenants, identification }),
    admit: (ctx, { kind, id }) => limitCaller(limits.managementRequests, ctx, `${kind} ${id}`),
    maxBodyBytes: 1024,
  });
  const kernel = createKernel({ config, logger, metrics, mount, dialectOf: () => sendManagementProblem });
  const listener = await listen(kernel, { host: '127.0.0.1', port: 0, requestTimeout: 10, variable: 'PORT' });
  const address = `http://127.0.0.1:${listener.port}`;
  return {
    issuer,
    address,
    database,
    metrics,
    cast: openCast(store, sealer),
    accessTokens,
    async setRole(userSid, organizationSid, role) {
      await sql`
        update memberships set role = ${role} where user_sid = ${userSid} and organization_sid = ${organizationSid}`;
    },
    ask: (method, path, headers = {}) => send(`${address}${path}`, { method, headers }),
    moveClock: (milliseconds) => {
      ahead += milliseconds;
    },
    async close() {
      await listener.close(1);
      await store.close();
      await database.drop();
    },
  };
}
