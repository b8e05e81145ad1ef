/** What a member may do in an organization. */
export type Role = 'owner' | 'admin' | 'developer' | 'viewer';

/** A new API key. `secret` and `key` are shown once: the database keeps a hash and a sealed copy. */
export interface NewApiKey {
  readonly sid: string;
  readonly secret: string;
  /** Both in one string, for `Authorization: Bearer`. */
  readonly key: string;
}
