import { type House, openHouse } from '../support/house.ts';
import { type ClientWish, openRegistry, type Registry } from '../support/registry.ts';
import { openTenantMaker, type Tenant } from '../support/tenant.ts';
import { type Answer, askWithForm, tokenOf } from '../support/tokens.ts';
import { within } from '../support/within.ts';
import { asClient, type SecretClient } from '../tokens/questions.ts';

export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** Resources of the platform, and one of the organization in the middle. */
export const resources = {
  jwt: 'https://api.example/estate',
  rs256: 'https://api.example/estate-rs256',
  opaque: 'https://api.example/estate-opaque',
  own: 'https://api.example/estate-own',
  /** For clients that registered themselves. */
  open: 'https://api.example/estate-open',
} as const;

const scopes = ['read', 'write', 'delete'];

type Text = Readonly<Record<string, string>>;

/** A tree of organizations, each with a user, an account and a key, and a client of the one in the middle. */
export interface Estate {
  readonly house: House;
  readonly registry: Registry;
  /** From above: the client's organization is `own`; `child` is beneath it, `parent` above, `sibling` beside. */
  readonly tree: Readonly<Record<'parent' | 'own' | 'child' | 'grandchild' | 'sibling' | 'stranger', Tenant>>;
  /** A machine of `own`, with every scope, that may exchange tokens. */
  readonly machine: SecretClient;
  /** Another one. */
  readonly makeMachine: (wish?: ClientWish) => Promise<SecretClient>;
  /** Asks for a token of a machine. */
  ask(client: SecretClient, more?: Text, address?: string): Promise<Answer>;
  /** The same, and takes the token out. */
  tokenFor(client: SecretClient, more?: Text): Promise<string>;
  /** Asks for an exchange of a token. */
  exchange(client: SecretClient, token: string, more?: Text, address?: string): Promise<Answer>;
  /** Waits for what a node hears of by the feed. */
  patiently(holds: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

async function plantTree(house: House): Promise<Estate['tree']> {
  const { make, close } = await openTenantMaker(house);
  const parent = await make({ name: 'Parent' });
  const own = await make({ name: 'Own', parent: parent.organizationSid });
  const child = await make({ name: 'Child', parent: own.organizationSid });
  const grandchild = await make({ name: 'Grandchild', parent: child.organizationSid });
  const sibling = await make({ name: 'Sibling', parent: parent.organizationSid });
  const stranger = await make();
  await close();
  return { parent, own, child, grandchild, sibling, stranger };
}

/** Opens a house with an estate in it. */
export async function openEstate(): Promise<Estate> {
  const house = await openHouse();
  const registry = await openRegistry(house);
  const tree = await plantTree(house);
  const { organizationSid } = tree.own;
  await registry.makeResource({ identifier: resources.jwt, scopes });
  await registry.makeResource({ identifier: resources.rs256, scopes, signingAlg: 'RS256' });
  await registry.makeResource({ identifier: resources.opaque, scopes, tokenFormat: 'opaque' });
  await registry.makeResource({ identifier: resources.own, scopes, organizationSid });
  await registry.makeResource({ identifier: resources.open, scopes, acceptsRegisteredClients: true });

  const makeMachine = (wish: ClientWish = {}) =>
    registry.makeClient({
      organizationSid,
      allowedGrantTypes: ['client_credentials', tokenExchange],
      allowedScopes: ['admin', ...scopes],
      ...wish,
    });
  const machine = await makeMachine();
  const post = (client: SecretClient, fields: Text, address = house.address) =>
    askWithForm(`${address}/oauth/token`, fields, asClient(client).headers);
  const ask: Estate['ask'] = (client, more = {}, address = house.address) =>
    post(client, { grant_type: 'client_credentials', ...more }, address);
  return {
    house,
    registry,
    tree,
    machine,
    makeMachine,
    ask,
    tokenFor: async (client, more) => tokenOf(await ask(client, more)),
    exchange: (client, token, more = {}, address = house.address) =>
      post(
        client,
        { grant_type: tokenExchange, subject_token: token, subject_token_type: accessTokenType, ...more },
        address,
      ),
    patiently: (holds) => within(10_000, holds),
    async close() {
      await registry.close();
      await house.close();
    },
  };
}

/** What a refusal says: its status, code and sentence. */
export const refusal = ({ status, body }: Answer): readonly unknown[] => [
  status,
  body['error'],
  body['error_description'],
];
