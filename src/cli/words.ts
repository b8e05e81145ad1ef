import type { Operation } from '../api/index.ts';

/** What the collections of the API are called at the command line. */
const nouns: Readonly<Record<string, string>> = {
  oauth_clients: 'clients',
  oauth_grants: 'grants',
  organizations: 'orgs',
  accounts: 'accounts',
  users: 'users',
  api_keys: 'api-keys',
  public_keys: 'public-keys',
  access_tokens: 'access-tokens',
  capability_tokens: 'capability-tokens',
  resources: 'resources',
  signing_keys: 'keys',
  sessions: 'sessions',
  audit_events: 'audit',
};

const isParameter = (segment: string) => segment.startsWith('{');
const dashed = (segment: string) => segment.replaceAll('_', '-');

/** What is done to a collection or to one of its records, where the path names no action. */
const verbs: Readonly<Record<Operation['method'], readonly [ofCollection: string, ofRecord: string]>> = {
  get: ['list', 'get'],
  post: ['create', 'create'],
  put: ['update', 'update'],
  delete: ['delete-all', 'delete'],
};

/** A last segment is an action where nothing is listed there: `POST /users/{sid}/suspend`. */
function isAction(operation: Operation, segments: readonly string[], operations: readonly Operation[]): boolean {
  const last = segments.at(-1) ?? '';
  if (segments.length < 2 || isParameter(last) || last === 'export') return last === 'export';
  const hasMore = operations.some(
    ({ path, id }) => id !== operation.id && (path === operation.path || path.startsWith(`${operation.path}/{`)),
  );
  return operation.method === 'post' && !hasMore;
}

/** The words of the command that carries an operation out, and the names of its arguments. */
export interface Words {
  readonly words: readonly string[];
  readonly arguments: readonly string[];
}

/** Names every operation: `GET /oauth_clients/{id}` is `clients get <id>`. Nothing for what has no noun. */
export function wordsOf(operation: Operation, operations: readonly Operation[]): Words | undefined {
  const segments = operation.path
    .replace(/^\/v1(?=\/)/, '')
    .split('/')
    .slice(1);
  const noun = nouns[segments[0] ?? ''];
  if (noun === undefined) return undefined;
  const literals = segments.slice(1).filter((segment) => !isParameter(segment));
  const [ofCollection, ofRecord] = verbs[operation.method];
  const action = isAction(operation, segments, operations);
  const verb = isParameter(segments.at(-1) ?? '') ? ofRecord : ofCollection;
  return {
    words: [noun, ...literals.map(dashed), ...(action ? [] : [verb])],
    arguments: segments.filter(isParameter).map((segment) => segment.slice(1, -1)),
  };
}
