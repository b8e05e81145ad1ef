/**
 * How hard the races are run. The short form is part of every test run; `npm run test:race` sets both variables, which
 * also has the figures printed.
 */
const { RACE_ROUNDS, RACE_PARALLEL } = process.env;

/** How often each race is run. */
export const rounds = Number(RACE_ROUNDS ?? 5);
/** Requests at a time. */
export const parallel = Number(RACE_PARALLEL ?? 20);
/** Whether somebody wants to read the figures. */
export const isLongForm = RACE_ROUNDS !== undefined;
/** Milliseconds that a race may take: far more than it does, so that a slow machine fails nothing. */
export const patience = 30_000 + rounds * parallel * 100;
