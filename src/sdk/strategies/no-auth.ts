import { AuthStrategy } from './strategy.ts';

/** No credentials: for endpoints that take none. */
export class NoAuthStrategy extends AuthStrategy {
  constructor() {
    super('noauth');
  }

  async getAuthString(): Promise<string> {
    return '';
  }

  requiresAuthentication(): boolean {
    return false;
  }
}
