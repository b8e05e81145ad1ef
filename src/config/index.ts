/**
 * The environment, read once into one frozen Config. Every variable stands in variables.ts with its rule, default and
 * meaning; all faults are reported together. The only reader of process.env.
 */
export type { Config } from './config.ts';
export { renderExample } from './example.ts';
export { loadConfig, type Reading, readConfig } from './load.ts';
export { type SigningAlgorithm, signingAlgorithms } from './variables.ts';
