import { requireOptions } from '../arguments.ts';
import type { Query } from './query.ts';

/** What the server says of a list. */
export interface PageMeta {
  readonly page_number?: number;
  readonly page_size?: number;
  readonly total_pages?: number;
  readonly total_results?: number;
}

/** One page of a list. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly meta: PageMeta;
}

/** Parts of `page[...]` and `filter[...]`, among others. */
export interface ListQuery extends Query {
  readonly page?: { readonly number?: number; readonly size?: number };
}

type Fetch<Item> = (query: Query) => Promise<Page<Item>>;

function startOf(query: ListQuery): number {
  const number = query.page?.number ?? query['page[number]'];
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : 1;
}

function queryOf(query: ListQuery, number: number): Query {
  const { 'page[number]': _, ...others } = query;
  return { ...others, page: { ...query.page, number } };
}

/**
 * A list, fetched as it is read: `for await (const client of api.oauthClients.list())` goes through all pages. The pages
 * are counted here, not by what the answers say of themselves, so a wrong `meta` cannot make it endless.
 */
export class Listing<Item> implements AsyncIterable<Item> {
  readonly #fetch: Fetch<Item>;
  readonly #query: ListQuery;

  constructor(fetch: Fetch<Item>, query: ListQuery = {}) {
    this.#fetch = fetch;
    this.#query = requireOptions('query', query);
  }

  /** One page: the first, or the one that the query names. */
  page(): Promise<Page<Item>> {
    return this.#fetch(queryOf(this.#query, startOf(this.#query)));
  }

  /** The pages from there on. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    for (let number = startOf(this.#query); ; number += 1) {
      const page = await this.#fetch(queryOf(this.#query, number));
      if (page.data.length === 0) return;
      yield page;
      if (page.meta.total_pages !== undefined && number >= page.meta.total_pages) return;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** All of it in one array. @param limit where to stop. */
  async all(limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
    const items: Item[] = [];
    if (limit < 1) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }
}
