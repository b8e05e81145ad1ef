import { InvalidArgumentError } from '../errors.ts';
import { challengeFor, type Scheme } from './challenge.ts';
import { type Expectations, readClaims, type VerifiedToken } from './claims.ts';
import { checkProof } from './dpop.ts';
import { VerificationError } from './errors.ts';
import { invalidProof, invalidToken } from './faults.ts';
import { createIntrospection, type Introspect } from './introspection.ts';
import { createIssuer } from './issuer.ts';
import { longestToken, looksLikeJwt, type SignatureRules, verifySignature } from './jwt.ts';
import { type IncomingRequest, type Presented, presentedIn } from './presented.ts';
import { type ParsedRequirements, parseRequirements, type Requirements, unmet } from './requirements.ts';
import { parseSettings, type Settings, type VerifierOptions } from './settings.ts';

/** What one call asks for, on top of what the verifier was made with. */
export interface VerifyOptions extends Requirements {
  /** Ends the waiting of this call, with the signal's reason. What others wait for as well goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Verifies the access tokens of one issuer for one resource server. Make one and keep it: it keeps the keys. */
export interface Verifier {
  /**
   * Verifies the token in the `Authorization` header of a request, and the proof of possession where it is bound to a key.
   * @throws VerificationError, which says how to answer.
   * @throws InvalidArgumentError where a requirement is there but undefined, or `origin` is needed and not known.
   */
  verifyRequest(request: IncomingRequest, options?: VerifyOptions): Promise<VerifiedToken>;
  /**
   * Verifies a token that came without a request, as over a socket. One that is bound to a key is refused.
   * @throws VerificationError | InvalidArgumentError
   */
  verify(token: string, options?: VerifyOptions): Promise<VerifiedToken>;
  /** Fetches the issuer's keys now, so that the first request need not wait for them. @throws VerificationError */
  prepare(): Promise<void>;
}

interface Call {
  readonly presented: Presented;
  readonly request: IncomingRequest | undefined;
  readonly requirements: ParsedRequirements;
}

/**
 * Makes a verifier. Nothing is fetched yet.
 * @throws InvalidArgumentError that names the option and the rule.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = parseSettings(options);
  const always = parseRequirements(options);
  const issuer = createIssuer(settings);
  const introspect = settings.introspection && createIntrospection(settings.introspection, settings, issuer);
  const expected: Expectations = settings;
  const rules: SignatureRules = {
    algorithms: settings.algorithms,
    typ: 'at+jwt',
    key: issuer.key,
    fault: invalidToken,
  };
  const seconds = () => settings.now() / 1000;

  async function readJwt(token: string): Promise<VerifiedToken> {
    const { claims } = await verifySignature(token, rules);
    const read = readClaims(claims, 'jwt', expected, seconds());
    if (!read.ok) throw new VerificationError(read.fault);
    const isKnownToIssuer = settings.introspection?.all !== true || (await introspect?.(token)) !== undefined;
    if (!isKnownToIssuer) throw inactive();
    return read.value;
  }

  async function readOpaque(token: string, introspect: Introspect): Promise<VerifiedToken> {
    const claims = await introspect(token);
    if (claims === undefined) throw inactive();
    const read = readClaims(claims, 'introspection', expected, seconds());
    if (!read.ok) throw new VerificationError(read.fault);
    return read.value;
  }

  /** The binding is checked before the requirements: a stolen token must not even tell what it is good for. */
  async function judge({ presented, request, requirements }: Call): Promise<VerifiedToken> {
    const { token } = presented;
    if (token.length > longestToken) throw new VerificationError(invalidToken('malformed', 'The token is too long.'));
    const verified = await (introspect === undefined || looksLikeJwt(token)
      ? readJwt(token)
      : readOpaque(token, introspect));
    const isUnbound = verified.boundTo === undefined && presented.scheme === 'Bearer' && !settings.dpop.required;
    if (!isUnbound) await checkBinding(verified, presented, request, settings);
    const lacking = await unmet(verified, [always, requirements]);
    if (lacking !== undefined) throw new VerificationError(lacking);
    return verified;
  }

  async function run(work: () => Promise<VerifiedToken>, schemes: readonly Scheme[], signal?: AbortSignal) {
    try {
      return await (signal === undefined ? work() : unlessAborted(work, signal));
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      throw answerable(error, schemes, settings);
    }
  }

  return {
    async verifyRequest(request, { signal, ...given } = {}) {
      const requirements = parseRequirements(given);
      const presented = presentedIn(request);
      if (presented.ok) {
        const call = { presented: presented.value, request, requirements };
        return run(() => judge(call), [presented.value.scheme], signal);
      }
      throw answerable(new VerificationError(presented.fault), ['Bearer', 'DPoP'], settings);
    },
    async verify(token, { signal, ...given } = {}) {
      if (typeof token !== 'string') throw new InvalidArgumentError('token', 'must be a string.');
      const presented = { scheme: 'Bearer', token, proof: undefined } as const;
      const call = { presented, request: undefined, requirements: parseRequirements(given) };
      return run(() => judge(call), ['Bearer'], signal);
    },
    prepare: () => issuer.prepare(),
  };
}

const inactive = () =>
  new VerificationError(invalidToken('inactive', 'The issuer says that the token does not count.'));

/** Adds to a refusal the challenge that this server answers with. */
function answerable(error: VerificationError, used: readonly Scheme[], settings: Settings): VerificationError {
  const isAboutBinding = settings.dpop.required || error.reason === 'binding';
  const schemes: readonly Scheme[] = isAboutBinding ? ['DPoP'] : used;
  const { realm, resourceMetadata, dpop } = settings;
  const challenge = challengeFor(error.fault, schemes, { realm, resourceMetadata, proofAlgorithms: dpop.algorithms });
  return new VerificationError(error.fault, challenge, { cause: error.cause });
}

/** Checks what is not plainly a Bearer. RFC 9449 section 7.1: a bound token needs its proof, and a proof needs a bound token. */
async function checkBinding(
  { boundTo }: VerifiedToken,
  { scheme, token, proof }: Presented,
  request: IncomingRequest | undefined,
  settings: Settings,
): Promise<void> {
  if (boundTo === undefined) throw new VerificationError(invalidToken('binding', 'The token is bound to no key.'));
  if (scheme !== 'DPoP' || request === undefined) {
    throw new VerificationError(invalidToken('binding', 'The token is bound to a key: send it as DPoP, with a proof.'));
  }
  if (proof === undefined) throw new VerificationError(invalidProof('The header DPoP with the proof is missing.'));
  const presentation = { token, boundTo, proof, method: request.method ?? '', url: addressOf(request, settings) };
  await checkProof(presentation, settings.dpop, settings.now(), settings.clockTolerance);
}

/** Where the request went, under the name that this server is known to have. */
function addressOf({ url = '' }: IncomingRequest, { origin }: Settings): URL {
  const base = origin ?? (URL.canParse(url) ? new URL(url).origin : undefined);
  if (base === undefined) throw new InvalidArgumentError('origin', 'is needed to check proofs (RFC 9449).');
  const path = URL.canParse(url) ? new URL(url).pathname : url.replace(/[?#].*$/, '');
  const address = new URL(base);
  address.pathname = path;
  return address;
}

async function unlessAborted<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
