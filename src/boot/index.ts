/**
 * The start and the stop: finds the database, collects every fault before it refuses, prepares schema and keys, seeds
 * the demo, listens, drains. The doors (main, cli) call it; it knows the order of things and none of their inside.
 */
export { type Desk, withDesk } from './desk.ts';
export { updateSchema } from './migrations.ts';
export { reportFaults, runServer } from './run.ts';
export { type Server, serve } from './serve.ts';
