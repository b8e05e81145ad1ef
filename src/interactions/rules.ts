import type { Step } from '../provider/index.ts';

/** What is known of a request that waits for a person. One that no longer waits has no page but an error. */
export interface Situation {
  readonly step: Step;
  /** Whether somebody who may act is signed in. */
  readonly signedIn: boolean;
  /** The user asked to sign in as somebody else. */
  readonly switching: boolean;
  /** The organization that the request means: none, one of the user's, or one that is not theirs. */
  readonly organization: 'open' | 'own' | 'foreign';
  /** How many organizations the user may act for. */
  readonly memberships: number;
}

export type PageName = 'login' | 'no_organization' | 'foreign_organization' | 'organization' | 'consent';

type Row = readonly [holds: (situation: Situation) => boolean, page: PageName];

/** From top to bottom, the first row that holds decides; where none does, all is known but the consent. */
const rows: readonly Row[] = [
  [({ switching, signedIn, step }) => switching || !signedIn || step === 'login', 'login'],
  [({ organization }) => organization === 'foreign', 'foreign_organization'],
  [({ memberships }) => memberships === 0, 'no_organization'],
  [({ step }) => step === 'organization', 'organization'],
  [({ organization, memberships }) => organization === 'open' && memberships > 1, 'organization'],
];

/** Which page a person sees next. It is the one place that decides so. */
export function choosePage(situation: Situation): PageName {
  return rows.find(([holds]) => holds(situation))?.[1] ?? 'consent';
}
