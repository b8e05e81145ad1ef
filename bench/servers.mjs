import { fileURLToPath } from 'node:url';

// Who is compared, as a table. Each is one Node process with the same flags; the requests sent to them differ in nothing.

const file = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @typedef {object} ServerKind
 * @property {string} name for `--servers` and the results file.
 * @property {string} title for the table.
 * @property {string} script
 * @property {readonly string[]} [args]
 * @property {boolean} [refusesJwts] at introspection and revocation, as oidc-provider does.
 * @property {boolean} [own] the server of this repository, configured by its environment.
 */

/** @type {readonly ServerKind[]} */
export const serverKinds = [
  { name: 'countersign', title: 'Countersign', script: file('../dist/main.js'), own: true },
  {
    name: 'bare',
    title: 'oidc-provider in memory',
    script: file('rivals/library.mjs'),
    args: ['memory'],
    refusesJwts: true,
  },
  {
    name: 'naive',
    title: 'oidc-provider, naive table',
    script: file('rivals/library.mjs'),
    args: ['naive'],
    refusesJwts: true,
  },
  { name: 'floor', title: 'floor: raw node:http', script: file('rivals/floor.mjs') },
];
