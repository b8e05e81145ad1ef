import { newSecret } from '../../src/base/index.ts';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { type Answer, askWithForm, grant } from '../support/tokens.ts';

type Text = Readonly<Record<string, string>>;

/** Low limits, behind a proxy that says where requests come from. */
const variables = {
  TRUST_PROXY: '1',
  RATE_LIMIT_EXEMPT: '203.0.113.0/24',
  RATE_LIMIT_CLIENT_FAILURES: '4',
  RATE_LIMIT_ADDRESS_FAILURES: '9',
  RATE_LIMIT_INACTIVE_INTROSPECTIONS: '4',
  RATE_LIMIT_PUSHED_REQUESTS: '4',
};

/** A request of a client from somewhere: with its secret, at the token endpoint, unless it says otherwise. */
export interface Attempt {
  readonly address: string;
  readonly secret?: string;
  readonly path?: string;
  readonly node?: House;
  readonly fields?: Text;
}

/** A client whose requests come from anywhere. */
export interface Traveller {
  readonly clientId: string;
  readonly clientSecret: string;
  attempt(attempt: Attempt): Promise<Answer>;
  /** An attempt with a secret that is none. */
  guess(address: string, more?: Partial<Attempt>): Promise<Answer>;
}

/** A house with low limits, and clients that come from many addresses. */
export interface Crowd {
  readonly house: House;
  readonly registry: Registry;
  makeTraveller(wish?: Parameters<Registry['makeClient']>[0]): Promise<Traveller>;
  /** Opens another node of the same house. */
  openNode(): Promise<House>;
  close(): Promise<void>;
}

let last = 0;

/** An address that nobody has come from. */
export function newAddress(): string {
  last += 1;
  return `198.51.${100 + Math.floor(last / 200)}.${last % 200}`;
}

/** The header in which the proxy says where a request comes from. */
export const from = (address: string) => ({ 'x-forwarded-for': address });

/** Repeats something until it is refused by a limit. @returns how often it was not. */
export async function untilLimited(send: () => Promise<Answer>, most = 40): Promise<number> {
  for (let times = 0; times < most; times += 1) if ((await send()).status === 429) return times;
  throw new Error(`nobody was refused ${most} times`);
}

/** Opens a crowd. */
export async function openCrowd(): Promise<Crowd> {
  const house = await openHouse(variables);
  const registry = await openRegistry(house);
  const nodes: House[] = [];
  return {
    house,
    registry,
    async makeTraveller(wish = {}) {
      const { clientId, clientSecret } = await registry.makeClient(wish);
      const attempt: Traveller['attempt'] = (it) => {
        const { path = '/oauth/token', node = house, fields = grant, secret = clientSecret } = it;
        const body = { ...fields, client_id: clientId, client_secret: secret };
        return askWithForm(`${node.address}${path}`, body, from(it.address));
      };
      const guess: Traveller['guess'] = (address, more = {}) => attempt({ address, secret: newSecret(), ...more });
      return { clientId, clientSecret, attempt, guess };
    },
    async openNode() {
      const node = await openHouse(variables, house);
      nodes.push(node);
      return node;
    },
    async close() {
      await registry.close();
      for (const node of nodes) await node.close();
      await house.close();
    },
  };
}
