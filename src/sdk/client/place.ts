import { requireText } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';
import { ApiResponseError } from './errors.ts';
import { recordsOf } from './lines.ts';
import { Listing, type ListQuery, type Page, type PageMeta } from './listing.ts';
import type { Query } from './query.ts';
import type { Method, RequestOptions, Requests } from './requests.ts';

/** What a call on records may set. */
export type CallSettings = Omit<RequestOptions, 'body' | 'query'>;

/** What a call that changes or removes a record may set. */
export interface ChangeSettings extends CallSettings {
  /**
   * Only if nobody has changed the record since: the record as `retrieve` or `update` gave it, or its ETag. Otherwise
   * PreconditionFailedError is thrown.
   */
  readonly ifMatch?: string | object | undefined;
}

/** Under which ETag a record came. */
const tags = new WeakMap<object, string>();

function tagOf(ifMatch: string | object): string {
  const tag = typeof ifMatch === 'object' && ifMatch !== null ? tags.get(ifMatch) : ifMatch;
  if (typeof tag === 'string' && tag !== '') return tag;
  throw new InvalidArgumentError('ifMatch', 'must be an ETag, or a record that retrieve or update gave.');
}

function unlessChanged({ ifMatch, headers, ...options }: ChangeSettings): CallSettings {
  if (ifMatch === undefined) return headers === undefined ? options : { ...options, headers };
  return { ...options, headers: { ...headers, 'if-match': tagOf(ifMatch) } };
}

type Members = Readonly<Record<string, unknown>>;

function memberOf(path: string, body: unknown, member: string): unknown {
  const value = typeof body === 'object' && body !== null ? (body as Members)[member] : undefined;
  if (value !== undefined) return value;
  throw new ApiResponseError(
    `${path}: an answer without ${member}. Check baseUrl: it is the address of the server.`,
    200,
  );
}

function listIn<Item>(path: string, body: unknown): Item[] {
  const data = memberOf(path, body, 'data');
  if (!Array.isArray(data)) throw new ApiResponseError(`${path}: data is not a list.`, 200);
  return data as Item[];
}

function pageOf<Item>(path: string, body: unknown): Page<Item> {
  const data = listIn<Item>(path, body);
  const { meta = {} } = body as { readonly meta?: PageMeta };
  return { data, meta };
}

/** A path of the API, and how what it answers is read. */
export class Place {
  readonly #requests: Requests;
  readonly #path: string;

  constructor(requests: Requests, path: string) {
    this.#requests = requests;
    this.#path = path;
  }

  /** @param action what is done to the record, if it has a path of its own. @throws InvalidArgumentError */
  below(id: string, action?: string): Place {
    const record = `${this.#path}/${encodeURIComponent(requireText('id', id, 256))}`;
    return new Place(this.#requests, action === undefined ? record : `${record}/${action}`);
  }

  /** A path of the collection itself. */
  at(name: string): Place {
    return new Place(this.#requests, `${this.#path}/${name}`);
  }

  list<Item>(query: object, options: CallSettings): Listing<Item> {
    const path = this.#path;
    const fetch = async (page: Query) =>
      pageOf<Item>(path, (await this.#requests.send('GET', path, { ...options, query: page })).body);
    return new Listing(fetch, query as ListQuery);
  }

  async record<Item>(method: Method, options: CallSettings, body?: unknown): Promise<Item> {
    const answer = await this.#requests.send(method, this.#path, { ...options, body });
    return memberOf(this.#path, answer.body, 'data') as Item;
  }

  /** An answer that is no record: the whole of it. @param member one that it must have. */
  async answer<Item>(method: Method, member: string, options: CallSettings, body: unknown): Promise<Item> {
    const answer = await this.#requests.send(method, this.#path, { ...options, body });
    memberOf(this.#path, answer.body, member);
    return answer.body as Item;
  }

  /** A record in the state that its ETag stands for. */
  async state<Item>(method: Method, options: ChangeSettings = {}, body?: unknown): Promise<Item> {
    const answer = await this.#requests.send(method, this.#path, { ...unlessChanged(options), body });
    const record = memberOf(this.#path, answer.body, 'data');
    const tag = answer.headers.get('etag');
    if (tag !== null && typeof record === 'object' && record !== null) tags.set(record, tag);
    return record as Item;
  }

  async records<Item>(method: Method, options: CallSettings, body: unknown): Promise<Item[]> {
    return listIn(this.#path, (await this.#requests.send(method, this.#path, { ...options, body })).body);
  }

  async remove(options: ChangeSettings = {}): Promise<void> {
    await this.#requests.send('DELETE', this.#path, unlessChanged(options));
  }

  async *lines<Item>(query: object, options: CallSettings): AsyncGenerator<Item, void, undefined> {
    yield* recordsOf<Item>(await this.#requests.open(this.#path, { ...options, query: query as Query }));
  }
}
