import { z } from 'zod';
import type { Endpoint } from '../../api/index.ts';

const tokenRule = 'must be a string of 1 to 512 characters';

/** What a frontend sends as the user's answer. */
export const answerBody = z
  .strictObject({
    allowed: z.boolean('must be true or false'),
    consent_token: z
      .string(tokenRule)
      .refine(({ length }) => length >= 1 && length <= 512, tokenRule)
      .meta({ minLength: 1, maxLength: 512 }),
  })
  .meta({ id: 'ConsentAnswer' });

const consent = z
  .strictObject({
    client_id: z.string(),
    name: z.string(),
    redirect_uri: z.string(),
    verified: z.boolean(),
    logo_uri: z.string().nullable(),
    tos_uri: z.string().nullable(),
    policy_uri: z.string().nullable(),
    requested_scopes: z.array(z.strictObject({ id: z.string(), name: z.string(), description: z.string() })),
  })
  .meta({ id: 'ConsentRequest', description: 'What a client asks a user for.' });

const shared = { tag: 'Consent', proofs: ['apiKey'], dialect: 'management' } as const;

/** The consent API, described. */
export const consentEndpoints: readonly Endpoint[] = [
  {
    ...shared,
    id: 'retrieveConsent',
    method: 'get',
    path: '/oauth/consent/{consent_token}',
    summary: 'Look at a request for consent',
    description: 'With an API key or access token of the user who decides. Takes the scope `grants:read`.',
    params: z.object({ consent_token: z.string() }),
    answers: { 200: { description: 'What is asked for.', schema: z.strictObject({ data: consent }) } },
    refusals: [401, 403, 422, 503],
  },
  {
    ...shared,
    id: 'answerConsent',
    method: 'post',
    path: '/oauth/grants',
    summary: 'Allow or deny a request for consent',
    description: 'With an API key or access token of the user who decides. Takes the scope `grants:write`.',
    body: { schema: answerBody, mediaTypes: ['application/json'] },
    answers: {
      200: {
        description: 'Where the user’s browser goes on.',
        schema: z.strictObject({ redirect_uri: z.string() }).meta({ id: 'ConsentAnswered' }),
      },
    },
    refusals: [400, 401, 403, 413, 415, 422, 503],
  },
];
