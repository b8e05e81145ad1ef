import { Collection, Records, Suspendable } from './collection.ts';
import type { Listing } from './listing.ts';
import type { CallSettings, ChangeSettings, Place } from './place.ts';
import type {
  Account,
  AccountWithToken,
  AddMember,
  AuditEvent,
  CreateAccount,
  CreateOrganization,
  CreateUser,
  ExportAuditEventsQuery,
  ListAccountsQuery,
  ListAuditEventsQuery,
  ListMembershipsQuery,
  ListOAuthClientsQuery,
  ListOAuthGrantsQuery,
  ListOrganizationsQuery,
  ListSessionsQuery,
  ListSigningKeysQuery,
  ListUsersQuery,
  Membership,
  OAuthClient,
  OAuthClientCreate,
  OAuthClientUpdate,
  OAuthGrant,
  Organization,
  RotateSigningKeys,
  Session,
  SetMembership,
  SigningKey,
  UpdateAccount,
  UpdateOrganization,
  UpdateUser,
  User,
} from './records.ts';

/** OAuth clients and their secrets. */
export class OAuthClients extends Collection<OAuthClient, OAuthClientCreate, OAuthClientUpdate, ListOAuthClientsQuery> {
  /** Bars it until `enable`. */
  async disable(id: string, options: CallSettings = {}): Promise<OAuthClient> {
    return this.place.below(id, 'disable').record('POST', options);
  }

  async enable(id: string, options: CallSettings = {}): Promise<OAuthClient> {
    return this.place.below(id, 'enable').record('POST', options);
  }

  /** Makes a new secret: `client_secret` of the answer, this once. The one before works on for a day. */
  async createSecret(id: string, options: CallSettings = {}): Promise<OAuthClient> {
    return this.place.below(id, 'secrets').record('POST', options);
  }

  /** Ends the older secret before its day is over. @param secretId its `id` among the `secrets` of the client. */
  async deleteSecret(id: string, secretId: string, options: ChangeSettings = {}): Promise<void> {
    await this.place.below(id, 'secrets').below(secretId).remove(options);
  }
}

/** The members of one organization, each by the SID of the user. `create` adds somebody by their e-mail address. */
export type Memberships = Collection<Membership, AddMember, SetMembership, ListMembershipsQuery>;

/** Organizations, their tree and their members. */
export class Organizations extends Suspendable<
  Organization,
  CreateOrganization,
  UpdateOrganization,
  ListOrganizationsQuery
> {
  /** The members of an organization. @throws InvalidArgumentError */
  memberships(sid: string): Memberships {
    return new Collection(this.place.below(sid, 'memberships'));
  }
}

/** Accounts and their auth tokens. */
export class Accounts extends Suspendable<Account, CreateAccount, UpdateAccount, ListAccountsQuery, AccountWithToken> {
  /** Makes a new auth token in place of the one before: `auth_token` of the answer, this once. */
  async rotateAuthToken(sid: string, options: CallSettings = {}): Promise<AccountWithToken> {
    return this.place.below(sid, 'auth_token').record('POST', options);
  }
}

/** People who sign in. */
export class Users extends Suspendable<User, CreateUser, UpdateUser, ListUsersQuery> {
  /** Signs a user out everywhere. */
  async deleteSessions(sid: string, options: CallSettings = {}): Promise<void> {
    await this.place.below(sid, 'sessions').remove(options);
  }
}

/** What users have allowed. */
export class OAuthGrants extends Records<OAuthGrant, ListOAuthGrantsQuery> {
  /** Takes back what was allowed, with its tokens. @returns the grant as it was. */
  async delete(id: string, options: CallSettings = {}): Promise<OAuthGrant> {
    return this.place.below(id).record('DELETE', options);
  }
}

/** Where users are signed in. */
export class Sessions extends Records<Session, ListSessionsQuery> {
  /** Signs a browser out. */
  async delete(id: string, options: CallSettings = {}): Promise<void> {
    await this.place.below(id).remove(options);
  }
}

/** The keys that sign tokens. */
export class SigningKeys extends Records<SigningKey, ListSigningKeysQuery> {
  /** Retires a key at once: the tokens that it signed no longer count. */
  async delete(kid: string, options: ChangeSettings = {}): Promise<void> {
    await this.place.below(kid).remove(options);
  }

  /** Announces new keys, which sign after a while. @returns the new ones. */
  async rotate(request: RotateSigningKeys = {}, options: CallSettings = {}): Promise<SigningKey[]> {
    return this.place.at('rotate').records('POST', options, request);
  }
}

/** Who did what. */
export class AuditEvents {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  /** The events that the credentials may see. Nothing is sent before it is read. */
  list(query: ListAuditEventsQuery = {}, options: CallSettings = {}): Listing<AuditEvent> {
    return this.#place.list(query, options);
  }

  /**
   * All events in one answer of any length, oldest first, each as it comes. Nothing is sent before it is read; whoever
   * stops reading ends it. The time limit is for each part.
   * @throws as `CountersignClient.get`; ConnectionError when the answer breaks off.
   */
  export(query: ExportAuditEventsQuery = {}, options: CallSettings = {}): AsyncIterable<AuditEvent> {
    return this.#place.at('export').lines(query, options);
  }
}
