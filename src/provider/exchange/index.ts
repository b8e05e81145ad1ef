/**
 * Token exchange (RFC 8693): a client narrows a token that was issued to it, or acts on with one that was sent to it. It
 * decides by the token as introspection knows it; what is made of it never reaches, may or lives more.
 */
import type { Provider } from 'oidc-provider';
import { tokenExchange } from '../../clients/index.ts';
import { translated } from '../failures.ts';
import { type ExchangeParts, exchangeHandler } from './handler.ts';
import { exchangeParameters, repeatable } from './request.ts';

export { tokenTypes } from './request.ts';

/** Adds the grant to the token endpoint. The library authenticates the client, and asks whether it has the grant. */
export function registerTokenExchange(provider: Provider, parts: ExchangeParts): void {
  const exchange = exchangeHandler(parts);
  provider.registerGrantType(tokenExchange, (ctx) => translated(() => exchange(ctx)), exchangeParameters, repeatable);
}
