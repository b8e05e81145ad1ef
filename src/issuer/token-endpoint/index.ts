/**
 * The token endpoint for Twilio's clients, `/v1/token` and `/v2/token`: how they spell parameters, what they send beside
 * them, and how they read refusals. It decides nothing on tokens: the protocol does, and takes these addresses as data.
 */
export { twilioTokenAddresses } from './addresses.ts';
export { twilioEndpoints } from './openapi.ts';
export { twilioAuthorizeRoute } from './routes.ts';
