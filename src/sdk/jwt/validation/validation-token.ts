import type { KeyObject } from 'node:crypto';
import { algorithmOf, lifetime, record, secondsNow, sid } from '../checks.ts';
import { InvalidArgumentError } from '../errors.ts';
import { type Key, RSA_ALGORITHMS, type RsaAlgorithm, rsaPrivateKey, rsaSignature, segment } from '../signing.ts';
import { type HttpRequest, headerOf, queryPairs, requestLine } from './http-request.ts';
import { RequestCanonicalizer } from './request-canonicalizer.ts';

/** Who signs requests, and with which key. */
export interface ValidationTokenOptions {
  readonly accountSid: string;
  /** The uploaded public key, `CR...`: the header's `kid`. */
  readonly credentialSid: string;
  /** The API key of the requests, `SK...`: the claim `iss`. */
  readonly signingKey: string;
  /** The RSA private key that belongs to the uploaded one, at least 2048 bits: PEM text or a key object. */
  readonly privateKey: Key;
  /** RS256 by default. */
  readonly algorithm?: RsaAlgorithm | null | undefined;
  /** Lifetime in seconds, 1 to 86,400. Five minutes by default. */
  readonly ttl?: number | null | undefined;
}

/**
 * Signs outgoing requests with a private key, whose public half the receiver knows (public key client validation).
 * The token goes into the header `Twilio-Client-Validation`. `verifyValidationToken` is the other side.
 */
export class ValidationToken {
  static readonly DEFAULT_ALGORITHM = 'RS256';
  static readonly ALGORITHMS: readonly RsaAlgorithm[] = RSA_ALGORITHMS;

  readonly accountSid: string;
  readonly credentialSid: string;
  readonly signingKey: string;
  readonly algorithm: RsaAlgorithm;
  ttl: number;
  readonly #given: Key;
  readonly #key: KeyObject;

  /** @throws InvalidArgumentError naming the field and the rule */
  constructor(opts: ValidationTokenOptions) {
    const given = record('opts', opts) as Partial<ValidationTokenOptions>;
    this.accountSid = sid('accountSid', given.accountSid, ['AC']);
    this.credentialSid = sid('credentialSid', given.credentialSid, ['CR']);
    this.signingKey = sid('signingKey', given.signingKey, ['SK']);
    if (!given.privateKey) throw new InvalidArgumentError('privateKey', 'privateKey is required');
    this.algorithm = algorithmOf(ValidationToken.ALGORITHMS, given.algorithm ?? ValidationToken.DEFAULT_ALGORITHM);
    this.#given = given.privateKey;
    this.#key = rsaPrivateKey('privateKey', this.algorithm, given.privateKey);
    this.ttl = lifetime('ttl', given.ttl, 300);
  }

  /** The private key as it was given. It is no field, so that printing the object does not show it. */
  get privateKey(): Key {
    return this.#given;
  }

  /**
   * The canonical form of a request. Signed are its method, path, whole query, body, and the headers `host` (of the
   * URL) and `authorization`.
   *
   * @throws InvalidArgumentError when URL or method are missing or wrong
   */
  getRequestCanonicalizer(request: HttpRequest): RequestCanonicalizer {
    const { method, url } = requestLine(record('request', request) as HttpRequest);
    const headers = { host: url.host, authorization: headerOf(request.headers, 'authorization') };
    return new RequestCanonicalizer(method, url.pathname, queryPairs(url, request.params), request.data, headers);
  }

  /** The token for a request. Every call signs anew. */
  fromHttpRequest(request: HttpRequest): string {
    try {
      return this.generateToken(this.getRequestCanonicalizer(request));
    } catch (cause) {
      throw new Error(`Error generating JWT token ${cause}`, { cause });
    }
  }

  /** The token for a request that is in canonical form already. */
  generateToken(canonicalizer: Pick<RequestCanonicalizer, 'create' | 'getCanonicalizedHashedHeaders'>): string {
    const iat = secondsNow();
    const header = { alg: this.algorithm, typ: 'JWT', kid: this.credentialSid, cty: 'twilio-pkrv;v=1' };
    const payload = {
      iss: this.signingKey,
      sub: this.accountSid,
      hrh: canonicalizer.getCanonicalizedHashedHeaders(),
      rqh: canonicalizer.create(),
      iat,
      exp: iat + lifetime('ttl', this.ttl, 300),
    };
    const input = `${segment(header)}.${segment(payload)}`;
    return `${input}.${rsaSignature(this.algorithm, this.#key, input)}`;
  }
}
