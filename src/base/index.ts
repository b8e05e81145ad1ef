/**
 * The ground floor: problems and their table, results of pure rules, the clock, SIDs, secrets and their hashes.
 * It knows nothing of HTTP, SQL or configuration, and every other floor may use it.
 */
export { type Clock, systemClock } from './clock.ts';
export { Problem, type ProblemFault, problemFrom, StartupError } from './failures.ts';
export { isSid, newSid, type SidKind, sidPrefixes } from './ids.ts';
export { keepHeapSmall } from './memory.ts';
export { errorCodes } from './problem.ts';
export { fault, ok, type Result } from './result.ts';
export { createSealer, SealError, type Sealer } from './sealing.ts';
export { hashSecret, newSecret, sameHash } from './secrets.ts';
