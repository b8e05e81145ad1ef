import type { Listing, ListQuery } from './listing.ts';
import type { CallSettings, ChangeSettings, Place } from './place.ts';

/** Records that can be looked at. All methods throw as `CountersignClient.get` does. */
export class Records<Item, Query extends object = ListQuery> {
  protected readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  /** The records that the credentials may see. Nothing is sent before it is read. */
  list(query?: Query, options: CallSettings = {}): Listing<Item> {
    return this.place.list(query ?? {}, options);
  }

  async retrieve(id: string, options: CallSettings = {}): Promise<Item> {
    return this.place.below(id).state('GET', options);
  }
}

/** Records that can also be made, changed and removed. */
export class Collection<
  Item,
  Creation extends object,
  Changes extends object,
  Query extends object = ListQuery,
  Created = Item,
> extends Records<Item, Query> {
  /** Makes a record. */
  async create(record: Creation, options: CallSettings = {}): Promise<Created> {
    return this.place.record('POST', options, record);
  }

  /** Changes the members that are named and leaves the others. */
  async update(id: string, changes: Changes, options: ChangeSettings = {}): Promise<Item> {
    return this.place.below(id).state('PUT', options, changes);
  }

  /** Removes a record. */
  async delete(id: string, options: ChangeSettings = {}): Promise<void> {
    await this.place.below(id).remove(options);
  }
}

/** Records that can be barred and let in again. */
export class Suspendable<
  Item,
  Creation extends object,
  Changes extends object,
  Query extends object = ListQuery,
  Created = Item,
> extends Collection<Item, Creation, Changes, Query, Created> {
  /** Bars it until `resume`. */
  async suspend(sid: string, options: CallSettings = {}): Promise<Item> {
    return this.place.below(sid, 'suspend').record('POST', options);
  }

  async resume(sid: string, options: CallSettings = {}): Promise<Item> {
    return this.place.below(sid, 'resume').record('POST', options);
  }
}
