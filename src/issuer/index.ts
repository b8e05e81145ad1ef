/**
/**
 * Tokens in the style of the `twilio` package: AccessTokens, signed with the secret of an API key, and capability tokens,
 * signed with the auth token of an account. They are made and verified here, by REST and, plain requests, in an express
 * lane, and are found for introspections. None is ever kept. And the addresses at which Twilio's clients ask for OAuth's
 * tokens: how they spell a request, and how they are answered. It does not know the protocol library, nor how callers and
 * clients are found.
 */
export { mintingScope } from './access-tokens/routes.ts';
export { createIssuer, type Issuer } from './issuer.ts';
export { twilioAuthorizeRoute, twilioEndpoints, twilioTokenAddresses } from './token-endpoint/index.ts';
