import { optionalText, requireOptions, requireText, requireUrl } from '../arguments.ts';
import { InvalidArgumentError } from '../errors.ts';

/** What a resource server says of itself (RFC 9728 section 2). */
export interface ProtectedResourceOptions {
  /** The identifier of the resource, which is its address: the `audience` of its tokens. */
  readonly resource: string;
  /** The issuers of its tokens. */
  readonly authorizationServers: string | readonly string[];
  readonly scopes?: readonly string[] | undefined;
  /** For people. */
  readonly name?: string | undefined;
  /** Where developers can read on. */
  readonly documentation?: string | undefined;
  /** Whether tokens must be bound to a key (RFC 9449). */
  readonly dpopRequired?: boolean | undefined;
  /** Allows http beyond this machine. */
  readonly allowInsecureRequests?: boolean | undefined;
}

/** The document with which clients find the issuer, and where it belongs. */
export interface ProtectedResource {
  /** The whole address, for challenges: the option `resourceMetadata` of a verifier. */
  readonly url: string;
  /** The path at which to serve it. */
  readonly path: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** The answer, for servers that speak `Request` and `Response`. */
  respond(): Response;
}

/** What the document is sent with: browsers on any origin may read it. */
export const documentHeaders = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
} as const;

/**
 * The document of a protected resource (RFC 9728). Its place is between host and path of the resource's identifier
 * (section 3.1).
 * @throws InvalidArgumentError
 */
export function protectedResource(given: ProtectedResourceOptions): ProtectedResource {
  const options = requireOptions('options', given);
  const { resource, allowInsecureRequests = false, scopes, dpopRequired = false } = options;
  const { origin, pathname } = requireUrl('resource', resource, allowInsecureRequests);
  const servers = [options.authorizationServers].flat();
  if (servers.length === 0) throw new InvalidArgumentError('authorizationServers', 'must name at least one issuer.');
  for (const server of servers) requireUrl('authorizationServers', server, allowInsecureRequests);
  const path = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  const members: Record<string, unknown> = {
    resource,
    authorization_servers: servers,
    scopes_supported: scopes?.map((scope, index) => requireText(`scopes[${index}]`, scope)),
    bearer_methods_supported: ['header'],
    resource_name: optionalText('name', options.name),
    resource_documentation: optionalText('documentation', options.documentation),
    dpop_bound_access_tokens_required: dpopRequired === true ? true : undefined,
  };
  const document = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  return {
    url: `${origin}${path}`,
    path,
    document,
    respond: () => new Response(JSON.stringify(document), { headers: documentHeaders }),
  };
}
