import { InvalidArgumentError } from '../errors.ts';

type Scalar = string | number | boolean;

/** Query parameters. Members of objects become brackets: `{ page: { size: 50 } }` is `page[size]=50`. */
export interface Query {
  readonly [name: string]: Scalar | readonly Scalar[] | Query | undefined;
}

type Pair = readonly [name: string, value: string];

function pairsOf(name: string, value: Query[string]): readonly Pair[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return [[name, value.join(',')]];
  if (typeof value === 'object' && value !== null) return membersOf(value as Query, (member) => `${name}[${member}]`);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return [[name, String(value)]];
  }
  throw new InvalidArgumentError(`query.${name}`, 'must be a text, a number, a boolean, or an object of these.');
}

function membersOf(query: Query, nameOf: (member: string) => string): readonly Pair[] {
  return Object.entries(query).flatMap(([member, value]) => pairsOf(nameOf(member), value));
}

/**
 * The address of a request.
 * @param path from the slash after the base, so that credentials never leave for another server.
 * @throws InvalidArgumentError
 */
export function urlOf(base: URL, path: string, query: Query = {}): URL {
  if (typeof path !== 'string' || !/^\/(?![/\\])[^?#\\]*$/.test(path)) {
    throw new InvalidArgumentError('path', 'must begin with one slash, and have its query in the option query.');
  }
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) {
    throw new InvalidArgumentError('path', 'must not contain the segments . or ..');
  }
  const url = new URL(`${base.origin}${base.pathname.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of membersOf(query, (member) => member)) url.searchParams.append(name, value);
  return url;
}
