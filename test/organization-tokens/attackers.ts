import { prove } from '../conformance/proofs.ts';
import type { ClientWish } from '../support/registry.ts';
import { type Answer, askWithForm, type ClientKey, tokenOf } from '../support/tokens.ts';
import { asClient, type SecretClient } from '../tokens/questions.ts';
import { type Estate, refusal } from './estate.ts';

/** What every token is told that cannot be exchanged, whatever is wrong with it. */
export const unusable = (which: string) => [
  400,
  'invalid_request',
  `The ${which} token is no live access token that this client may exchange.`,
];
/** What every place is told that a token cannot be narrowed to. */
export const outOfReach = [
  400,
  'invalid_target',
  'The organization or account is not within what the token could reach, or is suspended.',
];
/** Status and code of a refusal. */
export const code = (answer: Answer) => refusal(answer).slice(0, 2);

/** Makes a client of a stranger's that serves a resource. */
export async function makeServer(estate: Estate, resource: string, wish: ClientWish = {}): Promise<SecretClient> {
  const { organizationSid } = estate.tree.stranger;
  const server = await estate.makeMachine({ organizationSid, ...wish });
  await estate.house.database.sql`
    insert into resource_introspectors (resource_id, client_id)
    select id, ${server.clientId} from resources where identifier = ${resource}`;
  await estate.patiently(async () => {
    const token = await estate.tokenFor(estate.machine, { resource });
    return (await estate.exchange(server, token)).status === 200;
  });
  return server;
}

/** A machine's token that is bound to a key. */
export async function boundToken(
  { house }: Estate,
  client: SecretClient,
  key: ClientKey,
  resource: string,
): Promise<string> {
  const url = `${house.issuer}/oauth/token`;
  const headers = { ...asClient(client).headers, dpop: await prove(key, { url }) };
  const fields = { grant_type: 'client_credentials', resource };
  return tokenOf(await askWithForm(`${house.address}/oauth/token`, fields, headers));
}
