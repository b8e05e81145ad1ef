import { expect } from '@jest/globals';
import * as openid from 'openid-client';
import type { Resident } from '../../support/residents.ts';
import { rowCounts } from '../../support/rows.ts';
import { type Answer, send } from '../../support/tokens.ts';
import { type App, openTown, prepare, type Town, type Wish } from './town.ts';

export const frontend = 'https://portal.example/allow?lang=de';

/** A request that waits for its answer. */
export interface Waiting {
  /** Where the browser was sent. */
  readonly url: URL;
  readonly token: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly checks: openid.AuthorizationCodeGrantChecks;
}

/** A town whose questions are put by a frontend of somebody else, in the name of Ada. */
export interface Portal {
  readonly town: Town;
  readonly ada: Resident;
  /** An API key of hers that may do everything. */
  readonly key: string;
  look(token: string, credential?: string): Promise<Answer>;
  answer(token: string, allowed: boolean, credential?: string): Promise<Answer>;
  /** Lets an app ask for something. */
  wait(app: App, wish: Wish): Promise<Waiting>;
  /** Redeems the code of an answer that allowed something. */
  redeem(app: App, waiting: Waiting, answer: Answer): ReturnType<typeof openid.authorizationCodeGrant>;
  /** An access token of Ada's for this server's own API, in the hands of an app. */
  accessTokenFor(app: App, scope: string): Promise<string>;
  /** Has a refusal, after which nothing has been made. */
  expectNothing(status: number, attempt: () => Promise<Answer>): Promise<void>;
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** Opens a portal. @param variables of the environment; by default browsers are sent to the frontend. */
export async function openPortal(
  variables: Readonly<Record<string, string>> = { CONSENT_URL: frontend },
): Promise<Portal> {
  const town = await openTown(variables);
  const ada = await town.residents.makeUser();
  const key = await town.residents.makeKey(ada.sid, ['admin']);
  const { issuer, database } = town.house;
  const portal: Portal = {
    town,
    ada,
    key,
    look: (token, credential = key) => send(`${issuer}/oauth/consent/${token}`, { headers: bearer(credential) }),
    answer: (token, allowed, credential = key) =>
      send(`${issuer}/v2/oauth/grants`, {
        method: 'POST',
        headers: { ...bearer(credential), 'content-type': 'application/json' },
        body: JSON.stringify({ allowed, consent_token: token }),
      }),
    async wait(app, wish) {
      const { parameters, checks } = await prepare(app, wish);
      const { url } = await town.browserOf().begin(parameters);
      return { url, token: url.searchParams.get('consent_token') ?? '', checks, parameters };
    },
    redeem: (app, { checks }, { body }) =>
      openid.authorizationCodeGrant(app.config, new URL(String(body['redirect_uri'])), checks),
    async accessTokenFor(app, scope) {
      const waiting = await portal.wait(app, { scope });
      return (await portal.redeem(app, waiting, await portal.answer(waiting.token, true))).access_token;
    },
    async expectNothing(status, attempt) {
      const before = await rowCounts(database.sql);
      const refused = await attempt();
      expect([refused.status, refused.body['redirect_uri']]).toEqual([status, undefined]);
      expect(refused.headers.get('content-type')).toContain('application/json');
      expect(await rowCounts(database.sql)).toEqual(before);
    },
  };
  return portal;
}
