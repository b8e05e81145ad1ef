import { z } from 'zod';
import type { JsonSchema, Parameter, Proof, Reference } from './types.ts';

/** A refusal of the management API. */
export const managementError = z
  .strictObject({
    error: z.string().describe('The code under which OAuth clients know it.'),
    error_description: z.string(),
    errors: z
      .array(
        z.strictObject({
          code: z.string().describe('Stable. What each means is on the page /reference/errors.'),
          title: z.string(),
          detail: z.string(),
          source: z
            .union([
              z.strictObject({ pointer: z.string().describe('Where in the body (RFC 6901).') }),
              z.strictObject({ parameter: z.string().describe('Which query parameter.') }),
            ])
            .optional(),
        }),
      )
      .min(1)
      .describe('One for each fault.'),
  })
  .meta({
    id: 'Error',
    description: 'Why a request was refused, fault by fault.',
    examples: [
      {
        error: 'invalid_request',
        error_description: 'name is required.',
        errors: [
          {
            code: 'required',
            title: 'The request is not valid',
            detail: 'is required',
            source: { pointer: '/name' },
          },
        ],
      },
    ],
  });

/** A refusal of an OAuth endpoint. */
export const oauthError = z
  .looseObject({ error: z.string(), error_description: z.string().optional() })
  .meta({ id: 'OAuthError', description: 'Why a request was refused (RFC 6749 section 5.2).' });

/** A refusal as Twilio's clients read it. */
export const twilioError = z
  .looseObject({
    code: z.int().describe('Stable. What each means is on the page /reference/errors.'),
    message: z.string(),
    more_info: z.string().describe('Where it is explained.'),
    status: z.int().describe('The status of the answer.'),
    error: z.string().describe('The code under which OAuth clients know it.'),
    error_description: z.string(),
    errors: managementError.shape.errors,
  })
  .meta({ id: 'TwilioError', description: 'Why a request was refused, for the twilio clients and for OAuth clients.' });

/** What each refusal says, by its status. */
export const refusals: Readonly<Record<number, { readonly name: string; readonly description: string }>> = {
  400: { name: 'Malformed', description: 'The request cannot be read.' },
  401: { name: 'Unauthenticated', description: 'There is no credential, or none that is valid here.' },
  403: { name: 'Forbidden', description: 'The credential, or the role of its user, does not suffice.' },
  404: { name: 'NotFound', description: 'There is no such thing within your reach.' },
  412: { name: 'Changed', description: 'The record is in another state than If-Match names.' },
  413: { name: 'TooLarge', description: 'The body is too large.' },
  415: { name: 'Unsupported', description: 'The content type or its encoding is not supported.' },
  422: { name: 'Unprocessable', description: 'The request can be read, and is wrong: with every fault and its place.' },
  429: { name: 'TooMany', description: 'Too many requests: come back after the seconds of Retry-After.' },
  503: { name: 'Unavailable', description: 'The service is not available right now: come back after a moment.' },
};

const text: JsonSchema = { type: 'string' };

export const headers: Readonly<Record<string, JsonSchema>> = {
  ETag: { description: 'Names the state of the record, for If-Match (RFC 9110 section 8.8.3).', schema: text },
  RetryAfter: { description: 'Seconds after which to come back.', schema: { type: 'integer', minimum: 1 } },
};

export const parameters: Readonly<Record<string, Parameter>> = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The ETag of the record as you know it: a change in between is not overwritten, the answer is 412 then.',
    schema: text,
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A name for this request, made up by you: repeated within a day, it is carried out once and answered the same.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
};

/** A reference to one of the shared parts. */
export const sharedParameter = (name: keyof typeof parameters): Reference => ({
  $ref: `#/components/parameters/${name}`,
});

const proofs: Readonly<Record<Exclude<Proof, 'none'>, JsonSchema>> = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key (`SK….secret`), or an access token of this server for this API, as a Bearer. Where the account of ' +
      'the key requires validation, each call carries a `Twilio-Client-Validation` header as well.',
  },
  apiKeyPair: {
    type: 'http',
    scheme: 'basic',
    description:
      'The SID of an API key as user name, its secret as password; with a `Twilio-Client-Validation` header where the ' +
      'account of the key requires validation.',
  },
  clientSecret: {
    type: 'http',
    scheme: 'basic',
    description: 'The client_id as user name, a client secret as password.',
  },
};

/** Ways to prove who calls. @param scopes of the management API, by name. */
export function securitySchemes(
  issuer: string,
  scopes: Readonly<Record<string, string>>,
): Readonly<Record<string, JsonSchema>> {
  const tokenUrl = `${issuer}/oauth/token`;
  return {
    ...proofs,
    oauth2: {
      type: 'oauth2',
      description: 'An access token of this server for this API.',
      flows: {
        clientCredentials: { tokenUrl, scopes },
        authorizationCode: { authorizationUrl: `${issuer}/oauth/authorize`, tokenUrl, refreshUrl: tokenUrl, scopes },
      },
    },
  };
}
