import type { Context, Next } from 'koa';
import { managementScopes } from '../resources/index.ts';

type Metadata = Record<string, unknown>;

/**
 * Members that the library writes for endpoints and features that this server does not open. What is advertised works,
 * what does not is not advertised.
 */
const notOffered = [
  'authorization_endpoint',
  'authorization_response_iss_parameter_supported',
  'claim_types_supported',
  'claims_parameter_supported',
  'claims_supported',
  'code_challenge_methods_supported',
  'id_token_signing_alg_values_supported',
  'request_uri_parameter_supported',
  'response_modes_supported',
  'subject_types_supported',
];

/** Public clients may be registered, but no grant that is offered is open to them. */
const offeredAuthMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

const scopeNames = managementScopes.map((scope) => scope.name);

/** Makes the library's metadata document (RFC 8414, OpenID Connect Discovery) true in every line. */
export async function tellTheTruth(ctx: Context, next: Next): Promise<void> {
  await next();
  const { route } = ctx['oidc'] as { route?: string };
  if (route !== 'discovery' || ctx.status !== 200) return;
  const metadata = ctx.body as Metadata;
  for (const member of notOffered) delete metadata[member];
  metadata['response_types_supported'] = [];
  metadata['token_endpoint_auth_methods_supported'] = offeredAuthMethods;
  metadata['scopes_supported'] = scopeNames;
  ctx.set('cache-control', 'public, max-age=300');
}

/** RFC 9728: this server's own REST API as a protected resource. */
export function protectedResourceMetadata(issuer: string): Metadata {
  return {
    resource: issuer,
    authorization_servers: [issuer],
    scopes_supported: scopeNames,
    bearer_methods_supported: ['header'],
    resource_name: 'Countersign management API',
  };
}
