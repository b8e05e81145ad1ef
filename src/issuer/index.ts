/**
 * The issuer: what Twilio's clients ask a token server for. It does not know the protocol library, nor how clients are
 * authenticated.
 */
export { twilioAuthorizeRoute, twilioEndpoints, twilioTokenAddresses } from './token-endpoint/index.ts';
