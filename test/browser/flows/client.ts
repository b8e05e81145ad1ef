import * as oauth from 'oauth4webapi';
import type { Page as Tab } from 'playwright-core';

/** A request that an application has begun. */
export interface Begun {
  /** Where it sends the browser. */
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

/** What a browser brought to the application. */
export interface Came {
  readonly method: 'GET' | 'POST';
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the token endpoint handed out. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly id_token?: string | undefined;
  readonly scope?: string | undefined;
  /** Of the access token; none where it is opaque. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The application behind a redirect URI: a public client that sends browsers away and redeems what they bring back. */
export interface Client {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Begins a request for `openid clients:read` unless it says otherwise; an undefined parameter is left out. */
  begin(parameters?: Readonly<Record<string, string | undefined>>): Promise<Begun>;
  /** Waits for the browser to come back. */
  came(tab: Tab): Promise<Came>;
  /** What the userinfo endpoint says to a token. */
  userinfo(accessToken: string): Promise<Readonly<Record<string, unknown>>>;
  /** Waits for the browser, checks the answer as RFC 9207 and OpenID Connect want it, and redeems the code. */
  redeem(tab: Tab, begun: Begun): Promise<Tokens>;
}

const insecure = { [oauth.allowInsecureRequests]: true };

function decoded(token: string): Readonly<Record<string, unknown>> {
  const [, payload] = token.split('.');
  return payload === undefined ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

/** Plays the application of a client that is registered. */
export function playClient(issuer: string, clientId: string, redirectUri: string): Client {
  const registered = { client_id: clientId, id_token_signed_response_alg: 'ES256' };
  const server = {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    authorization_response_iss_parameter_supported: true,
  };

  async function came(tab: Tab): Promise<Came> {
    const text = await tab.locator('#came').textContent();
    if (!tab.url().startsWith(redirectUri)) throw new Error(`the browser came to ${tab.url()}`);
    return JSON.parse(text ?? '');
  }

  return {
    clientId,
    redirectUri,
    came,
    async begin(parameters = {}) {
      const state = oauth.generateRandomState();
      const verifier = oauth.generateRandomCodeVerifier();
      const all = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: 'openid clients:read',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...parameters,
      };
      const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
      return { url: `${server.authorization_endpoint}?${new URLSearchParams(given)}`, state, verifier };
    },
    async userinfo(accessToken) {
      const answer = await oauth.userInfoRequest(server, registered, accessToken, insecure);
      return (await answer.json()) as Readonly<Record<string, unknown>>;
    },
    async redeem(tab, { state, verifier }) {
      const { parameters } = await came(tab);
      const answer = oauth.validateAuthResponse(server, registered, new URLSearchParams({ ...parameters }), state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        registered,
        oauth.None(),
        answer,
        redirectUri,
        verifier,
        insecure,
      );
      const tokens = await oauth.processAuthorizationCodeResponse(server, registered, response);
      return { ...tokens, claims: decoded(tokens.access_token) };
    },
  };
}
