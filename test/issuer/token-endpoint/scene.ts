import { createHash } from 'node:crypto';
import { freePort, type House, openHouse } from '../../support/house.ts';
import { openPerson } from '../../support/person.ts';
import { openRegistry, type Registry } from '../../support/registry.ts';
import { type Answer, askWithForm, send } from '../../support/tokens.ts';

type Text = Readonly<Record<string, string>>;

export const opaqueResource = 'https://api.example/opaque';
export const verifier = 'a-verifier-of-more-than-forty-three-characters-in-length';
const redirectUri = 'https://app.example/callback';

/** A SID of an account, or of an API key, that nobody here knows. */
export const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;
export const keySid = `SK${'0123456789abcdef'.repeat(2)}`;

/** A server, and what its token endpoint is asked with. */
export interface Scene {
  readonly house: House;
  readonly registry: Registry;
  /** The demo's machine client, as OAuth spells it. */
  readonly credentials: Text;
  /** The same with the grant. */
  readonly machine: Text;
  /** A public client whose users are people. */
  readonly app: { readonly clientId: string; readonly redirectUri: string };
  /** Asks at a path, with a query if there is one. */
  ask(path: string, fields: Text, headers?: Text): Promise<Answer>;
  /** A code for the app. @param path of the authorization endpoint. */
  code(wish: { readonly scope: string; readonly resource?: string }, path?: string): Promise<string>;
  /** Under which routes requests were measured so far. */
  routes(): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const adminPort = await freePort();
  const house = await openHouse({ ADMIN_PORT: String(adminPort) });
  const registry = await openRegistry(house);
  const { demo } = house;
  await registry.makeResource({ identifier: opaqueResource, tokenFormat: 'opaque' });
  const { clientId } = await registry.makeClient({
    clientType: 'public',
    allowedGrantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: [redirectUri],
    allowedScopes: ['read', 'clients:read', 'openid', 'email'],
  });
  const credentials = { client_id: demo.client_id, client_secret: demo.client_secret };
  return {
    house,
    registry,
    credentials,
    machine: { grant_type: 'client_credentials', ...credentials },
    app: { clientId, redirectUri },
    ask: (path, fields, headers = {}) => askWithForm(house.address + path, fields, headers),
    async code({ scope, resource }, path = '/oauth/authorize') {
      const person = openPerson(house, { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' });
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(resource === undefined ? {} : { resource }),
      });
      const { url } = await person.answer(await person.open(`${path}?${query}`));
      const code = url.searchParams.get('code');
      if (code === null) throw new Error(`no code: ${url}`);
      return code;
    },
    async routes() {
      const { text } = await send(`http://127.0.0.1:${adminPort}/metrics`);
      return new Set(
        [...text.matchAll(/http_request_duration_seconds_count\{.*?route="([^"]+)"/g)].map(([, at]) => at ?? ''),
      );
    },
    async close() {
      await registry.close();
      await house.close();
    },
  };
}
