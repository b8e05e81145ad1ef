/** The present, in milliseconds since the epoch. Passed as an argument so that tests can move it. */
export type Clock = () => number;

/** The clock of this machine. */
export const systemClock: Clock = Date.now;
