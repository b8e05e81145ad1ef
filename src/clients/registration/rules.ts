import type { JSONWebKeySet } from 'jose';
import { fault, ok, type Result } from '../../base/index.ts';
import { isNativeRedirect, linkFault, redirectFault } from '../addresses.ts';
import { keySetFaults } from '../key-sets.ts';
import type { AuthMethod } from '../types.ts';
import type { InvalidFields, WireMetadata } from './metadata.ts';
import type { ClientMetadata, RegistrationPolicy } from './types.ts';

/** Where metadata comes from: the body of a registration, or a document that the client itself publishes. */
export type MetadataSource = 'registered' | 'document';

type Fault = readonly [field: string, message: string];

/** Whether an entry of the policy is about a redirect URI: its host, those beneath one, this machine, or a scheme. */
function covers(entry: string, url: URL, isNative: boolean): boolean {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return entry === url.protocol;
  if (isNative) return entry === 'loopback';
  return entry.startsWith('*.') ? url.hostname.endsWith(entry.slice(1)) : entry === url.hostname;
}

function hostFault(address: string, hosts: RegistrationPolicy['redirectHosts']): string | undefined {
  if (hosts === undefined) return undefined;
  const url = new URL(address);
  return hosts.some((entry) => covers(entry, url, isNativeRedirect(address)))
    ? undefined
    : 'is at a host that clients may not register for here';
}

/** An app on the user's own machine, by its own word or by where it is redirected to. */
function isNativeApp(metadata: Partial<WireMetadata>): boolean {
  const { application_type: type, redirect_uris: redirects = [], post_logout_redirect_uris: more = [] } = metadata;
  return type === 'native' || [...redirects, ...more].some(isNativeRedirect);
}

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** OpenID Connect Registration section 2: nobody has a certificate for the machine of a user. */
function kindFault(address: string, isNative: boolean): string | undefined {
  const { protocol, hostname } = new URL(address);
  const isLocalHttps = isNative && protocol === 'https:' && loopbackHosts.has(hostname);
  return isLocalHttps ? 'must be http: an app on this machine has no certificate for it' : undefined;
}

function redirectFaults(metadata: Partial<WireMetadata>, policy: RegistrationPolicy): Fault[] {
  const isNative = isNativeApp(metadata);
  const check = (field: 'redirect_uris' | 'post_logout_redirect_uris') =>
    (metadata[field] ?? []).flatMap((address): Fault[] => {
      const wrong = redirectFault(address) ?? kindFault(address, isNative) ?? hostFault(address, policy.redirectHosts);
      return wrong === undefined ? [] : [[field, `"${address.slice(0, 200)}" ${wrong}`]];
    });
  return [...check('redirect_uris'), ...check('post_logout_redirect_uris')];
}

const links = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;

const linkFaults = (metadata: Partial<WireMetadata>): Fault[] =>
  links.flatMap((field): Fault[] => {
    const address = metadata[field];
    const wrong = address === undefined ? undefined : linkFault(address);
    return wrong === undefined ? [] : [[field, wrong]];
  });

const mostKeys = 20;

function jwksFault(jwks: Partial<JSONWebKeySet>): string | undefined {
  if (Array.isArray(jwks.keys) && jwks.keys.length > mostKeys) return `must hold at most ${mostKeys} keys`;
  const [first] = keySetFaults({ jwks: jwks as JSONWebKeySet });
  if (first === undefined) return undefined;
  const place = first.pointer?.replace('/jwks', '').slice(1).replaceAll('/', '.');
  return `${place} ${first.detail}`;
}

/** RFC 7591 section 2 makes HTTP Basic the default; a document cannot hold a secret, so there it is no method at all. */
const methodOf = (metadata: Partial<WireMetadata>, source: MetadataSource): AuthMethod =>
  metadata.token_endpoint_auth_method ?? (source === 'document' ? 'none' : 'client_secret_basic');

function authFaults(metadata: Partial<WireMetadata>, source: MetadataSource): Fault[] {
  const method = methodOf(metadata, source);
  const { jwks, jwks_uri: jwksUri } = metadata;
  const faults: Fault[] = [];
  if (source === 'document' && method.startsWith('client_secret')) {
    faults.push(['token_endpoint_auth_method', 'must be none or private_key_jwt: a public document keeps no secret']);
  }
  if (jwks !== undefined && jwksUri !== undefined) faults.push(['jwks', 'must not stand beside jwks_uri']);
  if (method === 'private_key_jwt' && jwks === undefined && jwksUri === undefined) {
    faults.push(['jwks', 'private_key_jwt needs the public keys, as jwks or jwks_uri']);
  }
  const wrongKeys = jwks === undefined ? undefined : jwksFault(jwks);
  const wrongUri = jwksUri === undefined ? undefined : linkFault(jwksUri);
  if (wrongKeys !== undefined) faults.push(['jwks', wrongKeys]);
  if (wrongUri !== undefined) faults.push(['jwks_uri', wrongUri]);
  return faults;
}

const defaultGrants = ['authorization_code'];

function grantFaults({ grant_types: grants = defaultGrants, response_types: types }: Partial<WireMetadata>): Fault[] {
  const faults: Fault[] = [];
  if (!grants.includes('authorization_code')) {
    faults.push([
      'grant_types',
      'must include authorization_code: a client that registers itself acts for users, never for itself',
    ]);
  }
  if (types !== undefined && !types.includes('code')) faults.push(['response_types', 'must include code']);
  return faults;
}

/** The origins of the pages that the client is redirected to. */
function originsOf(redirectUris: readonly string[]): readonly string[] {
  const web = redirectUris.map((address) => new URL(address)).filter(({ protocol }) => /^https?:$/.test(protocol));
  return [...new Set(web.map(({ origin }) => origin))];
}

/** A name for a client that has none: where it lives. */
function nameless([first = '']: readonly string[]): string {
  const { host, protocol } = new URL(first);
  return `Application at ${host === '' ? protocol : host}`;
}

/** Grants and scopes that are not to be had are left out, as RFC 7591 section 2 allows; the answer says which are left. */
function fillIn(metadata: WireMetadata, policy: RegistrationPolicy, source: MetadataSource): ClientMetadata {
  const { redirect_uris: redirectUris, grant_types: grants = defaultGrants } = metadata;
  return {
    name: metadata.client_name ?? nameless(redirectUris),
    redirectUris,
    postLogoutRedirectUris: metadata.post_logout_redirect_uris ?? [],
    webOrigins: originsOf(redirectUris),
    grantTypes: policy.grantTypes.filter((grant) => grants.includes(grant)),
    authMethod: methodOf(metadata, source),
    applicationType: isNativeApp(metadata) ? 'native' : 'web',
    scopes: (metadata.scope ?? [...policy.scopes]).filter((scope) => policy.scopes.has(scope)),
    requirePar: metadata.require_pushed_authorization_requests ?? false,
    requireDpop: metadata.dpop_bound_access_tokens ?? false,
    contacts: metadata.contacts ?? [],
    clientUri: metadata.client_uri,
    logoUri: metadata.logo_uri,
    policyUri: metadata.policy_uri,
    tosUri: metadata.tos_uri,
    jwks: metadata.jwks,
    jwksUri: metadata.jwks_uri,
    softwareId: metadata.software_id,
    softwareVersion: metadata.software_version,
  };
}

/** Gathers faults by the member that they are about. */
function byField(given: InvalidFields, faults: readonly Fault[]): InvalidFields {
  const fields = new Map(given);
  for (const [field, message] of faults) fields.set(field, [...(fields.get(field) ?? []), message]);
  return fields;
}

/**
 * Decides on client metadata that has been read: every fault at once, by the member that it is about.
 * @param reading.faults what was wrong with its form.
 */
export function completeMetadata(
  reading: { readonly metadata: Partial<WireMetadata>; readonly faults: InvalidFields },
  policy: RegistrationPolicy,
  source: MetadataSource,
): Result<ClientMetadata, InvalidFields> {
  const { metadata } = reading;
  if (reading.faults.size > 0) return fault(reading.faults);
  const faults = byField(reading.faults, [
    ...redirectFaults(metadata, policy),
    ...linkFaults(metadata),
    ...authFaults(metadata, source),
    ...grantFaults(metadata),
  ]);
  return faults.size > 0 ? fault(faults) : ok(fillIn(metadata as WireMetadata, policy, source));
}
