import type { Context, Middleware } from 'koa';
import type { Config } from '../config/index.ts';
import { managementScopes } from '../resources/index.ts';
import { openidScopes } from './people/index.ts';

type Metadata = Record<string, unknown>;

/**
 * Members that the library writes for features that this server does not have. What is advertised works, what does not
 * is not advertised.
 */
const notOffered = ['claim_types_supported', 'claims_parameter_supported', 'request_uri_parameter_supported'];

const resourceScopes = managementScopes.map((scope) => scope.name);

/** Who may ask about a token must be able to prove who it is; who gives one back need not. */
const secretMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** How clients come here that no admin has made. */
function registrationMembers({ issuer, registration }: Pick<Config, 'issuer' | 'registration'>): Metadata {
  return {
    ...(registration.policy === 'closed' ? {} : { registration_endpoint: `${issuer}/oauth/register` }),
    ...(registration.documents ? { client_id_metadata_document_supported: true } : {}),
  };
}

/** Makes the library's metadata document (RFC 8414, OpenID Connect Discovery) true in every line. */
export function tellTheTruth(config: Pick<Config, 'issuer' | 'registration'>): Middleware {
  const ofRegistration = registrationMembers(config);
  return async function completeMetadata(ctx: Context, next) {
    await next();
    const { route } = ctx['oidc'] as { route?: string };
    if (route !== 'discovery' || ctx.status !== 200) return;
    const metadata = ctx.body as Metadata;
    mend(metadata);
    Object.assign(metadata, ofRegistration);
    ctx.set('cache-control', 'public, max-age=300');
  };
}

function mend(metadata: Metadata): void {
  for (const member of notOffered) delete metadata[member];
  const assertions = metadata['token_endpoint_auth_signing_alg_values_supported'];
  const claims = metadata['claims_supported'] as readonly string[];
  Object.assign(metadata, {
    response_modes_supported: ['query', 'form_post'],
    scopes_supported: [...openidScopes, ...resourceScopes],
    id_token_signing_alg_values_supported: ['ES256'],
    // `sid` is for sign-outs that are told to clients (OpenID Connect Back-Channel Logout), which there are none of.
    claims_supported: claims.filter((claim) => claim !== 'sid'),
    introspection_endpoint_auth_methods_supported: secretMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertions,
    revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: assertions,
  });
}

/** RFC 9728: this server's own REST API as a protected resource. */
export function protectedResourceMetadata(issuer: string): Metadata {
  return {
    resource: issuer,
    authorization_servers: [issuer],
    scopes_supported: resourceScopes,
    bearer_methods_supported: ['header'],
    resource_name: 'Countersign management API',
  };
}
