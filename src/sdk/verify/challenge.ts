import type { Fault } from './faults.ts';

export type Scheme = 'Bearer' | 'DPoP';

/** What a resource server says of itself in every challenge. */
export interface ChallengeSettings {
  readonly realm: string | undefined;
  /** The address of the RFC 9728 document. */
  readonly resourceMetadata: string | undefined;
  /** The algorithms of DPoP proofs that are taken. */
  readonly proofAlgorithms: readonly string[];
}

/** Answers that call for other credentials. For the rest of them a challenge would make a client try again in vain. */
const challenged: ReadonlySet<string> = new Set([
  'missing_token',
  'invalid_request',
  'invalid_token',
  'invalid_dpop_proof',
  'insufficient_scope',
]);

/**
 * The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9728 section 5.1). Who sent no token at
 * all is told no error, as RFC 6750 section 3.1 has it.
 * @param schemes what the client may use, the better first.
 */
export function challengeFor(
  fault: Fault,
  schemes: readonly Scheme[],
  settings: ChallengeSettings,
): string | undefined {
  if (!challenged.has(fault.code)) return undefined;
  return schemes.map((scheme) => challenge(scheme, fault, settings)).join(', ');
}

function challenge(scheme: Scheme, { code, description, scope }: Fault, settings: ChallengeSettings): string {
  const error = code === 'missing_token' ? {} : { error: code, error_description: description };
  const parameters: Record<string, string | undefined> = {
    realm: settings.realm,
    ...error,
    scope,
    algs: scheme === 'DPoP' ? settings.proofAlgorithms.join(' ') : undefined,
    resource_metadata: settings.resourceMetadata,
  };
  const said = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  const text = said.map(([name, value]) => `${name}="${value}"`).join(', ');
  return text === '' ? scheme : `${scheme} ${text}`;
}
