import type { z } from 'zod';
import { Problem, type ProblemFault } from '../base/index.ts';

/** Member names go into a JSON Pointer escaped (RFC 6901 section 3), and shortened, since they are the sender's. */
const pointerTo = (name: PropertyKey) => `/${String(name).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`;

type Place = 'body' | 'query';

/** Where a fault is: a JSON Pointer into the body, or the name of a query parameter. */
function placeOf(place: Place, path: readonly PropertyKey[]): Pick<ProblemFault, 'pointer' | 'parameter'> {
  if (place === 'body') return { pointer: path.map(pointerTo).join('') };
  return { parameter: String(path[0] ?? '').slice(0, 64) };
}

const mostUnknown = 10;

function faultsOfIssue(issue: z.core.$ZodIssue, place: Place): ProblemFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, mostUnknown).map((key) => ({
      ...placeOf(place, [...issue.path, key]),
      code: 'unknown_property',
      detail: 'is not known here',
    }));
  }
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
  return [
    {
      ...placeOf(place, issue.path),
      code: isMissing ? 'required' : 'invalid_value',
      detail: isMissing ? 'is required' : issue.message,
    },
  ];
}

/** Every fault that a schema found, each with its place. */
export function faultsOf({ issues }: z.core.$ZodError, place: Place = 'body'): ProblemFault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, place));
}

const nameOf = ({ pointer, parameter }: ProblemFault) => parameter ?? pointer?.slice(1).replaceAll('/', '.') ?? '';

/** @throws Problem 422 with all faults. */
export function refuse(faults: readonly ProblemFault[]): never {
  const sentences = faults.map((fault) => `${nameOf(fault)} ${fault.detail}`.trim());
  throw new Problem('unprocessable', `${sentences.join('; ')}.`, { faults });
}

/** @throws Problem 422 with all faults, if there are any. */
export function refuseFaults(faults: readonly ProblemFault[]): void {
  if (faults.length > 0) refuse(faults);
}
