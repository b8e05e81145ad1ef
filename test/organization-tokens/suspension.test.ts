import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { openResidents, type Residents } from '../support/residents.ts';
import { openTenantMaker, type TenantMaker } from '../support/tenant.ts';
import { send, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { asClient, isActive, type SecretClient } from '../tokens/questions.ts';
import { type Estate, openEstate, resources } from './estate.ts';
import { makeApp, signIn } from './people.ts';

/** A way down the tree, with clients at its top and tokens narrowed to its end. Each case has its own. */
interface Branch {
  readonly top: string;
  readonly middle: string;
  readonly end: string;
  readonly account: string;
  readonly machine: SecretClient;
  /** Outside, so that it can ask whatever is suspended. */
  readonly held: readonly string[];
  /** Of the end as a whole. */
  readonly heldByEnd: readonly string[];
  /** A machine's own token, not narrowed. */
  readonly wide: string;
}

let estate: Estate;
let further: House;
let residents: Residents;
let observer: SecretClient;
let tenants: TenantMaker;
beforeAll(async () => {
  estate = await openEstate();
  further = await openHouse({}, estate.house);
  residents = await openResidents(estate.house);
  tenants = await openTenantMaker(estate.house);
  observer = await estate.makeMachine({ organizationSid: estate.tree.stranger.organizationSid });
  const { sql } = estate.house.database;
  await sql`
    insert into resource_introspectors (resource_id, client_id)
    select id, ${observer.clientId} from resources where organization_sid is null`;
}, 120_000);
afterAll(async () => {
  await residents.close();
  await tenants.close();
  await further.close();
  await estate.close();
});

const nodes = () => [estate.house.address, further.address];

/** Tokens that are narrowed so, however a token comes about, in both formats. */
async function narrowed(machine: SecretClient, app: SecretClient, ofUser: string, narrowing: Record<string, string>) {
  const wide = await estate.tokenFor(machine);
  return [
    await estate.tokenFor(machine, narrowing),
    await estate.tokenFor(machine, { ...narrowing, resource: resources.opaque }),
    tokenOf(await estate.exchange(machine, wide, narrowing)),
    tokenOf(await estate.exchange(app, ofUser, narrowing)),
  ];
}

async function growBranch(): Promise<Branch> {
  const { house, tree } = estate;
  const { organizationSid: top } = await tenants.make({ parent: tree.parent.organizationSid });
  const { organizationSid: middle } = await tenants.make({ parent: top });
  const { organizationSid: end, accountSid: account } = await tenants.make({ parent: middle });
  const machine = await estate.makeMachine({ organizationSid: top });
  const app = await makeApp(estate, top);
  const user = await residents.makeUser(top);
  const wish = { resource: house.issuer, scope: 'accounts:read accounts:write', organization: top };
  const { accessToken } = await signIn(estate, app, user, wish);
  return {
    ...{ top, middle, end, account, machine },
    held: await narrowed(machine, app, accessToken, { account_sid: account }),
    heldByEnd: await narrowed(machine, app, accessToken, { org_id: end }),
    wide: await estate.tokenFor(machine),
  };
}

/** Whether a token counts at a node: at introspection, and at the management API where it is for that. */
async function counts(address: string, token: string): Promise<boolean> {
  const active = await isActive(address, token, asClient(observer));
  if (!token.includes('.')) return active;
  const { status } = await send(`${address}/accounts`, { headers: { authorization: `Bearer ${token}` } });
  if (![200, 401].includes(status) || active !== (status === 200)) {
    throw new Error(`introspection says ${active} and the management API ${status}`);
  }
  return active;
}

async function counting(tokens: readonly string[]): Promise<readonly boolean[]> {
  return Promise.all(nodes().flatMap((node) => tokens.map((token) => counts(node, token))));
}

/** Between two questions about one token it may end: then the next answer decides. */
const allEnded = (tokens: readonly string[]) => async () =>
  (await counting(tokens).catch(() => [true])).every((one) => !one);

async function expectAll(tokens: readonly string[], expected: boolean): Promise<void> {
  for (const one of await counting(tokens)) expect(one).toBe(expected);
}

async function set(
  table: 'accounts' | 'organizations',
  sid: string,
  standing: 'active' | 'suspended',
): Promise<number> {
  const { sql } = estate.house.database;
  await sql`update ${sql(table)} set standing = ${standing}::standing where sid = ${sid}`;
  return Date.now();
}

/** What a request for a narrow token is told at each node, and an exchange for one. */
async function refusals({ machine, wide }: Branch, narrowing: Record<string, string>): Promise<readonly unknown[]> {
  const answers = nodes().flatMap((node) => [
    estate.ask(machine, narrowing, node),
    estate.exchange(machine, wide, narrowing, node),
  ]);
  return (await Promise.all(answers)).map(({ body }) => body['error']);
}

const refusedTarget = Array.from({ length: 4 }, () => 'invalid_target');

describe('a suspension stops narrowed tokens at every node within two seconds, and new ones:', () => {
  let branch: Branch;
  let suspendedAt: number;

  it('that of the account', async () => {
    branch = await growBranch();
    await expectAll([...branch.held, ...branch.heldByEnd, branch.wide], true);
    suspendedAt = await set('accounts', branch.account, 'suspended');
    await within(2_000, allEnded(branch.held));
    await expectAll([...branch.heldByEnd, branch.wide], true);
    expect(await refusals(branch, { account_sid: branch.account })).toEqual(refusedTarget);
  });

  it.each(['end', 'middle'] as const)('that of the organization or of one above (%s)', async (name) => {
    const other = await growBranch();
    const tokens = [...other.held, ...other.heldByEnd];
    await expectAll([...tokens, other.wide], true);
    await set('organizations', other[name], 'suspended');
    await within(2_000, allEnded(tokens));
    await expectAll([other.wide], true);
    for (const narrowing of [{ account_sid: other.account }, { org_id: other.end }]) {
      expect(await refusals(other, narrowing)).toEqual(refusedTarget);
    }
  });

  it('that of the client’s own organization', async () => {
    const other = await growBranch();
    const tokens = [...other.held, ...other.heldByEnd, other.wide];
    await expectAll(tokens, true);
    await set('organizations', other.top, 'suspended');
    await within(2_000, allEnded(tokens));
    const none = Array.from({ length: 4 }, () => 'invalid_client');
    expect(await refusals(other, { account_sid: other.account })).toEqual(none);
  });

  it('until it is over: what is issued later counts, what was before does not', async () => {
    await set('accounts', branch.account, 'active');
    // Tokens of the five seconds after a suspension are revoked with it.
    await wait(Math.max(0, suspendedAt + 6_200 - Date.now()));
    const narrowing = { account_sid: branch.account };
    await estate.patiently(async () => (await estate.ask(branch.machine, narrowing, further.address)).status === 200);
    await expectAll([await estate.tokenFor(branch.machine, narrowing)], true);
    await expectAll(branch.held, false);
  });
});

describe('a narrowed token', () => {
  it('ends when what it reaches is moved out of its client’s organization', async () => {
    const branch = await growBranch();
    const machines = [...branch.held.slice(0, 3), ...branch.heldByEnd.slice(0, 3)];
    await expectAll([...machines, branch.wide], true);
    const { sql } = estate.house.database;
    await sql`update organizations set parent_sid = ${estate.tree.sibling.organizationSid} where sid = ${branch.middle}`;
    await within(2_000, allEnded(machines));
    await expectAll([branch.wide], true);
  });
});
