import type { Residents } from '../support/residents.ts';
import { tokenOf } from '../support/tokens.ts';
import type { Estate } from './estate.ts';
import { makeApp, signIn } from './people.ts';

/** What a token reaches. */
export type Reach = 'own' | 'child' | 'account';

/** A token, and what it is. */
export interface Held {
  readonly name: string;
  readonly reach: Reach;
  readonly token: string;
}

/** Makes tokens of every making: of a machine and of a user, of the whole, narrowed by request and by exchange. */
export async function holdTokens(estate: Estate, residents: Residents, account: string): Promise<readonly Held[]> {
  const { machine, tree } = estate;
  const [toChild, toAccount] = [{ org_id: tree.child.organizationSid }, { account_sid: account }];
  const app = await makeApp(estate);
  const owner = await residents.makeUser(tree.own.organizationSid);
  await estate.house.database.sql`update memberships set role = 'owner' where user_sid = ${owner.sid}`;
  const wish = { resource: estate.house.issuer, scope: 'admin', organization: tree.own.organizationSid };
  const { accessToken: ofUser } = await signIn(estate, app, owner, wish);
  const wide = await estate.tokenFor(machine);
  const exchanged = async (more: Record<string, string>) => tokenOf(await estate.exchange(machine, wide, more));
  const ofUserNarrowed = async (more: Record<string, string>) => tokenOf(await estate.exchange(app, ofUser, more));
  return [
    { name: 'a machine’s', reach: 'own', token: wide },
    { name: 'a user’s, exchanged', reach: 'own', token: await ofUserNarrowed({}) },
    { name: 'a machine’s, narrowed by request', reach: 'child', token: await estate.tokenFor(machine, toChild) },
    { name: 'a user’s, narrowed by exchange', reach: 'child', token: await ofUserNarrowed(toChild) },
    {
      name: 'a machine’s of an account by request',
      reach: 'account',
      token: await estate.tokenFor(machine, toAccount),
    },
    { name: 'a machine’s of an account by exchange', reach: 'account', token: await exchanged(toAccount) },
    { name: 'a user’s of an account by exchange', reach: 'account', token: await ofUserNarrowed(toAccount) },
  ];
}
