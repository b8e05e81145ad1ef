/**
 * How often something may be tried within a time: counted in PostgreSQL for all nodes together, and in the memory of the
 * process while the database is away. It knows neither what is tried nor by whom: a limit is a row in a table of its
 * user, and a key is any short string without secrets. The keys of addresses are made here, since every limit on
 * strangers needs them; and so are the gates before endpoints, which refuse whoever is past a limit.
 */
export type { Gate, Subject } from './gate.ts';
export { createRequestLimits, type RequestLimits } from './requests.ts';
export { limitCaller, limitRequests } from './routes.ts';
export { addressKey, createExemption, limitFields } from './rules.ts';
export { createLimits, type Limiter } from './service.ts';
export type { Verdict } from './types.ts';
