import { isMembers } from '../compact.ts';
import type { Members } from '../types.ts';

/** A rule of a TaskRouter capability, as it stands in the token. */
export interface Policy {
  readonly url: string;
  readonly method: string;
  readonly query_filter: Members;
  readonly post_filter: Members;
  /** False denies, and nothing else does away with that. */
  readonly allow: boolean;
}

/** A request that a capability is asked about. */
export interface AskedRequest {
  /** Absolute. */
  readonly url: string;
  readonly method: string;
  /** Parameters of the query beside those in the URL. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly post?: Readonly<Record<string, string>> | undefined;
}

/** What comes of the policies for a request. */
export interface Decision {
  readonly allowed: boolean;
  /** Why, for people. */
  readonly reason: string;
}

const mostPolicies = 128;

function isPolicy(value: unknown): value is Policy {
  if (!isMembers(value)) return false;
  const { url, method, query_filter: query, post_filter: post, allow } = value as unknown as Policy;
  const isText = typeof url === 'string' && typeof method === 'string';
  return isText && isMembers(query) && isMembers(post) && typeof allow === 'boolean';
}

/** Reads the policies of a payload. Nothing where they are none: a policy that cannot be read could be one that denies. */
export function readPolicies(value: unknown): readonly Policy[] | undefined {
  return Array.isArray(value) && value.length <= mostPolicies && value.every(isPolicy) ? value : undefined;
}

interface Place {
  readonly origin: string;
  /** Decoded, so that no other spelling of an address gets past a policy. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

function placeOf(url: string): Place | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname, searchParams } = new URL(url);
  try {
    const segments = pathname.split('/').filter((segment) => segment !== '');
    return { origin: `${protocol}//${host}`, segments: segments.map(decodeURIComponent), query: searchParams };
  } catch {
    // A path that is not percent-encoded UTF-8 is nobody's.
    return undefined;
  }
}

/** `*` stands for one segment, `**` at the end for one or more. */
function isPathWithin(pattern: readonly string[], segments: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '**';
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  const isLongEnough = isOpen ? segments.length > fixed.length : segments.length === fixed.length;
  return isLongEnough && fixed.every((segment, index) => segment === '*' || segment === segments[index]);
}

type Values = ReadonlyMap<string, string>;

const isRequired = (rule: unknown) => isMembers(rule) && rule['required'] === true;
const isUnderstood = (rule: unknown) => isMembers(rule) && typeof rule['required'] === 'boolean';

/**
 * Whether parameters pass a filter: what it requires is there, and of an allowing one nothing else than it names. An
 * empty filter passes everything. What is not understood never allows, and never keeps a denial from counting.
 */
function passes(filter: Members, values: Values, allow: boolean): boolean {
  const rules = Object.entries(filter);
  if (rules.length === 0) return true;
  const hasAll = rules.every(([name, rule]) => !isRequired(rule) || values.has(name));
  if (!allow) return hasAll;
  return (
    hasAll &&
    rules.every(([, rule]) => isUnderstood(rule)) &&
    [...values.keys()].every((name) => Object.hasOwn(filter, name))
  );
}

/** A method, and what the request carries. */
interface Asked {
  readonly method: string;
  readonly place: Place;
  readonly query: Values;
  readonly post: Values;
}

function fits(policy: Policy, { method, place, query, post }: Asked): boolean {
  const own = placeOf(policy.url);
  if (own === undefined || own.origin !== place.origin || policy.method.toUpperCase() !== method) return false;
  if (!isPathWithin(own.segments, place.segments)) return false;
  return passes(policy.query_filter, query, policy.allow) && passes(policy.post_filter, post, policy.allow);
}

/** Decides on a request: a policy that denies wins, and where none fits the answer is no. */
export function decide(policies: readonly Policy[], { url, method, query = {}, post = {} }: AskedRequest): Decision {
  const place = placeOf(url);
  if (place === undefined) return { allowed: false, reason: 'The URL cannot be read.' };
  const asked: Asked = {
    method: method.toUpperCase(),
    place,
    query: new Map([...place.query, ...Object.entries(query)]),
    post: new Map(Object.entries(post)),
  };
  const fitting = policies.filter((policy) => fits(policy, asked));
  if (fitting.some(({ allow }) => !allow)) return { allowed: false, reason: 'A policy denies it.' };
  if (fitting.length === 0) return { allowed: false, reason: 'No policy allows it.' };
  return { allowed: true, reason: 'A policy allows it, and none denies it.' };
}
