/**
 * The demo: one organization with an account, a user, an API key, clients and a resource, seeded once so that a newcomer gets
 * a token in the first minute. Production refuses to start where it finds one.
 */
export { readDemoFile } from './file.ts';
export { seedDemo } from './seed.ts';
export { hasDemoRows } from './store.ts';
