import { fault, ok, type Result } from '../../base/index.ts';

/** Levels of the tree, the root's included. */
const mostLevels = 16;

/** A move or an addition, as the tree is. */
export interface Placing {
  /** What is placed and all beneath it, with how many levels that makes; nothing yet where it is new. */
  readonly subtree: { readonly sids: ReadonlySet<string>; readonly levels: number; readonly hasOperator: boolean };
  /** From the new parent up to its root; empty for a place at the root. */
  readonly above: ReadonlyArray<{ readonly sid: string; readonly standing: 'active' | 'suspended' }>;
}

/** Whether an organization may stand in a place of the tree. @returns the sentence that says why not. */
export function checkPlace({ subtree, above }: Placing): Result<undefined, string> {
  if (above.some(({ sid }) => subtree.sids.has(sid))) return fault('lies beneath the organization itself');
  if (above.some(({ standing }) => standing === 'suspended')) return fault('is suspended, or lies beneath one that is');
  // Whoever is above it would reach all that an operator reaches.
  if (subtree.hasOperator && above.length > 0)
    return fault('must be null: an operator of this server has nobody above');
  if (above.length + subtree.levels > mostLevels) return fault(`would make more than ${mostLevels} levels`);
  return ok(undefined);
}

const plural = (count: number, name: string) => `${count} ${name}${count === 1 ? '' : 's'}`;

/** What is in an organization, as a sentence has it; none when it is empty. */
export function contentsOf(counts: Readonly<Record<string, number>>): string | undefined {
  const parts = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [plural(count, name)]));
  return parts.length === 0 ? undefined : parts.join(', ');
}
