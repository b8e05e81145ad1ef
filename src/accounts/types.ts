/** What a member may do in an organization. */
export type Role = 'owner' | 'admin' | 'developer' | 'viewer';

/** A new API key. `secret` and `key` are shown once: the database keeps a hash and a sealed copy. */
export interface NewApiKey {
  readonly sid: string;
  readonly secret: string;
  /** Both in one string, for `Authorization: Bearer`. */
  readonly key: string;
}

/** An API key that may be used. */
export interface ApiKey {
  readonly sid: string;
  readonly userSid: string;
  readonly organizationSid: string;
  readonly accountSid: string;
  readonly scopes: readonly string[];
  readonly secretHash: Buffer;
}

/** An organization's place in the tree. */
export interface Organization {
  readonly sid: string;
  readonly parentSid: string | null;
  readonly standing: 'active' | 'suspended';
}
