import { refuse, requiredText } from '../checks.ts';

/** What an AccessToken takes as a grant; those of the `twilio` package are taken too. */
export interface GrantLike {
  readonly key: string;
  toPayload(): unknown;
}

/** One thing that an AccessToken allows. Extend it for a grant that is not here. */
export abstract class Grant<Payload = object> implements GrantLike {
  /** The member of `grants` in the token. */
  key: string;

  protected constructor(key: string) {
    this.key = grantKey('key', key);
  }

  /** What stands in the token under `key`. */
  abstract toPayload(): Payload;
}

/** A grant's name. `identity` stands in the same object and must not be replaced by a grant. */
export function grantKey(field: string, value: unknown): string {
  const key = requiredText(field, value);
  if (key === 'identity' || key === '__proto__') return refuse(field, `must not be ${key}`);
  return key;
}
