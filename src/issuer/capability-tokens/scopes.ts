import { fault, ok, type Result } from '../../base/index.ts';

/** A parameter of a scope. */
export type ScopeValue = string | number | boolean;

/** A scope that somebody wishes for. */
export type ScopeWish =
  | { readonly type: 'incoming'; readonly client_name: string }
  | {
      readonly type: 'outgoing';
      readonly application_sid: string;
      readonly client_name?: string | undefined;
      readonly params?: Readonly<Record<string, ScopeValue>> | undefined;
    }
  | { readonly type: 'events'; readonly filters?: Readonly<Record<string, ScopeValue>> | undefined };

/** A scope as a token has it, taken apart. */
export type Scope =
  | { readonly type: 'incoming'; readonly client_name: string | null }
  | {
      readonly type: 'outgoing';
      readonly application_sid: string | null;
      readonly client_name: string | null;
      readonly params: Readonly<Record<string, string>> | null;
    }
  | { readonly type: 'events'; readonly path: string | null; readonly filters: Readonly<Record<string, string>> | null }
  | { readonly type: 'other'; readonly scope: string; readonly parameters: Readonly<Record<string, string>> };

/** Pairs in their order, encoded here and once more where they stand. */
const pairs = (values: Readonly<Record<string, ScopeValue>>) =>
  Object.entries(values)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');

/** A scope as the `twilio` package writes it, to the byte. */
export function writeScope(wish: ScopeWish): string {
  if (wish.type === 'incoming') return `scope:client:incoming?clientName=${encodeURIComponent(wish.client_name)}`;
  if (wish.type === 'events') {
    const path = 'scope:stream:subscribe?path=/2010-04-01/Events';
    const { filters = {} } = wish;
    return Object.keys(filters).length === 0 ? path : `${path}&appParams=${encodeURIComponent(pairs(filters))}`;
  }
  const query = [`appSid=${encodeURIComponent(wish.application_sid)}`];
  if (wish.client_name !== undefined) query.push(`clientName=${encodeURIComponent(wish.client_name)}`);
  if (wish.params !== undefined) query.push(`appParams=${encodeURIComponent(pairs(wish.params))}`);
  return `scope:client:outgoing?${query.join('&')}`;
}

type Pairs = ReadonlyMap<string, string>;

/** Percent-encoded UTF-8, where a space may be `%20` (Node) or `+` (Python). */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // No percent-encoding: the scope is refused for it.
    return undefined;
  }
}

/** Reads pairs, in whatever order they stand. Nothing where one cannot be read, or a name stands twice. */
function readPairs(query: string): Pairs | undefined {
  const read = new Map<string, string>();
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const at = pair.indexOf('=');
    const name = decoded(at === -1 ? pair : pair.slice(0, at));
    const value = decoded(at === -1 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined || read.has(name)) return undefined;
    read.set(name, value);
  }
  return read;
}

const plain = (found: Pairs) => Object.fromEntries(found);

/** The pairs within a value; null where there are none, nothing where they cannot be read. */
function innerPairs(text: string | undefined): Readonly<Record<string, string>> | null | undefined {
  if (text === undefined) return null;
  const found = readPairs(text);
  return found && plain(found);
}

const shape = /^(scope:[a-z]+:[a-z]+)(?:\?(.*))?$/;

function readScope(text: string): Scope | undefined {
  const [, scope, query = ''] = shape.exec(text) ?? [];
  const found = readPairs(query);
  if (scope === undefined || found === undefined) return undefined;
  const [client, appSid] = [found.get('clientName') ?? null, found.get('appSid') ?? null];
  if (scope === 'scope:client:incoming') return { type: 'incoming', client_name: client };
  // Node calls the filters of events appParams, Python params.
  const inner = innerPairs(found.get('appParams') ?? (scope.includes(':stream:') ? found.get('params') : undefined));
  if (inner === undefined) return undefined;
  if (scope === 'scope:client:outgoing') {
    return { type: 'outgoing', application_sid: appSid, client_name: client, params: inner };
  }
  if (scope === 'scope:stream:subscribe') return { type: 'events', path: found.get('path') ?? null, filters: inner };
  return { type: 'other', scope, parameters: plain(found) };
}

/** Takes the scopes of a client capability apart. @returns them, or the place of the first that cannot be read. */
export function readScopes(text: string): Result<readonly Scope[], number> {
  const scopes: Scope[] = [];
  for (const [index, part] of text.split(' ').entries()) {
    const scope = part === '' ? undefined : readScope(part);
    if (scope === undefined && text !== '') return fault(index);
    if (scope !== undefined) scopes.push(scope);
  }
  return ok(scopes);
}
