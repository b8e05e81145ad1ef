import type { VerifiedToken } from './claims.ts';
import { VerificationError } from './errors.ts';
import { documentHeaders, type ProtectedResource } from './protected-resource.ts';
import type { Verifier, VerifyOptions } from './verifier.ts';

/** As much of an express request as is read; a verified one has `auth`. */
export interface ExpressRequest {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  auth?: VerifiedToken;
}

/** As much of an express response as is used. */
export interface ExpressResponse {
  status(code: number): this;
  set(headers: Record<string, string>): this;
  json(body: unknown): unknown;
}

export type ExpressNext = (error?: unknown) => void;

/** A middleware of express. */
export type ExpressMiddleware<Request extends ExpressRequest> = (
  req: Request,
  res: ExpressResponse,
  next: ExpressNext,
) => Promise<void>;

/**
 * Lets requests with a good token pass, as `req.auth`, and answers the others. What is no refusal goes to `next`.
 * @param requirements what a token must be good for; a function, where the request says it.
 */
export function expressVerifier<Request extends ExpressRequest>(
  verifier: Verifier,
  requirements: VerifyOptions | ((req: Request) => VerifyOptions) = {},
): ExpressMiddleware<Request> {
  return async function verifyToken(req, res, next) {
    try {
      const { method, originalUrl: url, headers } = req;
      const asked = typeof requirements === 'function' ? requirements(req) : requirements;
      req.auth = await verifier.verifyRequest({ method, url, headers }, asked);
    } catch (error) {
      if (!(error instanceof VerificationError)) return next(error);
      res.status(error.status).set(error.headers).json(error.body);
      return;
    }
    next();
  };
}

/** Serves the RFC 9728 document at its path, and leaves the rest to others. */
export function expressProtectedResource(resource: ProtectedResource) {
  return function serveResourceMetadata(
    req: { readonly method: string; readonly path: string },
    res: ExpressResponse,
    next: ExpressNext,
  ): void {
    const isAsked = req.path === resource.path && (req.method === 'GET' || req.method === 'HEAD');
    if (isAsked) res.status(200).set(documentHeaders).json(resource.document);
    else next();
  };
}
