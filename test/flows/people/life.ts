import { expect } from '@jest/globals';
import * as openid from 'openid-client';
import type { Person } from '../../support/person.ts';
import type { Resident } from '../../support/residents.ts';
import { within } from '../../support/within.ts';
import { type App, obtain, prepare, refreshTokenOf, resource, type Tokens, type Town, toldBy } from './town.ts';

/** What every app here asks for: offline access, so that nothing ends with a session. */
export const offline = { scope: 'openid offline_access read', resource, prompt: 'consent' };

/** Somebody with a session, tokens of two clients, and one code that waits. */
export interface Life {
  readonly resident: Resident;
  readonly person: Person;
  readonly mine: Tokens;
  readonly others: Tokens;
}

export async function live(town: Town, app: App, other: App): Promise<Life> {
  const resident = await town.residents.makeUser();
  const person = town.browserOf(resident);
  const mine = await obtain(app, person, offline);
  return { resident, person, mine, others: await obtain(other, person, offline) };
}

/** Which of a client's tokens count: access, refresh, and whether the refresh token refreshes. */
export async function standingOf({ config }: App, tokens: Tokens): Promise<string> {
  const isActive = async (token: string) => (await openid.tokenIntrospection(config, token)).active;
  const active = [await isActive(tokens.access_token), await isActive(refreshTokenOf(tokens))];
  return active.every((yes) => yes) ? 'lives' : active.some((yes) => yes) ? 'half' : 'ended';
}

/** Whether a refresh token refreshes, or why not. */
export const refreshes = ({ config }: App, tokens: Tokens) =>
  openid.refreshTokenGrant(config, refreshTokenOf(tokens)).then(
    () => true,
    // A 401 is told by its challenge.
    (error) => (error.error ?? error.cause?.[0]?.parameters.error) as string,
  );

/** Waits until nothing of what a client has counts, and sees that it stays so. */
export async function expectEnded(client: App, tokens: Tokens, error = 'invalid_grant'): Promise<void> {
  await within(2000, async () => (await standingOf(client, tokens)) === 'ended');
  expect(await refreshes(client, tokens)).toBe(error);
}

/** What the userinfo endpoint answers to an access token. */
export async function userinfoStatus(town: Town, { access_token: token }: Tokens): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${town.house.issuer}/oauth/userinfo`, { headers })).status;
}

/** Whether a browser is signed in. */
export const isSignedIn = async (app: App, person: Person) => {
  const { parameters } = await prepare(app, { scope: 'openid', prompt: 'none' });
  return toldBy(await person.authorize(parameters))['error'] !== 'login_required';
};
