import { destinationOf } from './destination.ts';
import { backHref, displayName, externalHref, initials } from './display.ts';
import type { Texts } from './texts.ts';
import type {
  ClientOnPage,
  ConsentPage,
  ErrorPage,
  Flow,
  LoginPage,
  LogoutPage,
  NoOrganizationPage,
  OrganizationPage,
  Page,
  ScopeGroup,
  SignedOutPage,
} from './types.ts';
import { emphasize, fill, plural } from './words.ts';

/** What a template is filled with: nothing is left to decide there but what to leave out. */
export interface View {
  readonly template: string;
  /** The one heading of the page, as plain text. */
  readonly heading: string;
  /** Whether something that was typed is wrong. */
  readonly failed?: boolean;
  readonly [name: string]: unknown;
}

interface Wording {
  readonly texts: Texts;
  /** Name of the brand. */
  readonly brand: string;
}

function clientView({ id, name, hasLogo }: ClientOnPage) {
  const logo = hasLogo ? `/oauth/logos/${encodeURIComponent(id)}` : undefined;
  return { name: displayName(name), initials: initials(name), logo };
}

function accountView(texts: Texts, email: string, action: string) {
  return {
    email,
    initial: initials(email).slice(0, 1),
    signedInAs: emphasize(texts.account.signedInAs, { email }),
    switch: texts.account.switch,
    action,
  };
}

const flowView = ({ consentToken, csrf }: Flow) => ({ consentToken, csrf });

function loginError(error: LoginPage['error'], { lang, login }: Texts): string | undefined {
  if (error === undefined) return undefined;
  return error.kind === 'wrong' ? login.wrong : plural(login.throttled, error.minutes, lang);
}

function loginView(page: LoginPage, { texts }: Wording): View {
  const client = clientView(page.client);
  return {
    template: 'login',
    heading: texts.login.heading,
    failed: page.error !== undefined,
    t: texts.login,
    client,
    flow: flowView(page),
    intro: emphasize(texts.login.intro, { client: client.name }),
    email: page.email ?? '',
    error: loginError(page.error, texts),
    wrong: page.error?.kind === 'wrong',
    focus: (page.email ?? '') === '' ? 'email' : 'password',
    action: page.actions.signIn,
    deny: { action: page.actions.deny, text: emphasize(texts.login.cancel, { client: client.name }) },
  };
}

function organizationView(page: OrganizationPage, { texts }: Wording): View {
  const client = clientView(page.client);
  const roles: Readonly<Record<string, string>> = texts.organization.roles;
  const selected = page.selected ?? page.organizations[0]?.sid;
  return {
    template: 'organization',
    heading: texts.organization.heading,
    t: texts.organization,
    client,
    flow: flowView(page),
    intro: emphasize(texts.organization.intro, { client: client.name }),
    account: accountView(texts, page.email, page.actions.switch),
    organizations: page.organizations.map(({ sid, name, role }) => ({
      sid,
      name: displayName(name),
      role: roles[role] ?? role,
      selected: sid === selected,
    })),
    action: page.actions.choose,
    deny: { action: page.actions.deny, text: emphasize(texts.organization.cancel, { client: client.name }) },
  };
}

function noOrganizationView(page: NoOrganizationPage, { texts }: Wording): View {
  const own = texts.noOrganization;
  const isForeign = page.reason === 'foreign';
  const client = clientView(page.client);
  return {
    template: 'no-organization',
    heading: isForeign ? own.foreignHeading : own.heading,
    client,
    flow: flowView(page),
    intro: emphasize(isForeign ? own.foreignIntro : own.intro, { client: client.name, email: page.email }),
    account: accountView(texts, page.email, page.actions.switch),
    deny: { action: page.actions.deny, label: fill(own.cancel, { client: client.name }) },
  };
}

function groupView({ resource, scopes }: ScopeGroup, { consent }: Texts) {
  return {
    name: resource === undefined ? consent.profile : displayName(resource),
    scopes: scopes.map(({ value, name, description, required }) => ({
      value,
      text: displayName(description ?? name, 200),
      required,
    })),
  };
}

function destinationView(redirectUri: string, client: string, { consent }: Texts) {
  const destination = destinationOf(redirectUri);
  const { kind } = destination;
  const fillings = { host: kind === 'app' ? '' : destination.host, scheme: kind === 'app' ? destination.scheme : '' };
  return {
    destination: emphasize(consent.destination[kind], fillings),
    warning: kind === 'web' ? undefined : emphasize(consent.warning[kind], { client }),
  };
}

function consentLinks({ policyUri, tosUri }: ConsentPage['client'], client: string, { consent }: Texts) {
  return [
    { href: externalHref(policyUri), text: fill(consent.policy, { client }) },
    { href: externalHref(tosUri), text: fill(consent.terms, { client }) },
  ].filter(({ href }) => href !== undefined);
}

/** What is not known of a client. The id of one that is known by its metadata document is where that lies. */
function unverifiedView({ id, verified }: ClientOnPage, { texts: { consent }, brand }: Wording): string | undefined {
  if (verified) return undefined;
  const published = id.startsWith('https://') ? URL.parse(id) : null;
  if (published === null) return fill(consent.unverified, { brand });
  return fill(consent.unverifiedAt, { brand, host: published.host });
}

function consentView(page: ConsentPage, wording: Wording): View {
  const { texts, brand } = wording;
  const { consent } = texts;
  const client = clientView(page.client);
  const heading = { client: client.name };
  const organization = displayName(page.organization);
  return {
    template: 'consent',
    heading: fill(consent.heading, heading),
    headingMarkup: emphasize(consent.heading, heading),
    t: consent,
    newTab: texts.opensNewTab,
    client,
    flow: flowView(page),
    verified: page.client.verified ? fill(consent.verified, { brand }) : undefined,
    unverified: unverifiedView(page.client, wording),
    account: {
      ...accountView(texts, page.email, page.actions.switch),
      actingFor: emphasize(consent.actingFor, { organization }),
    },
    groups: page.groups.map((group) => groupView(group, texts)),
    optional: page.groups.some(({ scopes }) => scopes.some(({ required }) => !required)),
    ...destinationView(page.redirectUri, client.name, texts),
    allow: { action: page.actions.allow },
    deny: { action: page.actions.deny },
    links: consentLinks(page.client, client.name, texts),
  };
}

function logoutView(page: LogoutPage, { texts, brand }: Wording): View {
  const { logout, account } = texts;
  const client = page.client === undefined ? undefined : displayName(page.client);
  const { email } = page;
  return {
    template: 'logout',
    heading: logout.heading,
    t: logout,
    intro: client === undefined ? emphasize(logout.intro, { brand }) : emphasize(logout.introClient, { client, brand }),
    email:
      email === undefined
        ? undefined
        : {
            address: email,
            initial: initials(email).slice(0, 1),
            signedInAs: emphasize(account.signedInAs, { email }),
          },
    action: page.action,
    xsrf: page.xsrf,
  };
}

/** A link with a text, unless its address is one that no link should have. */
function linkView(href: string, text: string) {
  const safe = backHref(href);
  return safe === undefined ? undefined : { href: safe, text };
}

function signedOutView({ link, stayed }: SignedOutPage, { texts }: Wording): View {
  const { heading, intro, stayedHeading, stayedIntro, back } = texts.signedOut;
  return {
    template: 'signed-out',
    heading: stayed ? stayedHeading : heading,
    intro: stayed ? stayedIntro : intro,
    link: link && linkView(link.href, fill(back, { client: displayName(link.client) })),
  };
}

function errorLink(link: ErrorPage['link'], { error }: Texts) {
  if (link === undefined) return undefined;
  if (link.to === 'start') return linkView(link.href, error.startAgain);
  return linkView(link.href, fill(error.backToClient, { client: displayName(link.client) }));
}

/** What happens in the ordinary course of things, and alarms nobody. */
const calm: ReadonlySet<ErrorPage['error']> = new Set(['answered', 'expired', 'not_found', 'unavailable']);

function errorView({ error, detail, requestId, link }: ErrorPage, { texts }: Wording): View {
  const { heading, sentence, advice } = texts.errors[error];
  return {
    template: 'error',
    heading,
    t: texts.error,
    calm: calm.has(error),
    sentence,
    detail: detail === undefined ? undefined : displayName(detail, 500),
    advice,
    requestId,
    link: errorLink(link, texts),
  };
}

type Views = { readonly [Kind in Page['kind']]: (page: Extract<Page, { kind: Kind }>, wording: Wording) => View };

const views: Views = {
  login: loginView,
  organization: organizationView,
  no_organization: noOrganizationView,
  consent: consentView,
  logout: logoutView,
  signed_out: signedOutView,
  error: errorView,
};

/** Works out all that a page says, in words. */
export function viewOf(page: Page, wording: Wording): View {
  const view = views[page.kind] as (page: Page, wording: Wording) => View;
  return view(page, wording);
}
