import { randomBytes } from 'node:crypto';
import Telnyx from 'telnyx';
import { hashSecret } from '../../src/base/index.ts';
import { type App, callback, openTown, resource, type Town } from '../flows/people/town.ts';
import type { Resident } from '../support/residents.ts';

/** Where the client may be pointed: the origin, and the prefix that it carries by default. */
export const prefixes = ['', '/v2'] as const;

/** Somebody who uses the real client with an API key of theirs. */
export interface Office {
  readonly town: Town;
  readonly app: App;
  readonly user: Resident;
  readonly key: string;
  /** The real client, by default with the API key and retries as they are. */
  clientAt(baseURL: string, options?: { readonly apiKey?: string | null; readonly maxRetries?: number }): Telnyx;
  /** Lets the user allow an app something, by the client alone. @returns code and verifier. */
  consent(telnyx: Telnyx, scope: string): Promise<{ readonly code: string; readonly verifier: string }>;
  /** The consent token of a new authorization request, as the page behind the redirects has it. */
  ask(
    telnyx: Telnyx,
    scope: string,
  ): Promise<{ readonly token: string; readonly verifier: string; readonly page: string }>;
}

/** Opens an office in a town of its own. */
export async function openOffice(): Promise<Office> {
  const town = await openTown();
  const user = await town.residents.makeUser();
  const { sid } = user;
  await town.house.database.sql`update memberships set role = 'owner' where user_sid = ${sid}`;
  const key = await town.residents.makeKey(sid, ['admin']);
  const app = await town.makeApp({ name: 'Weather for farmers' });
  const office: Office = {
    town,
    app,
    user,
    key,
    clientAt: (baseURL, { apiKey = key, maxRetries = 2 } = {}) =>
      new Telnyx({ apiKey, baseURL, maxRetries, clientID: null, clientSecret: null }),
    async ask(telnyx, scope) {
      const verifier = randomBytes(32).toString('base64url');
      const query = {
        response_type: 'code' as const,
        client_id: app.clientId,
        redirect_uri: callback,
        scope,
        state: 'the state',
        code_challenge: hashSecret(verifier).toString('base64url'),
        code_challenge_method: 'S256' as const,
        resource,
      };
      const response = await telnyx.oauth.retrieveAuthorize(query).asResponse();
      const token = new URL(response.url).searchParams.get('consent_token') ?? '';
      return { token, verifier, page: await response.text() };
    },
    async consent(telnyx, scope) {
      const { token, verifier } = await office.ask(telnyx, scope);
      const { redirect_uri: to } = await telnyx.oauth.grants({ allowed: true, consent_token: token });
      return { code: new URL(to).searchParams.get('code') ?? '', verifier };
    },
  };
  return office;
}
