import { optionsOf, record, refuse, wellFormed } from '../checks.ts';

/** Conditions on the parameters of a request, by parameter name: `{ ActivitySid: { required: true } }`. */
export type PolicyFilter = Record<string, unknown>;

/** What a policy is about. */
export interface PolicyOptions {
  readonly url?: string | null | undefined;
  /** GET by default. */
  readonly method?: string | null | undefined;
  readonly queryFilter?: PolicyFilter | null | undefined;
  readonly postFilter?: PolicyFilter | null | undefined;
  /** False denies. True by default. */
  readonly allow?: boolean | null | undefined;
}

/** A policy as it stands in the token. */
export interface PolicyPayload {
  url: string;
  method: string;
  query_filter: PolicyFilter;
  post_filter: PolicyFilter;
  allow: boolean;
}

/**
 * One rule of a TaskRouter capability: what may be done at which URL. Unlike the `twilio` package, which lets every
 * policy allow, `allow: false` denies.
 */
export class Policy {
  url: string;
  method: string;
  queryFilter: PolicyFilter;
  postFilter: PolicyFilter;
  allow: boolean;

  constructor(options?: PolicyOptions | null) {
    const given = optionsOf<PolicyOptions>(options);
    this.url = wellFormed('url', given.url ?? '');
    this.method = methodOf(given.method ?? 'GET');
    this.queryFilter = record('queryFilter', given.queryFilter ?? {});
    this.postFilter = record('postFilter', given.postFilter ?? {});
    this.allow = allowOf(given.allow ?? true);
  }

  /** The policy as it stands in the token. */
  payload(): PolicyPayload {
    return {
      url: this.url,
      method: methodOf(this.method),
      query_filter: this.queryFilter,
      post_filter: this.postFilter,
      allow: allowOf(this.allow),
    };
  }
}

function methodOf(value: unknown): string {
  if (typeof value === 'string' && /^[A-Z]{1,16}$/.test(value)) return value;
  return refuse('method', 'must be an HTTP method in capitals');
}

function allowOf(value: unknown): boolean {
  return typeof value === 'boolean' ? value : refuse('allow', 'must be true or false');
}
