import { hash } from '@node-rs/argon2';
import { createSignIn, type SignIn, type SignInAttempt, type SignInOutcome } from '../../src/accounts/index.ts';
import { createSealer, newSid, type Sealer } from '../../src/base/index.ts';
import type { Config } from '../../src/config/index.ts';
import type { Store } from '../../src/store/index.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/index.ts';
import { openNode, silentLogger } from '../limits/stores.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

export const goodPassword = 'correct horse battery staple';

/** Someone who can sign in. */
export interface Person {
  readonly sid: string;
  readonly email: string;
}

/** A sign-in of one node. */
export interface Door {
  readonly signIn: SignIn;
  readonly metrics: Metrics;
  /** Passwords that were compared with a hash. */
  verified(): number;
}

/** The sign-in on a database of its own, without pages around it. */
export interface Scene {
  readonly database: TestDatabase;
  readonly nodes: readonly Store[];
  readonly sealer: Sealer;
  /** Opens a sign-in. @param limits wrong passwords within a quarter of an hour. */
  openDoor(limits?: Partial<Config['signIn']>, options?: DoorOptions): Door;
  makePerson(row?: {
    readonly email?: string;
    readonly standing?: string;
    readonly passwordHash?: string;
    /** Where they are a member. Default: nowhere. */
    readonly organizations?: readonly string[];
  }): Promise<Person>;
  /** The audit events of a target, oldest first. */
  events(target: string): Promise<readonly AuditRow[]>;
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly node?: number;
  readonly clock?: () => number;
  readonly sealer?: Sealer;
  /** What happens before each comparison. */
  readonly meanwhile?: () => Promise<unknown>;
  /** Without it passwords are compared as strings after 1 ms; with it by argon2id. */
  readonly real?: boolean;
}

export interface AuditRow {
  readonly action: string;
  readonly actor: string | null;
  readonly organization: string | null;
  readonly address: string | null;
  readonly request: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Quick where only the answer matters: people of a test have their password in place of the hash's salt. */
const cheap = (password: string) => `$argon2id$${password}`;

export async function openScene(): Promise<Scene> {
  const database = await createDatabase();
  const nodes = await Promise.all([openNode(database.target), openNode(database.target)]);
  const own = createSealer(Buffer.alloc(32, 7));
  const { sql } = database;
  return {
    database,
    nodes,
    sealer: own,
    openDoor(limits = {}, { node = 0, clock = Date.now, sealer = own, meanwhile, real = false } = {}) {
      const metrics = createMetrics();
      let verified = 0;
      const verify = async (encoded: string, password: string) => {
        verified += 1;
        await meanwhile?.();
        return encoded === cheap(password);
      };
      const config = { attemptsPerAccount: 10, attemptsPerAddress: 1_000, exempt: [], ...limits };
      const parts = { sql: (nodes[node] as Store).sql, sealer, clock, logger: silentLogger, metrics, config };
      const signIn = createSignIn({ ...parts, ...(real ? {} : { verify }) });
      return { signIn, metrics, verified: () => verified };
    },
    async makePerson({ email, standing = 'active', passwordHash = cheap(goodPassword), organizations = [] } = {}) {
      const sid = newSid('user');
      const address = email ?? `${sid.toLowerCase()}@example.com`;
      await sql`
        insert into users (sid, email, name, password_hash, standing)
        values (${sid}, ${address}, 'Person of a test', ${passwordHash}, ${standing}::standing)`;
      for (const organization of organizations) {
        await sql`insert into organizations (sid, name) values (${organization}, 'Of a test')`;
        await sql`
          insert into memberships (user_sid, organization_sid, role) values (${sid}, ${organization}, 'viewer')`;
      }
      return { sid, email: address };
    },
    events: (target) => sql<AuditRow[]>`
      select action, actor_id as actor, organization_sid as organization, address, request_id as request, detail
      from audit_events
      where target_id = ${target} order by id`,
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
      await database.drop();
    },
  };
}

export const realHash = (password: string) => hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

let lastAddress = 0;

/** An attempt from an address that nobody else comes from. */
export function attempt(email: string, password: string, more: Partial<SignInAttempt> = {}): SignInAttempt {
  lastAddress += 1;
  const address = `198.18.${Math.floor(lastAddress / 250)}.${lastAddress % 250}`;
  return { email, password, address, device: undefined, ...more };
}

/** The device value of a good outcome. */
export function deviceOf(outcome: SignInOutcome): string {
  if (!outcome.ok) throw new Error(`not signed in: ${outcome.reason}`);
  return outcome.device;
}

/** How outcomes are spread. */
export function spread(outcomes: readonly SignInOutcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const kind = outcome.ok ? 'signed in' : outcome.reason;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** The same attempt many times, at once. */
export function crowd(times: number, work: (index: number) => Promise<SignInOutcome>): Promise<SignInOutcome[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}
