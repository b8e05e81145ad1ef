import { z } from 'zod';
import type { Endpoint } from '../../api/index.ts';
import { authorizationParameters } from './rules.ts';

const tag = 'Twilio clients';
const mediaTypes = ['application/x-www-form-urlencoded', 'application/json'] as const;

const tokenRequest = z
  .looseObject({
    grant_type: z.string().describe('client_credentials, authorization_code, refresh_token or that of RFC 8693.'),
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
    code: z.string().optional(),
    code_verifier: z.string().optional(),
    redirect_uri: z.string().optional(),
    refresh_token: z.string().optional(),
    scope: z.string().optional().describe('Space-separated. Default: all that the client has at the resource.'),
    audience: z.string().optional().describe('What the token is for; the same as `resource`.'),
    account_sid: z.string().optional().describe('The one account that the token is for.'),
    org_id: z.string().optional().describe('The one organization that the token is for.'),
  })
  .meta({ id: 'TwilioTokenRequest' });

const tokenAnswer = z
  .looseObject({
    access_token: z.string().describe('A JWT that says when it ends.'),
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int().min(0).describe('Seconds.'),
    scope: z.string().optional(),
    refresh_token: z.string().optional(),
    id_token: z.string().optional(),
  })
  .meta({ id: 'TwilioToken', description: 'Tokens.' });

const tokenQuery = z.looseObject({
  account_sid: z.string().optional().describe('Where the Python client puts it. Not in the body as well.'),
});

const shared = { dialect: 'twilio', tag, refusals: [400, 401, 413, 415, 429, 503] } as const;

const tokenEndpoint = {
  ...shared,
  method: 'post',
  proofs: ['clientSecret', 'none'],
  query: tokenQuery,
  body: { schema: tokenRequest, mediaTypes },
} as const;

const authorizationQuery = z.looseObject(
  Object.fromEntries(authorizationParameters.map((name) => [name, z.string().optional()])),
);

/** The addresses that the twilio clients call, described by hand. */
export const twilioEndpoints: readonly Endpoint[] = [
  {
    ...tokenEndpoint,
    id: 'tokenV2',
    path: '/v2/token',
    summary: 'Get tokens, as a Twilio client',
    description:
      'The token endpoint `/oauth/token` for `oauth.v2.token` and the credential providers of the twilio clients. ' +
      'Credentials of an account beside those of the client are ignored. Opaque tokens are not issued here.',
    answers: { 200: { description: 'Tokens.', schema: tokenAnswer } },
  },
  {
    ...tokenEndpoint,
    id: 'tokenV1',
    path: '/v1/token',
    summary: 'Get tokens, as an older Twilio client',
    description:
      'As `/v2/token`, for `oauth.v1.token`, `iam.v1.token` and `previewIam.v1.token`. Each parameter may be spelled ' +
      '`grant_type`, `GrantType` or `grantType`, in one way within a request.',
    answers: { 201: { description: 'Tokens.', schema: tokenAnswer } },
  },
  {
    ...shared,
    id: 'authorizeV1',
    method: 'get',
    path: '/v1/authorize',
    summary: 'Begin an authorization, as an older Twilio client',
    description:
      'Leads on to `/oauth/authorize`. Parameters may be spelled as at `/v1/token`. `/v2/authorize` is that endpoint itself.',
    proofs: ['none'],
    query: authorizationQuery,
    answers: { 303: { description: 'To the authorization endpoint.' } },
    refusals: [400],
  },
];
