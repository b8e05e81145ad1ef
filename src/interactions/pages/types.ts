import type { ErrorName } from './texts.ts';

/** What every form of an authorization request carries, and where its answer may lead. */
export interface Flow {
  readonly consentToken: string;
  readonly csrf: string;
  /**
   * Where a POST of this page may end up after its redirects, besides here: redirect URIs, origins or schemes, as they
   * come. They are made harmless for the `form-action` of the page's policy, which Chromium applies to redirects too.
   */
  readonly formTargets: readonly string[];
}

/** The application that asks. All of it but `verified` is its own claim. */
export interface ClientOnPage {
  readonly id: string;
  readonly name: string;
  readonly verified: boolean;
  /** Whether our own `/oauth/logos/:id` has its logo; else the page shows initials. */
  readonly hasLogo: boolean;
}

/** An e-mail address and a password. Fields posted: `email`, `password`. */
export interface LoginPage extends Flow {
  readonly kind: 'login';
  readonly client: ClientOnPage;
  /** What is filled in already: the hint of the client, or what was typed before. */
  readonly email: string | undefined;
  readonly error: { readonly kind: 'wrong' } | { readonly kind: 'throttled'; readonly minutes: number } | undefined;
  readonly actions: { readonly signIn: string; readonly deny: string };
}

/** Which organization to act for. Field posted: `organization`, a SID. */
export interface OrganizationPage extends Flow {
  readonly kind: 'organization';
  readonly client: ClientOnPage;
  readonly email: string;
  readonly organizations: readonly { readonly sid: string; readonly name: string; readonly role: string }[];
  /** The one that is chosen at first. Default: the first. */
  readonly selected: string | undefined;
  readonly actions: { readonly choose: string; readonly deny: string; readonly switch: string };
}

/** A user who belongs to no organization that could be acted for. */
export interface NoOrganizationPage extends Flow {
  readonly kind: 'no_organization';
  /** Of none at all, or only not of the one that the request names. */
  readonly reason: 'none' | 'foreign';
  readonly client: ClientOnPage;
  readonly email: string;
  readonly actions: { readonly deny: string; readonly switch: string };
}

/** A scope as a person reads it. */
export interface ScopeOnPage {
  /** What is posted as `scope` when it is left checked; it need not be the name. */
  readonly value: string;
  readonly name: string;
  /** None: the name has to do. */
  readonly description: string | undefined;
  /** Shown as fixed, and not posted. */
  readonly required: boolean;
}

/** What a client wants of one resource. */
export interface ScopeGroup {
  /** Name of the resource; none is the user's own profile (OpenID Connect). */
  readonly resource: string | undefined;
  readonly scopes: readonly ScopeOnPage[];
}

/** Whether the client may do what it asks for. Fields posted: `scope`, once for each optional scope left checked. */
export interface ConsentPage extends Flow {
  readonly kind: 'consent';
  readonly client: ClientOnPage & {
    readonly policyUri: string | undefined;
    readonly tosUri: string | undefined;
  };
  readonly email: string;
  readonly organization: string;
  readonly redirectUri: string;
  readonly groups: readonly ScopeGroup[];
  readonly actions: { readonly allow: string; readonly deny: string; readonly switch: string };
}

/** Whether to sign out. Fields posted: `xsrf`, and `logout=yes` when the answer is yes: the library's own form. */
export interface LogoutPage {
  readonly kind: 'logout';
  readonly action: string;
  readonly xsrf: string;
  /** Name of the application that sent the user here. */
  readonly client: string | undefined;
  readonly email: string | undefined;
  readonly formTargets: readonly string[];
}

export interface SignedOutPage {
  readonly kind: 'signed_out';
  /** The user chose to stay signed in after all. */
  readonly stayed: boolean;
  /** Back to the application that sent the user here. */
  readonly link: { readonly href: string; readonly client: string } | undefined;
}

/** Something went wrong, or cannot go on here. */
export interface ErrorPage {
  readonly kind: 'error';
  readonly error: ErrorName;
  /** One more plain sentence, such as a Problem's detail: what exactly is wrong. For whoever mends it, so in English. */
  readonly detail: string | undefined;
  readonly requestId: string;
  /** A way on: to the application, or to the beginning of what was tried. */
  readonly link:
    | { readonly to: 'client'; readonly href: string; readonly client: string }
    | { readonly to: 'start'; readonly href: string }
    | undefined;
}

export type Page =
  | LoginPage
  | OrganizationPage
  | NoOrganizationPage
  | ConsentPage
  | LogoutPage
  | SignedOutPage
  | ErrorPage;
