/** An authorization request without anything special in it. */
export interface AuthorizationQuery {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly resource: string | undefined;
  readonly state: string | undefined;
  /** Of S256 (RFC 7636). */
  readonly challenge: string;
}

/** Any other parameter means that there is something to decide which is decided elsewhere. */
const names = [
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'resource',
  'state',
  'code_challenge',
  'code_challenge_method',
];
const plainNames: ReadonlySet<string> = new Set(names);

const longestQuery = 2_048;

/** What percent-encoding decodes to without doubt. */
const plainText = /^[^\p{Cc}\uFFFD]+$/u;
const challengeSyntax = /^[\w.~-]{43,128}$/;

/** Each parameter once, in plain text. */
function membersOf(text: string): ReadonlyMap<string, string> | undefined {
  if (text.length > longestQuery) return undefined;
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (!plainNames.has(name) || members.has(name) || !plainText.test(value)) return undefined;
    members.set(name, value);
  }
  return members;
}

/** Reads a query. @returns nothing where there is anything that the library should look at. */
export function plainQuery(text: string): AuthorizationQuery | undefined {
  const members = membersOf(text);
  const isCode = members?.get('response_type') === 'code' && members.get('code_challenge_method') === 'S256';
  if (members === undefined || !isCode) return undefined;
  const [clientId, redirectUri, scope, challenge] = ['client_id', 'redirect_uri', 'scope', 'code_challenge'].map(
    (name) => members.get(name),
  );
  if (clientId === undefined || redirectUri === undefined || scope === undefined) return undefined;
  if (challenge === undefined || !challengeSyntax.test(challenge)) return undefined;
  return { clientId, redirectUri, scope, challenge, resource: members.get('resource'), state: members.get('state') };
}
