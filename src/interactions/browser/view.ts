import type { Problem } from '../../base/index.ts';
import type { ClientOnPage, ErrorPage, Flow, Page, ScopeGroup } from '../pages/types.ts';
import { pagesPath } from '../questions.ts';
import type { ScopeChoice } from '../scopes.ts';
import type { OpenQuestion } from '../types.ts';
import type { SignInNote } from './sign-in-note.ts';
import type { Refusal } from './submission.ts';
import type { Visit } from './visit.ts';

/** What a page needs besides the visit itself. */
export interface Around {
  readonly csrf: string;
  readonly hasLogo: boolean;
  readonly note: SignInNote | undefined;
  readonly choices: readonly ScopeChoice[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const at = (form: string) => `${pagesPath}/${form}`;
const deny = at('deny');
const switchAccount = at('switch');

const clientOf = ({ client }: OpenQuestion, hasLogo: boolean): ClientOnPage => ({
  id: client.clientId,
  name: client.name,
  verified: client.verified,
  hasLogo,
});

/** Seconds until a throttled sign-in may be tried again. */
export const secondsLeft = (note: SignInNote | undefined, now: number): number =>
  note === undefined ? 0 : Math.max(0, Math.ceil((note.until - now) / 1000));

function signInError(note: SignInNote | undefined, now: number) {
  if (note?.reason === 'wrong') return { kind: 'wrong' } as const;
  const seconds = secondsLeft(note, now);
  return seconds === 0 ? undefined : ({ kind: 'throttled', minutes: Math.ceil(seconds / 60) } as const);
}

/** The choices under the name of what they give access to, in the order of the request. */
function groupsOf(choices: readonly ScopeChoice[]): readonly ScopeGroup[] {
  const identifiers = [...new Set(choices.map(({ resource }) => resource?.identifier))];
  return identifiers.map((identifier) => {
    const own = choices.filter(({ resource }) => resource?.identifier === identifier);
    const scopes = own.map(({ value, scope, description, required }) => ({
      value,
      name: scope,
      description,
      required,
    }));
    return { resource: own[0]?.resource?.name, scopes };
  });
}

/** The page for a visit, with all that it shows. */
export function pageFor({ question, page, user, memberships, organization }: Visit, around: Around): Page {
  const { request, token } = question;
  const client = clientOf(question, around.hasLogo);
  const flow: Flow = { consentToken: token, csrf: around.csrf, formTargets: [request.redirectUri] };
  if (user === undefined || page === 'login') {
    const email = around.note?.email ?? request.loginHint;
    const error = signInError(around.note, around.now);
    return { kind: 'login', ...flow, client, email, error, actions: { signIn: at('login'), deny } };
  }
  const { email } = user;
  if (page === 'consent' && organization !== undefined) {
    const { policyUri, tosUri } = question.client;
    return {
      kind: 'consent',
      ...flow,
      client: { ...client, policyUri: policyUri ?? undefined, tosUri: tosUri ?? undefined },
      email,
      organization: organization.organizationName,
      redirectUri: request.redirectUri,
      groups: groupsOf(around.choices),
      actions: { allow: at('consent'), deny, switch: switchAccount },
    };
  }
  if (page === 'organization') {
    const organizations = memberships.map(({ organizationSid: sid, organizationName: name, role }) => ({
      sid,
      name,
      role,
    }));
    const actions = { choose: at('organization'), deny, switch: switchAccount };
    return {
      kind: 'organization',
      ...flow,
      client,
      email,
      organizations,
      selected: organization?.organizationSid,
      actions,
    };
  }
  const reason = page === 'foreign_organization' ? 'foreign' : 'none';
  return { kind: 'no_organization', reason, ...flow, client, email, actions: { deny, switch: switchAccount } };
}

type Told = Pick<ErrorPage, 'error'> & { readonly status: number };

/** How it is told that a page cannot be shown, or a form not taken. */
export const refusals: Readonly<Record<Refusal, Told>> = {
  expired: { status: 410, error: 'expired' },
  answered: { status: 410, error: 'answered' },
  unknown_client: { status: 410, error: 'unknown_client' },
  other_browser: { status: 403, error: 'other_browser' },
  other_site: { status: 403, error: 'stale_form' },
  stale_form: { status: 403, error: 'stale_form' },
};

/** How a Problem is told to a person: the code, or its status for all the rest. */
export function toldOf({ code, status }: Problem): Told {
  if (code === 'unavailable') return { status, error: 'unavailable' };
  if (status >= 500) return { status, error: 'server_error' };
  // The protocol says so where the request ended between our look at it and the deed.
  if (code === 'unprocessable') return refusals.answered;
  return { status, error: code === 'not_found' || code === 'method_not_allowed' ? 'not_found' : 'stale_form' };
}
