import type { Browser, BrowserContext, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { createMember } from '../../../src/accounts/index.ts';
import { bySystem } from '../../../src/audit/index.ts';
import { createSealer } from '../../../src/base/index.ts';
import { openStore } from '../../../src/store/index.ts';
import { createLogger } from '../../../src/telemetry/index.ts';
import { openBrowser } from '../../support/browser.ts';
import { adminSettings } from '../../support/database.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type ClientWish, openRegistry, type Registry } from '../../support/registry.ts';
import { type Client, playClient } from './client.ts';
import { openSite, type Site } from './site.ts';

/** Somebody who can sign in. */
export interface Person {
  readonly sid: string;
  readonly email: string;
  readonly password: string;
}

/** The whole house, a browser, and an application on a site of its own. */
export interface Scene {
  readonly house: House;
  readonly registry: Registry;
  readonly browser: Browser;
  readonly site: Site;
  /** Makes a member of organizations; without any, of the demo's. */
  makePerson(...organizations: readonly string[]): Promise<Person>;
  /** Makes somebody who is a member nowhere. */
  makeStranger(): Promise<Person>;
  /** Registers a public web client on the site. */
  makeClient(wish?: ClientWish): Promise<Client>;
  /** A browser of its own, without cookies. Whatever it complains about fails the test. */
  openContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A tab in a browser of its own. */
  openTab(options?: BrowserContextOptions): Promise<Tab>;
  /** Lets a test go to another origin, or have the browser refuse something whose name is in its complaint. */
  allow(...expected: readonly string[]): void;
  /** Closes the browsers of a test. @throws Error with what they complained about. */
  endTest(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds. */
const patience = 5_000;

/** Chromium says so of every status that is no success, which pages of errors have on purpose. */
const isStatus = (message: string) => message.startsWith('Failed to load resource');

/** Puts down what a browser objects to, and whom it asks. */
function watch(context: BrowserContext, complaints: string[]): void {
  context.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !isStatus(message.text())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => complaints.push(`script: ${error.error().message}`));
  context.on('request', (request) => complaints.push(`request to ${request.url()}`));
}

/** The same, from inside: what a policy forbids is told to the page before anybody else. */
const tellViolations = `document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  console.error('policy: ' + effectiveDirective + ' ' + blockedURI))`;

/** Sets the scene. @param variables environment of the house. */
export async function openScene(variables: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const [house, browser, site] = await Promise.all([
    openHouse(variables),
    openBrowser(),
    openSite('https', 'app.localhost'),
  ]);
  const registry = await openRegistry(house);
  const store = await openStore(
    house.database.target,
    adminSettings,
    createLogger({ level: 'silent', format: 'json' }),
  );
  const sealer = createSealer(Buffer.alloc(32));
  const { sql } = house.database;
  const complaints: string[] = [];
  const open = new Set<BrowserContext>();
  const always = [house.issuer, site.origin].map((origin) => `request to ${origin}/`);
  const expected = new Set<string>();
  let people = 0;

  async function makePerson(...organizations: readonly string[]): Promise<Person> {
    people += 1;
    const person = { email: `person${people}@example.com`, password: `a password of person ${people}` };
    const [first = house.demo.organization_sid, ...more] = organizations;
    const sid = await store.management.$transaction((transaction) =>
      createMember(
        { transaction, actor: bySystem, sealer },
        { ...person, name: `Person ${people}` },
        { organizationSid: first, role: 'owner' },
      ),
    );
    for (const other of more) {
      await sql`insert into memberships (user_sid, organization_sid, role) values (${sid}, ${other}, 'developer')`;
    }
    return { sid, ...person };
  }

  async function openContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    // The application's certificate is its own; what is under test is not.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    context.setDefaultTimeout(patience);
    await context.addInitScript(tellViolations);
    watch(context, complaints);
    open.add(context);
    return context;
  }

  return {
    house,
    registry,
    browser,
    site,
    makePerson,
    async makeStranger() {
      const person = await makePerson();
      await sql`delete from memberships where user_sid = ${person.sid}`;
      return person;
    },
    async makeClient(wish = {}) {
      const redirectUri = `${site.origin}/callback`;
      const { clientId } = await registry.makeClient({
        name: 'Example App',
        clientType: 'public',
        allowedGrantTypes: ['authorization_code', 'refresh_token'],
        allowedScopes: ['openid', 'profile', 'email', 'org', 'offline_access', 'clients:read', 'grants:read'],
        redirectUris: [redirectUri],
        ...wish,
      });
      return playClient(house.issuer, clientId, wish.redirectUris?.[0] ?? redirectUri);
    },
    allow(...more) {
      for (const part of more) expected.add(part);
    },
    openContext,
    openTab: async (options) => (await openContext(options)).newPage(),
    async endTest() {
      await Promise.all([...open].map((context) => context.close()));
      open.clear();
      const known = [...always, ...expected];
      const told = complaints.splice(0).filter((complaint) => !known.some((part) => complaint.includes(part)));
      expected.clear();
      if (told.length > 0) throw new Error(`the browser complained:\n${told.join('\n')}`);
    },
    async close() {
      await browser.close();
      await site.close();
      await registry.close();
      await store.close();
      await house.close();
    },
  };
}
