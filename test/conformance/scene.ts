import { type House, openHouse } from '../support/house.ts';
import { type ClientWish, openRegistry, type Registry } from '../support/registry.ts';
import { type Answer, askWithForm, basic } from '../support/tokens.ts';
import { challenge, openVisitor, type Visitor, verifier } from './visitor.ts';

type Text = Readonly<Record<string, string>>;

/** A confidential client that acts for people. */
export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A house, an application at it, and a person with a browser. */
export interface Scene {
  readonly house: House;
  readonly registry: Registry;
  readonly app: App;
  readonly person: Visitor;
  /** A confidential client of the code flow; it may ask for all of `appScopes`. */
  makeApp(wish?: ClientWish): Promise<App>;
  /** The parameters of a good authorization request of the app. */
  request(changes?: Text): Text;
  /** A code that the person has just allowed the app. */
  code(changes?: Text): Promise<string>;
  /** Redeems a code as the app, unless the changes say otherwise. */
  redeem(code: string, changes?: Text, headers?: Text): Promise<Answer>;
  refresh(token: unknown, changes?: Text, headers?: Text): Promise<Answer>;
  close(): Promise<void>;
}

export const callback = 'https://app.example/callback';
export const otherCallback = 'https://app.example:8443/cb?tenant=a%2Fb';
export const signedOut = 'https://app.example/bye';
export const appScopes = ['openid', 'profile', 'email', 'offline_access', 'clients:read', 'grants:read', 'read'];

/** Removes what stands as an empty text: a parameter that is left out. */
const present = (parameters: Text): Text =>
  Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ''));

/** Opens a scene. @param variables environment of the house. */
export async function openScene(variables: Text = {}): Promise<Scene> {
  const house = await openHouse(variables);
  const registry = await openRegistry(house);
  const makeApp: Scene['makeApp'] = (wish = {}) =>
    registry.makeClient({
      allowedGrantTypes: ['authorization_code', 'refresh_token'],
      allowedScopes: appScopes,
      redirectUris: [callback, otherCallback],
      postLogoutRedirectUris: [signedOut],
      ...wish,
    });
  const app = await makeApp();
  const person = openVisitor(house);
  const asApp = basic(app.clientId, app.clientSecret);
  const ask = (fields: Text, headers: Text) =>
    askWithForm(
      `${house.address}/oauth/token`,
      present(fields),
      'client_id' in fields ? headers : { ...asApp, ...headers },
    );

  const scene: Scene = {
    house,
    registry,
    app,
    person,
    makeApp,
    request: (changes = {}) =>
      present({
        response_type: 'code',
        client_id: app.clientId,
        redirect_uri: callback,
        scope: 'clients:read',
        state: 'a state',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...changes,
      }),
    async code(changes = {}) {
      const { told, last } = await person.authorize(scene.request(changes));
      if (told['code'] === undefined)
        throw new Error(`no code: ${last.status} ${last.headers.get('location')} ${last.text}`);
      return told['code'];
    },
    redeem: (code, changes = {}, headers = {}) =>
      ask(
        { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: callback, ...changes },
        headers,
      ),
    refresh: (token, changes = {}, headers = {}) =>
      ask({ grant_type: 'refresh_token', refresh_token: String(token), ...changes }, headers),
    async close() {
      await registry.close();
      await house.close();
    },
  };
  return scene;
}
