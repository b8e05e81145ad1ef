interface ProblemRow {
  readonly status: number;
  readonly number: number;
  readonly oauth: string;
  readonly title: string;
  readonly help: string;
}

/**
 * Every way a request can fail, once, with what to do about it in one public sentence. `oauth` is the error code of
 * RFC 6749 section 5.2 (or its extensions) under which OAuth clients see it; `number` is the code under which Twilio's
 * clients do: theirs where they have one, 29000 and above where not. Other dialects use the key of the row itself.
 */
export const problems = {
  malformed_request: {
    status: 400,
    number: 20001,
    oauth: 'invalid_request',
    title: 'The request cannot be read',
    help: 'Mend its syntax: the body is not JSON, the form is broken, a parameter stands twice, or a header has a value that it cannot have.',
  },
  unsupported_media_type: {
    status: 415,
    number: 20415,
    oauth: 'invalid_request',
    title: 'The content type is not supported',
    help: 'Send the body with the Content-Type that the endpoint takes, in UTF-8 and without a Content-Encoding.',
  },
  payload_too_large: {
    status: 413,
    number: 20413,
    oauth: 'invalid_request',
    title: 'The request is too large',
    help: 'Send a smaller body, or fewer things in one request.',
  },
  not_found: {
    status: 404,
    number: 20404,
    oauth: 'invalid_request',
    title: 'There is nothing here',
    help: 'Check the address and the id; what belongs to an organization beyond your reach is not found either.',
  },
  method_not_allowed: {
    status: 405,
    number: 20004,
    oauth: 'invalid_request',
    title: 'The method is not allowed here',
    help: 'Use one of the methods that the Allow header of the answer names.',
  },
  invalid_client: {
    status: 401,
    number: 20003,
    oauth: 'invalid_client',
    title: 'The client could not be authenticated',
    help: 'Check client_id and secret or assertion, how they are sent, and whether the client is active.',
  },
  invalid_token: {
    status: 401,
    number: 20003,
    oauth: 'invalid_token',
    title: 'The credentials are not valid',
    help: 'Send an API key or an access token that is live and is meant for this API.',
  },
  unauthorized_client: {
    status: 400,
    number: 29001,
    oauth: 'unauthorized_client',
    title: 'The client may not do this',
    help: 'Let the client be given the grant type, or use one that it has.',
  },
  access_denied: {
    status: 403,
    number: 20403,
    oauth: 'access_denied',
    title: 'This is not allowed',
    help: 'Ask somebody whose role includes it; some things are for those alone who run the server.',
  },
  insufficient_scope: {
    status: 403,
    number: 29006,
    oauth: 'insufficient_scope',
    title: 'The scope does not suffice',
    help: 'Use a credential that has the scope which the answer names, and whose user has a role that includes it.',
  },
  invalid_scope: {
    status: 400,
    number: 29004,
    oauth: 'invalid_scope',
    title: 'The scope is not available',
    help: 'Ask only for scopes that the resource has and that the client is allowed.',
  },
  invalid_target: {
    status: 400,
    number: 29005,
    oauth: 'invalid_target',
    title: 'The resource is not available',
    help: 'Ask for one resource that exists and that the client may ask for, its identifier written byte for byte, and narrow only to what the token reaches.',
  },
  invalid_grant: {
    status: 400,
    number: 29002,
    oauth: 'invalid_grant',
    title: 'The code or token cannot be used',
    help: 'Start the authorization again: a code or refresh token works once, in its time, for its client alone, with its own verifier and redirect URI.',
  },
  unsupported_grant_type: {
    status: 400,
    number: 29003,
    oauth: 'unsupported_grant_type',
    title: 'The grant type is not known',
    help: 'Ask with one of the grant types that the metadata of the server lists.',
  },
  invalid_dpop_proof: {
    status: 400,
    number: 29007,
    oauth: 'invalid_dpop_proof',
    title: 'The DPoP proof is not valid',
    help: 'Make a new proof for each request, for its method and its address, with the key that the token is for.',
  },
  use_dpop_nonce: {
    status: 400,
    number: 29008,
    oauth: 'use_dpop_nonce',
    title: 'The DPoP proof needs a nonce',
    help: 'Make the proof again with the nonce in the DPoP-Nonce header of the answer.',
  },
  unprocessable: {
    status: 422,
    number: 20422,
    oauth: 'invalid_request',
    title: 'The request is not valid',
    help: 'Mend every fault that the answer lists, each with its place, and send the request again.',
  },
  invalid_client_metadata: {
    status: 400,
    number: 29011,
    oauth: 'invalid_client_metadata',
    title: 'The client cannot be registered like this',
    help: 'Mend the members that invalid_fields names.',
  },
  invalid_redirect_uri: {
    status: 400,
    number: 29012,
    oauth: 'invalid_redirect_uri',
    title: 'The client cannot be redirected to like this',
    help: 'Send https redirect URIs, or loopback or reverse-domain ones for native apps.',
  },
  invalid_client_document: {
    status: 400,
    number: 29013,
    oauth: 'invalid_client',
    title: 'The metadata document of the client cannot be used',
    help: 'Publish the document at exactly its client_id, as JSON, without secrets or redirects.',
  },
  precondition_failed: {
    status: 412,
    number: 20412,
    oauth: 'invalid_request',
    title: 'The record has changed',
    help: 'Somebody changed the record after you read it: read it again, and repeat your change with its new ETag.',
  },
  idempotency_key_reused: {
    status: 422,
    number: 29014,
    oauth: 'invalid_request',
    title: 'The Idempotency-Key was used before',
    help: 'Make a new Idempotency-Key for each new request; the same key is for repeating the same request.',
  },
  too_many_requests: {
    status: 429,
    number: 20429,
    oauth: 'temporarily_unavailable',
    title: 'Too many requests',
    help: 'Wait for the seconds that Retry-After names, then go on more slowly.',
  },
  unavailable: {
    status: 503,
    number: 20503,
    oauth: 'temporarily_unavailable',
    title: 'The service is not available right now',
    help: 'Nothing was changed: try again after the seconds that Retry-After names.',
  },
  server_error: {
    status: 500,
    number: 20500,
    oauth: 'server_error',
    title: 'Something went wrong on this side',
    help: 'It is not your fault: tell those who run the server the X-Request-Id of the answer.',
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;

/** The row of an error of which only OAuth's code and the status are known. */
export function codeOf(oauth: string, status: number): ProblemCode {
  const codes = Object.keys(problems) as ProblemCode[];
  const named = codes.filter((code) => problems[code].oauth === oauth);
  const same = named.find((code) => problems[code].status === status) ?? named[0];
  return same ?? (status >= 500 ? 'server_error' : 'malformed_request');
}

/** What a single fault of a request can be, where more is known than that the request will not do. */
const faultKinds = {
  required: { title: 'Something is missing', help: 'Send the member that the pointer names.' },
  invalid_value: { title: 'A value will not do', help: 'Send a value of the kind that the detail describes.' },
  unknown_property: {
    title: 'Something is not known here',
    help: 'Leave the member or parameter out, or mend its name: what is not known is refused rather than ignored.',
  },
} as const;

/** A code as a program meets it, with what a person should know of it. */
export interface ErrorCode {
  readonly code: string;
  readonly status: number;
  /** As Twilio's clients know it. Several codes may share one. */
  readonly number: number;
  readonly title: string;
  /** What to do about it: one public sentence. */
  readonly help: string;
}

/** Every stable code of an answer, those of single faults last. */
export function errorCodes(): readonly ErrorCode[] {
  const ofProblems = Object.entries(problems).map(([code, { oauth: _oauth, ...row }]) => ({ code, ...row }));
  const { status, number } = problems.unprocessable;
  return [...ofProblems, ...Object.entries(faultKinds).map(([code, kind]) => ({ code, status, number, ...kind }))];
}
