import type { JWTPayload } from 'jose';
import { type House, openHouse } from '../support/house.ts';
import { openRegistry, type Registry } from '../support/registry.ts';
import { askWithForm, byAssertion, type ClientKey, goodClaims, makeKey, signAssertion } from '../support/tokens.ts';

type Fields = Readonly<Record<string, string>>;

/** A house with a client that has two keys, and short words for what the tests of assertions do over and over. */
export interface AssertionDesk {
  readonly house: House;
  readonly registry: Registry;
  readonly ec: ClientKey;
  readonly rsa: ClientKey;
  /** The client that has both keys. */
  readonly id: string;
  /** Makes a client with keys. @returns its id. */
  makeClient(...keys: readonly ClientKey[]): Promise<string>;
  /** Signs claims, by default those of a good assertion with the first key. */
  signed(claims?: JWTPayload, key?: ClientKey, header?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Presents an assertion at a path. @returns `token`, or the status and the error code. */
  outcome(path: string, assertion: string, extra?: Fields): Promise<string>;
  close(): Promise<void>;
}

export async function openAssertionDesk(): Promise<AssertionDesk> {
  const house = await openHouse();
  const registry = await openRegistry(house);
  const [ec, rsa] = await Promise.all([makeKey('ES256'), makeKey('RS256')]);
  async function makeClient(...keys: readonly ClientKey[]): Promise<string> {
    const jwks = { keys: keys.map((key) => key.publicJwk) };
    return (await registry.makeClient({ authMethod: 'private_key_jwt', jwks, allowedScopes: [] })).clientId;
  }
  const id = await makeClient(ec, rsa);
  return {
    house,
    registry,
    ec,
    rsa,
    id,
    makeClient,
    signed: (claims = goodClaims(id, house.issuer), key = ec, header = {}) => signAssertion(key, claims, header),
    async outcome(path, assertion, extra = {}) {
      const { status, body } = await askWithForm(house.issuer + path, { ...byAssertion(assertion), ...extra });
      return status === 200 ? 'token' : `${status} ${body['error']}`;
    },
    async close() {
      await registry.close();
      await house.close();
    },
  };
}
