import * as openid from 'openid-client';
import { type House, openHouse } from '../../support/house.ts';
import { type Answers, openPerson, type Person } from '../../support/person.ts';
import { type ClientWish, openRegistry, type Registry } from '../../support/registry.ts';
import { openResidents, type Resident, type Residents } from '../../support/residents.ts';

type Text = Readonly<Record<string, string>>;

/** A client of the code flow, as its own developers see it. */
export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** openid-client, set up for it by discovery. */
  readonly config: openid.Configuration;
}

export interface AppWish extends ClientWish {
  /** How it authenticates. Default: by its secret with HTTP Basic, or not at all where it is public. */
  readonly authentication?: openid.ClientAuth;
}

/** A whole house with people and clients in it. */
export interface Town {
  readonly house: House;
  readonly registry: Registry;
  readonly residents: Residents;
  /** Makes a client, confidential unless it says otherwise, which may ask for everything of OpenID Connect and `read`. */
  makeApp(wish?: AppWish): Promise<App>;
  /** Sets openid-client up for a client that exists. */
  discover(clientId: string, authentication: openid.ClientAuth): Promise<openid.Configuration>;
  /** A new browser of a resident; of the demo's user where nobody is named. */
  browserOf(resident?: Resident): Person;
  close(): Promise<void>;
}

export const callback = 'https://app.example/callback';
/** A resource of JWTs with the scopes `read` and `write`, which every client here may ask for. */
export const resource = 'https://api.example/';
/** Another with `read` alone, whose tokens are opaque. */
export const opaqueResource = 'https://opaque.example/';
export const openidScopes = 'openid profile email org';

/** Opens a town. */
export async function openTown(variables: Text = {}): Promise<Town> {
  const house = await openHouse(variables);
  const registry = await openRegistry(house);
  const residents = await openResidents(house);
  await registry.makeResource({ identifier: resource, scopes: ['read', 'write'] });
  await registry.makeResource({ identifier: opaqueResource, tokenFormat: 'opaque' });
  const discover: Town['discover'] = (clientId, authentication) =>
    openid.discovery(new URL(house.issuer), clientId, undefined, authentication, {
      execute: [openid.allowInsecureRequests],
    });
  return {
    house,
    registry,
    residents,
    discover,
    async makeApp({ authentication, ...wish } = {}) {
      const { clientId, clientSecret } = await registry.makeClient({
        allowedGrantTypes: ['authorization_code', 'refresh_token'],
        allowedScopes: [...openidScopes.split(' '), 'offline_access', 'read', 'write', 'clients:read'],
        redirectUris: [callback],
        ...wish,
      });
      const own = clientSecret === '' ? openid.None() : openid.ClientSecretBasic(clientSecret);
      const config = await discover(clientId, authentication ?? own);
      return { clientId, clientSecret, config, redirectUri: wish.redirectUris?.[0] ?? callback };
    },
    browserOf: (resident) => openPerson(house, resident),
    async close() {
      await residents.close();
      await registry.close();
      await house.close();
    },
  };
}

/** What a client asks for, beyond what every request has. A state, a nonce and a verifier are made where none is given. */
export type Wish = Text & { readonly scope: string };

/** A request of a client, and what it keeps to check the answer with. */
export interface Asking {
  readonly parameters: Text;
  readonly checks: openid.AuthorizationCodeGrantChecks;
}

/** Prepares a request as openid-client would have it, all checks on. */
export async function prepare(app: App, wish: Wish): Promise<Asking> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const isOpenid = wish.scope.split(' ').includes('openid');
  const nonce: Text = isOpenid ? { nonce: openid.randomNonce() } : {};
  const parameters: Text = {
    redirect_uri: app.redirectUri,
    state,
    ...nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...wish,
  };
  const url = openid.buildAuthorizationUrl(app.config, parameters);
  return {
    parameters: Object.fromEntries(url.searchParams),
    checks: {
      pkceCodeVerifier: verifier,
      expectedState: parameters['state'] ?? openid.skipStateCheck,
      idTokenExpected: isOpenid,
      ...(parameters['nonce'] === undefined ? {} : { expectedNonce: parameters['nonce'] }),
      ...(wish['max_age'] === undefined ? {} : { maxAge: Number(wish['max_age']) }),
    },
  };
}

export type Tokens = Awaited<ReturnType<typeof openid.authorizationCodeGrant>>;

/** The whole of it: asks, has the person answer, and redeems the code. */
export async function obtain(app: App, person: Person, wish: Wish, answers?: Partial<Answers>): Promise<Tokens> {
  const { parameters, checks } = await prepare(app, wish);
  const url = await person.authorize(parameters, answers);
  return openid.authorizationCodeGrant(app.config, url, checks);
}

/** The refresh token of an answer, which must have one. */
export function refreshTokenOf({ refresh_token: token }: Tokens): string {
  if (token === undefined) throw new Error('there is no refresh token');
  return token;
}

/** What an error redirect tells the client. */
export const toldBy = (url: URL): Text => Object.fromEntries(url.searchParams);
