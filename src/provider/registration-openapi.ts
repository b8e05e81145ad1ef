import { z } from 'zod';
import type { Endpoint } from '../api/index.ts';

const tag = 'Registration';
const json = ['application/json'] as const;

/** RFC 7591 section 2. */
const metadata = {
  client_name: z.string().optional(),
  redirect_uris: z.array(z.string()).optional(),
  grant_types: z.array(z.enum(['authorization_code', 'client_credentials', 'refresh_token'])).optional(),
  response_types: z.array(z.string()).optional(),
  scope: z.string().optional(),
  token_endpoint_auth_method: z.string().optional(),
  logo_uri: z.string().optional(),
  tos_uri: z.string().optional(),
  policy_uri: z.string().optional(),
};

const request = z.looseObject(metadata).meta({ id: 'ClientMetadata', description: 'RFC 7591 section 2.' });

const registered = z
  .looseObject({
    ...metadata,
    client_id: z.string(),
    client_id_issued_at: z.int(),
    client_secret: z.string().optional().describe('In this answer and never again.'),
    registration_access_token: z.string().optional(),
    registration_client_uri: z.string().optional(),
  })
  .meta({ id: 'RegisteredClient', description: 'RFC 7591 section 3.2.1. A member that has no value is left out.' });

const params = z.object({ client_id: z.string() });

const one = {
  path: '/oauth/register/{client_id}',
  tag,
  proofs: ['apiKey'],
  params,
  refusals: [400, 401, 403, 429, 503],
  dialect: 'oauth',
} as const;

/** How clients register themselves (RFC 7591) and keep what they registered (RFC 7592). */
export const registrationEndpoints: readonly Endpoint[] = [
  {
    id: 'registerClient',
    method: 'post',
    path: '/oauth/register',
    tag,
    summary: 'Register a client',
    description: 'RFC 7591. Where registration is not open, with an initial access token as a Bearer.',
    proofs: ['none', 'apiKey'],
    body: { schema: request, mediaTypes: json },
    answers: { 201: { description: 'The client.', schema: registered } },
    refusals: [400, 401, 413, 415, 429, 503],
    dialect: 'oauth',
  },
  {
    ...one,
    id: 'readRegistration',
    method: 'get',
    summary: 'Read a registration',
    description: 'RFC 7592, with the registration access token as a Bearer.',
    answers: { 200: { description: 'The client.', schema: registered } },
  },
  {
    ...one,
    id: 'updateRegistration',
    method: 'put',
    summary: 'Replace a registration',
    description: 'RFC 7592 section 2.2.',
    body: { schema: request, mediaTypes: json },
    answers: { 200: { description: 'The client.', schema: registered } },
  },
  {
    ...one,
    id: 'deleteRegistration',
    method: 'delete',
    summary: 'Delete a registration',
    description: 'RFC 7592 section 2.3.',
    answers: { 204: { description: 'The client is gone, and its tokens with it.' } },
  },
];
