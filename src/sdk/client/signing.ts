import { InvalidArgumentError } from '../errors.ts';

/** What of a request is signed. */
export interface SignableRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, as it is sent; undefined where there is none. */
  readonly data: string | undefined;
}

/** What signs requests: a `ValidationToken` of `@countersign/sdk/jwt`, or anything else that gives such a token. */
export interface RequestSigner {
  fromHttpRequest(request: SignableRequest): string | Promise<string>;
}

/** @throws InvalidArgumentError */
export function requireSigner(signer: RequestSigner | undefined): RequestSigner | undefined {
  if (signer === undefined || typeof signer?.fromHttpRequest === 'function') return signer;
  throw new InvalidArgumentError('validation', 'must be a ValidationToken, with a method fromHttpRequest.');
}

/** A request with its signature. @throws what the signer throws. */
export async function withSignature(signer: RequestSigner, url: URL, init: RequestInit): Promise<RequestInit> {
  const headers = new Headers(init.headers);
  const token = await signer.fromHttpRequest({
    method: String(init.method),
    url: url.href,
    headers: { Authorization: headers.get('authorization') ?? '' },
    data: typeof init.body === 'string' ? init.body : undefined,
  });
  headers.set('twilio-client-validation', token);
  return { ...init, headers };
}
