import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AudienceScopes, ConsentOrigin } from '../../grants/index.ts';

/** What still has to be asked of a person before an authorization request can be answered. */
export type Step = 'login' | 'organization' | 'consent';

/** The scopes that a request wants of one audience. */
export type WantedScopes = AudienceScopes;

/** An authorization request that has passed every check and waits for a person. */
export interface PendingRequest {
  /** The library's interaction id. It stands in the resume URL and a signed cookie of the browser that began. */
  readonly id: string;
  readonly step: Step;
  readonly clientId: string;
  readonly redirectUri: string;
  /** `query` or `form_post`. */
  readonly responseMode: string;
  readonly loginHint: string | undefined;
  /** Who was signed in in the browser when this step began. */
  readonly userSid: string | undefined;
  /** The organization that the request asks for, or that was chosen on the way. */
  readonly organizationSid: string | undefined;
  /** All that the request asks for, granted before or not. */
  readonly wanted: readonly WantedScopes[];
  /** The request wants the user to sign in anew (`prompt=login`, `max_age`), which nobody can do for them. */
  readonly freshSignIn: boolean;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** What a person did at a step. */
export type Outcome =
  | { readonly kind: 'signed_in'; readonly userSid: string }
  | { readonly kind: 'organization_chosen'; readonly organizationSid: string }
  | {
      readonly kind: 'consented';
      readonly organizationSid: string;
      readonly allowed: readonly WantedScopes[];
      readonly origin?: ConsentOrigin;
    }
  | { readonly kind: 'denied'; readonly origin?: ConsentOrigin };

/** The outcome of all steps at once, where a frontend of somebody else's asked. */
export type HeadlessOutcome =
  | { readonly kind: 'denied'; readonly userSid: string; readonly origin?: ConsentOrigin }
  | {
      readonly kind: 'allowed';
      readonly userSid: string;
      readonly organizationSid: string;
      readonly allowed: readonly WantedScopes[];
      readonly origin?: ConsentOrigin;
    };

/** The authorization requests that wait for a person. */
export interface People {
  /** @returns nothing for what is unknown, expired or finished. */
  find(id: string): Promise<PendingRequest | undefined>;
  /** Whether this browser began the request: its cookie names it. */
  beganIn(req: IncomingMessage, id: string): boolean;
  /**
   * Records what a person did in the browser that began.
   * @returns where to send the browser: a URL of ours, where the protocol decides what comes next.
   * @throws Problem 422 when the request is gone, or the session of the user who is to choose or consent.
   */
  resolve(req: IncomingMessage, res: ServerResponse, id: string, outcome: Outcome): Promise<string>;
  /**
   * Finishes a request without its browser. @returns the client's callback, with a code or an error.
   * @throws Problem 422 when the request is gone or cannot be finished so, 403 when the user is no member.
   */
  conclude(id: string, outcome: HeadlessOutcome): Promise<string>;
}

/** A user as claims tell of them. */
export interface Person {
  readonly sid: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
}

export interface PersonMembership {
  readonly organizationSid: string;
  readonly organizationName: string;
  readonly role: string;
}

/** The users, as far as the protocol asks about them. */
export interface PeopleDirectory {
  /** An active user. */
  find(sid: string): Promise<Person | undefined>;
  /** The active organizations that a user is a member of. */
  organizationsOf(sid: string): Promise<readonly PersonMembership[]>;
}
