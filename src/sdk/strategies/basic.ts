import { requireText } from '../arguments.ts';
import { base64 } from '../base64.ts';
import { InvalidArgumentError } from '../errors.ts';
import { AuthStrategy } from './strategy.ts';

/** `Authorization: Basic` (RFC 7617): an API key's SID and its secret, in UTF-8. */
export class BasicAuthStrategy extends AuthStrategy {
  readonly #value: string;

  /** @throws InvalidArgumentError */
  constructor(username: string, password: string) {
    super('basic');
    const name = requireText('username', username);
    if (name.includes(':')) throw new InvalidArgumentError('username', 'must not contain a colon.');
    this.#value = `Basic ${base64(`${name}:${requireText('password', password)}`)}`;
  }

  async getAuthString(): Promise<string> {
    return this.#value;
  }

  requiresAuthentication(): boolean {
    return true;
  }
}
