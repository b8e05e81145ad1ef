import type { Page as Tab } from 'playwright-core';
import type { Person } from './scene.ts';

/** Presses a button by all that is written on it. */
export const press = (tab: Tab, name: string): Promise<void> => tab.getByRole('button', { name, exact: true }).click();

/** Waits for the page with a heading. */
export const arriveAt = (tab: Tab, heading: string | RegExp): Promise<void> =>
  tab.getByRole('heading', { level: 1, name: heading }).waitFor();

/** Fills in and sends the sign-in form. */
export async function signIn(tab: Tab, { email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  await tab.getByLabel('E-mail address').fill(email);
  await tab.getByLabel('Password').fill(password);
  await press(tab, 'Sign in');
}

/** Goes all the way as somebody of one organization: signs in and allows everything. */
export async function goThrough(tab: Tab, url: string, person: Person): Promise<void> {
  await tab.goto(url);
  await signIn(tab, person);
  await press(tab, 'Allow');
}
