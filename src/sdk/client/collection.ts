import { requireText } from '../arguments.ts';
import { ApiResponseError } from './errors.ts';
import { Listing, type ListQuery, type Page, type PageMeta } from './listing.ts';
import type { Draft, ManagementRecord } from './records.ts';
import type { Method, RequestOptions } from './requests.ts';

/** Sends a request and gives back its JSON. */
export type Send = (method: Method, path: string, options?: RequestOptions) => Promise<unknown>;

/** What a call on one record may set. */
export type CallSettings = Omit<RequestOptions, 'body' | 'query'>;

type Members = Readonly<Record<string, unknown>>;

function memberOf(path: string, body: unknown, member: string): unknown {
  const value = typeof body === 'object' && body !== null ? (body as Members)[member] : undefined;
  if (value !== undefined) return value;
  throw new ApiResponseError(
    `${path}: an answer without ${member}. Check baseUrl: it is the address of the server.`,
    200,
  );
}

function pageOf<Item>(path: string, body: unknown): Page<Item> {
  const data = memberOf(path, body, 'data');
  if (!Array.isArray(data)) throw new ApiResponseError(`${path}: data is not a list.`, 200);
  const { meta = {} } = body as { readonly meta?: PageMeta };
  return { data: data as Item[], meta };
}

/** The records of one kind, at one path. All methods throw as `CountersignClient.get` does. */
export class Collection<Item extends ManagementRecord, NewItem extends Draft = Draft> {
  readonly #send: Send;
  readonly #path: string;

  constructor(send: Send, path: string) {
    this.#send = send;
    this.#path = path;
  }

  /** The records that the credentials may see. Nothing is sent before it is read. */
  list(query: ListQuery = {}, options: CallSettings = {}): Listing<Item> {
    const path = this.#path;
    return new Listing(
      async (page) => pageOf<Item>(path, await this.#send('GET', path, { ...options, query: page })),
      query,
    );
  }

  /** Makes a record. */
  async create(draft: NewItem, options: CallSettings = {}): Promise<Item> {
    return this.#record(await this.#send('POST', this.#path, { ...options, body: draft }));
  }

  async retrieve(id: string, options?: CallSettings): Promise<Item> {
    return this.#record(await this.#send('GET', this.#pathOf(id), options));
  }

  /** Changes the members that are named and leaves the others. */
  async update(id: string, changes: Partial<NewItem>, options: CallSettings = {}): Promise<Item> {
    return this.#record(await this.#send('PUT', this.#pathOf(id), { ...options, body: changes }));
  }

  /** Removes a record. @returns what the server says of it: mostly nothing. */
  async delete(id: string, options?: CallSettings): Promise<Item | undefined> {
    const body = await this.#send('DELETE', this.#pathOf(id), options);
    return body === undefined ? undefined : this.#record(body);
  }

  #pathOf(id: string): string {
    return `${this.#path}/${encodeURIComponent(requireText('id', id, 256))}`;
  }

  #record(body: unknown): Item {
    return memberOf(this.#path, body, 'data') as Item;
  }
}
