import { organizationOf } from '../questions.ts';
import { choosePage, type PageName, type Situation } from '../rules.ts';
import type { InteractionParts, Membership, OpenQuestion, User } from '../types.ts';

/** A question, and who is there to answer it. */
export interface Visit {
  readonly question: OpenQuestion;
  readonly page: PageName;
  readonly user: User | undefined;
  readonly memberships: readonly Membership[];
  /** The organization that a consent would be for. */
  readonly organization: Membership | undefined;
}

/** Looks at who is signed in and decides which page comes. @param switching the user asked for another account. */
export async function visit(
  { users }: Pick<InteractionParts, 'users'>,
  question: OpenQuestion,
  switching: boolean,
): Promise<Visit> {
  const { request } = question;
  const user = request.userSid === undefined ? undefined : await users.find(request.userSid);
  const memberships = user === undefined ? [] : await users.organizationsOf(user.sid);
  const organization = organizationOf(request, memberships);
  const named: Situation['organization'] = organization === undefined ? 'foreign' : 'own';
  const page = choosePage({
    step: request.step,
    signedIn: user !== undefined,
    switching,
    organization: request.organizationSid === undefined ? 'open' : named,
    memberships: memberships.length,
  });
  return { question, page, user, memberships, organization };
}

/**
 * What a form of this visit is tied to: the request, and the organization that the page names. Where that has changed
 * since, the page has to be looked at again.
 */
export const subjectOf = ({ question, organization }: Visit): string =>
  `${question.request.id} ${organization?.organizationSid ?? ''}`;
