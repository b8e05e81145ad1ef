import type { Tag } from './types.ts';

/** What is said of each heading, in the order in which they stand. One that is not named here stands behind them. */
export const tags: readonly Tag[] = [
  { name: 'OAuth clients', description: 'Applications that get tokens here: their secrets, redirect URIs and scopes.' },
  { name: 'OAuth grants', description: 'What users have allowed clients, until it is revoked.' },
  { name: 'Organizations', description: 'Tenants, in a tree: what reaches one reaches those beneath it.' },
  { name: 'Accounts', description: 'Accounts of an organization, each with an auth token.' },
  { name: 'Users', description: 'People, and their roles in organizations.' },
  { name: 'API keys', description: 'Credentials of users for programs, restricted by scopes.' },
  {
    name: 'Public keys',
    description: 'Public keys of accounts, whose private halves sign the calls of their API keys.',
  },
  { name: 'AccessTokens', description: 'Short-lived tokens for browsers and phones, signed with an API key.' },
  { name: 'Capability tokens', description: 'The older tokens of devices, signed with the auth token of an account.' },
  { name: 'Resources', description: 'What tokens are for (RFC 8707): scopes, format and lifetime of their tokens.' },
  { name: 'Signing keys', description: 'The keys that sign tokens, and their rotation.' },
  { name: 'Sessions', description: 'Where users are signed in.' },
  { name: 'Audit events', description: 'Who did what to which thing, and from where.' },
  { name: 'OAuth', description: 'Getting, checking and revoking tokens.' },
  { name: 'Twilio clients', description: 'The addresses that the twilio clients call, in their dialect.' },
  { name: 'Consent', description: 'Asking users for consent in a frontend of your own.' },
  { name: 'Registration', description: 'Clients that register themselves (RFC 7591 and 7592).' },
  { name: 'Discovery', description: 'What programs read to find out the rest.' },
];
