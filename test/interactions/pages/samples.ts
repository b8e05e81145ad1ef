import type { ConsentPage, ErrorName, Page } from '../../../src/interactions/pages/index.ts';
import { english } from '../../../src/interactions/pages/texts.ts';

const flow = { consentToken: 'consent-token', csrf: 'csrf-token', formTargets: ['https://app.acme.example/callback'] };
const email = 'ada.lovelace@acme.example';
const client = { id: `OQ${'1'.repeat(32)}`, name: 'Acme Dialer', verified: true, hasLogo: true };
const stranger = { id: `OQ${'2'.repeat(32)}`, name: 'Call Notes', verified: false, hasLogo: false };
const deny = '/oauth/interaction/deny';
const again = '/oauth/interaction/switch';

const login = {
  kind: 'login',
  ...flow,
  client,
  email: undefined,
  error: undefined,
  actions: { signIn: '/oauth/interaction/login', deny },
} as const;

const consent: ConsentPage = {
  kind: 'consent',
  ...flow,
  client: {
    ...client,
    policyUri: 'https://acme.example/privacy',
    tosUri: 'https://acme.example/terms',
  },
  email,
  organization: 'Acme Telephony',
  redirectUri: 'https://app.acme.example/callback',
  groups: [
    {
      resource: undefined,
      scopes: [
        { value: 'openid', name: 'openid', description: 'Know who you are', required: true },
        { value: 'email', name: 'email', description: 'See your e-mail address', required: false },
      ],
    },
    {
      resource: 'Voice API',
      scopes: [
        { value: '1 calls:read', name: 'calls:read', description: 'See calls and their recordings', required: false },
        { value: '1 calls:write', name: 'calls:write', description: 'Make calls at your expense', required: false },
        { value: '1 numbers:read', name: 'numbers:read', description: undefined, required: false },
      ],
    },
  ],
  actions: { allow: '/oauth/interaction/consent', deny, switch: again },
};

const errorNames = Object.keys(english.errors) as ErrorName[];

function errorPage(error: ErrorName): Page {
  const links = {
    expired: { to: 'client', href: 'https://app.acme.example/', client: 'Acme Dialer' },
    stale_form: { to: 'start', href: '/oauth/interaction?consent_token=T' },
  } as const;
  const details: Partial<Record<ErrorName, string>> = {
    invalid_request: 'The parameter code_challenge is missing. Send one, made with S256 (RFC 7636).',
  };
  return {
    kind: 'error',
    error,
    detail: details[error],
    requestId: '7f0c2e0a-4e0b-4a6e-9b67-2f6a5a1d9c11',
    link: error in links ? links[error as keyof typeof links] : undefined,
  };
}

const long = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** One of each page, and of those that look different in another state. Keys are names of files. */
export const samples: Readonly<Record<string, Page>> = {
  login,
  'login-wrong': { ...login, email, error: { kind: 'wrong' } },
  'login-throttled': { ...login, email, error: { kind: 'throttled', minutes: 14 } },
  'login-stranger': { ...login, client: stranger },
  organization: {
    kind: 'organization',
    ...flow,
    client,
    email,
    organizations: [
      { sid: `OR${'1'.repeat(32)}`, name: 'Acme Telephony', role: 'owner' },
      { sid: `OR${'2'.repeat(32)}`, name: 'Acme Telephony (Staging)', role: 'developer' },
      { sid: `OR${'3'.repeat(32)}`, name: 'Babbage & Sons', role: 'viewer' },
    ],
    selected: undefined,
    actions: { choose: '/oauth/interaction/organization', deny, switch: again },
  },
  'foreign-organization': {
    kind: 'no_organization',
    reason: 'foreign',
    ...flow,
    client,
    email,
    actions: { deny, switch: again },
  },
  'no-organization': {
    kind: 'no_organization',
    reason: 'none',
    ...flow,
    client,
    email,
    actions: { deny, switch: again },
  },
  consent,
  'consent-unverified': { ...consent, client: { ...stranger, policyUri: undefined, tosUri: undefined } },
  'consent-loopback': {
    ...consent,
    client: { ...stranger, name: 'Acme CLI', policyUri: undefined, tosUri: undefined },
    redirectUri: 'http://127.0.0.1:53682/callback',
    formTargets: ['http://127.0.0.1:53682/callback'],
  },
  'consent-app': {
    ...consent,
    redirectUri: 'com.acme.phone:/callback',
    formTargets: ['com.acme.phone:/callback'],
    groups: consent.groups.map((group) => ({
      ...group,
      scopes: group.scopes.map((scope) => ({ ...scope, required: true })),
    })),
  },
  'consent-long': {
    ...consent,
    client: { ...consent.client, name: `${long} ${long}`, hasLogo: false },
    email: `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.example`,
    organization: long,
    redirectUri: `https://${'d'.repeat(60)}.${'e'.repeat(60)}.example/callback`,
    groups: [
      {
        resource: long,
        scopes: [
          { value: 'a', name: 'a', description: `${long} ${long}`, required: true },
          { value: 'b', name: `${'scope:'.repeat(12)}read`, description: undefined, required: false },
        ],
      },
    ],
  },
  logout: {
    kind: 'logout',
    action: '/oauth/logout/confirm',
    xsrf: 'xsrf-token',
    client: 'Acme Dialer',
    email,
    formTargets: ['https://app.acme.example/bye'],
  },
  'still-signed-in': { kind: 'signed_out', stayed: true, link: undefined },
  'signed-out': {
    kind: 'signed_out',
    stayed: false,
    link: { href: 'https://app.acme.example/', client: 'Acme Dialer' },
  },
  ...Object.fromEntries(errorNames.map((error) => [`error-${error.replaceAll('_', '-')}`, errorPage(error)])),
};

/** A consent page with other values in places. */
export const consentWith = (changes: Partial<ConsentPage>): ConsentPage => ({ ...consent, ...changes });
