import { fault, isSid, ok, type Result } from '../../base/index.ts';

/** Parameters in order; the same name may stand in them more than once. */
export type Parameters = ReadonlyArray<readonly [name: string, value: string]>;

/** How the names of parameters may be written: as OAuth writes them, or besides that as `GrantType` or `grantType`. */
export type Spelling = 'snake_case' | 'any';

/** What is wrong with a request, in one public sentence. */
export type Settled = Result<Parameters, string>;

/** The parameters of the token endpoint: RFC 6749, 7521, 7636, 8693 and 8707, and ours. */
export const tokenParameters = [
  ...['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'],
  ...['code', 'code_verifier', 'redirect_uri', 'refresh_token', 'scope', 'resource', 'audience'],
  ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'],
  ...['account_sid', 'org_id'],
] as const;

/** The parameters of the authorization endpoint (RFC 6749 section 4.1.1, RFC 7636, RFC 8707, OpenID Connect Core). */
export const authorizationParameters = [
  ...['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge', 'code_challenge_method'],
  ...['response_mode', 'nonce', 'prompt', 'login_hint', 'resource', 'organization'],
] as const;

/** Every way to write the known names, each with the name as OAuth writes it. */
export type Spellings = ReadonlyMap<string, string>;

const camelCase = (name: string) => name.replaceAll(/_([a-z])/g, (_whole, letter: string) => letter.toUpperCase());
const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** The ways to write some names. */
export const spellingsOf = (names: readonly string[]): Spellings =>
  new Map(
    names.flatMap((name) => [name, camelCase(name), capitalised(camelCase(name))].map((way) => [way, name] as const)),
  );

/**
 * The parameters under the names that OAuth has for them. What is not known here is left as it is. One parameter in two
 * spellings has no one value, and one in a spelling that is not read would be left out in silence, a scope for instance.
 */
export function settleSpelling(parameters: Parameters, spellings: Spellings, allowed: Spelling): Settled {
  const written = new Map<string, string>();
  const settled: Array<readonly [string, string]> = [];
  for (const [way, value] of parameters) {
    const name = spellings.get(way) ?? way;
    if (allowed === 'snake_case' && way !== name) return fault(`Spell the parameter ${way} as ${name} here.`);
    const before = written.get(name);
    if (before !== undefined && before !== way) {
      return fault(`The request has ${before} and ${way}, which are one parameter: send one of them.`);
    }
    written.set(name, way);
    settled.push([name, value]);
  }
  return ok(settled);
}

/**
 * What the URL adds to the body: `account_sid`, where one of Twilio's clients puts it. Any other parameter of the endpoint
 * belongs in the body, and what is not known is nobody's.
 */
export function takeFromQuery(query: Parameters, body: Parameters, known: Spellings): Settled {
  const named = query.filter(([name]) => known.has(name));
  const [account, ...more] = named;
  if (account === undefined) return ok(body);
  if (more.length > 0 || account[0] !== 'account_sid') {
    return fault('Send the parameters in the body, not in the URL; account_sid alone may stand there, once.');
  }
  if (body.some(([name]) => name === 'account_sid')) {
    return fault('The parameter account_sid stands in the URL and in the body: send it in one of them.');
  }
  return ok([...body, account]);
}

/** What Twilio's clients call `audience` is what the token is for: our `resource` (RFC 8707). */
export function asResource(parameters: Parameters): Settled {
  const audience = parameters.filter(([name]) => name === 'audience');
  if (audience.length === 0) return ok(parameters);
  const [first] = audience;
  if (audience.length > 1) return fault('The parameter audience stands in the request twice.');
  const others = parameters.filter(([name]) => name !== 'audience');
  const resources = others.filter(([name]) => name === 'resource');
  if (resources.some(([, value]) => value !== first?.[1])) {
    return fault('audience and resource name different things, and a token is for one: send one of them.');
  }
  return ok(resources.length > 0 ? others : [...others, ['resource', first?.[1] ?? '']]);
}

const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** Whether an Authorization header has the credentials of an account or an API key, whatever its password. */
export function isOfAccount(header: string): boolean {
  const [user = '', password] = Buffer.from(basic.exec(header)?.[1] ?? '', 'base64')
    .toString('latin1')
    .split(':', 2);
  return password !== undefined && (isSid('account', user) || isSid('apiKey', user));
}
