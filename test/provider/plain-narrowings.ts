import fc from 'fast-check';
import type { Pair } from './plain-authentication.ts';
import type { Cast } from './plain-cast.ts';

/** What a token is to be narrowed to: places, real and not, and what is none. */
export function narrowings({ places }: Cast): fc.Arbitrary<readonly Pair[]> {
  const nonsense = [
    '',
    'x',
    'OR',
    places.accounts[1] ?? '',
    places.organizations[1]?.toUpperCase() ?? '',
    ' ',
    '__proto__',
  ];
  // The first ones are where most clients may narrow to.
  const one = (name: string, sids: readonly string[]) =>
    fc
      .oneof(
        { weight: 6, arbitrary: fc.constantFrom(...sids.slice(0, 3)) },
        { weight: 3, arbitrary: fc.constantFrom(...sids) },
        { weight: 1, arbitrary: fc.constantFrom(...nonsense) },
      )
      .map((value): Pair => [name, value]);
  const organization = one('org_id', places.organizations);
  const account = one('account_sid', places.accounts);
  return fc.oneof(
    { weight: 90, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: organization.map((pair) => [pair]) },
    { weight: 4, arbitrary: account.map((pair) => [pair]) },
    { weight: 2, arbitrary: fc.tuple(organization, account) },
    { weight: 1, arbitrary: fc.tuple(organization, organization) },
  );
}
