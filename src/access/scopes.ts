import type { ApiKey } from '../accounts/index.ts';
import { managementScopes } from '../resources/index.ts';
import { scopesUnderPolicy } from './rules.ts';

/** Every scope of the management API. */
export const scopeNames: readonly string[] = managementScopes.map(({ name }) => name);

/** What an API key is good for by itself, before its user's role is looked at. */
export const scopesOfKey = ({ scopes, tokenPolicy }: ApiKey): readonly string[] =>
  tokenPolicy === null ? scopes : scopesUnderPolicy(scopes, scopeNames);
