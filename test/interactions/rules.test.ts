import { describe, expect, it } from '@jest/globals';
import { choosePage, type Situation } from '../../src/interactions/rules.ts';

const steps = ['login', 'organization', 'consent'] as const;
const truths = [true, false];
const organizations = ['open', 'own', 'foreign'] as const;

/** Every situation there can be; more than two memberships are like two. */
const situations: Situation[] = steps.flatMap((step) =>
  truths.flatMap((signedIn) =>
    truths.flatMap((switching) =>
      organizations.flatMap((organization) =>
        [0, 1, 2].map((memberships) => ({ step, signedIn, switching, organization, memberships })),
      ),
    ),
  ),
);

const pagesOf = (chosen: readonly Situation[]) => [...new Set(chosen.map(choosePage))];
const where = (wish: Partial<Situation>) =>
  situations.filter((situation) =>
    Object.entries({ ...situation, ...wish }).every(([name, value]) => situation[name as keyof Situation] === value),
  );

/** Signed in, not switching, and past the sign-in. */
const asked = { signedIn: true, switching: false } as const;

describe('the page that comes next', () => {
  it('is decided for every one of the 108 situations', () => {
    expect(situations).toHaveLength(108);
    const counts = new Map<string, number>();
    for (const page of situations.map(choosePage)) counts.set(page, (counts.get(page) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      login: 90,
      foreign_organization: 6,
      no_organization: 4,
      organization: 5,
      consent: 3,
    });
  });

  it('is the sign-in while nobody is signed in, whatever else is known', () => {
    expect(pagesOf(where({ signedIn: false }))).toEqual(['login']);
  });

  it('is the sign-in where the request wants one, or the user another account', () => {
    expect(pagesOf(where({ step: 'login' }))).toEqual(['login']);
    expect(pagesOf(where({ switching: true }))).toEqual(['login']);
  });

  it.each(['organization', 'consent'] as const)(
    'says so where the request means an organization of others (%s)',
    (step) => {
      expect(pagesOf(where({ ...asked, step, organization: 'foreign' }))).toEqual(['foreign_organization']);
    },
  );

  it.each(['organization', 'consent'] as const)('says so where the user has no organization (%s)', (step) => {
    expect(pagesOf(where({ ...asked, step, organization: 'open', memberships: 0 }))).toEqual(['no_organization']);
    expect(pagesOf(where({ ...asked, step, organization: 'own', memberships: 0 }))).toEqual(['no_organization']);
  });

  it('lets the user choose where the protocol asks for it, or where several could be meant', () => {
    for (const memberships of [1, 2]) {
      expect(pagesOf(where({ ...asked, step: 'organization', organization: 'open', memberships }))).toEqual([
        'organization',
      ]);
      expect(pagesOf(where({ ...asked, step: 'organization', organization: 'own', memberships }))).toEqual([
        'organization',
      ]);
    }
    expect(pagesOf(where({ ...asked, step: 'consent', organization: 'open', memberships: 2 }))).toEqual([
      'organization',
    ]);
  });

  it('asks for consent only where user and organization are known', () => {
    const consenting = situations.filter((situation) => choosePage(situation) === 'consent');
    expect(consenting).toEqual([
      { ...asked, step: 'consent', organization: 'open', memberships: 1 },
      { ...asked, step: 'consent', organization: 'own', memberships: 1 },
      { ...asked, step: 'consent', organization: 'own', memberships: 2 },
    ]);
  });
});
