// What this server must reach, as a table. Ratios are medians over the rounds of requests per second, taken within each
// round, so that a machine that slows down for everybody changes none of them.

/**
 * @typedef {object} Target
 * @property {string} title
 * @property {string} [workload] with `against` and `least`: how many times the other server's requests per second.
 * @property {string} [against] the other server.
 * @property {string} [unlike] in place of `against`: another workload of this server.
 * @property {number} [least]
 * @property {number} [memoryBelow] MB (a million bytes) of resident memory at the end of the run.
 * @property {string} [onNode] the major version of Node that the target is stated for.
 */

/** @type {readonly Target[]} */
export const targets = [
  {
    title: 'client_credentials: at least 1.0 times bare oidc-provider in memory',
    workload: 'client-credentials',
    against: 'bare',
    least: 1,
  },
  {
    title: "AccessTokens by API key: at least 1.0 times this server's own client_credentials",
    workload: 'access-tokens',
    unlike: 'client-credentials',
    least: 1,
  },
  {
    title: "introspection of a JWT: at least 1.0 times bare oidc-provider's of an opaque token in memory",
    workload: 'introspect-jwt',
    against: 'bare',
    least: 1,
  },
  {
    title: 'introspection of an opaque token: at least 1.5 times oidc-provider over a naive table',
    workload: 'introspect-opaque',
    against: 'naive',
    least: 1.5,
  },
  {
    title: 'refresh rotation: at least 2 times oidc-provider over a naive table',
    workload: 'refresh',
    against: 'naive',
    least: 2,
  },
  {
    title: 'code flow of a signed-in user: at least 1.5 times oidc-provider over a naive table',
    workload: 'code-flow',
    against: 'naive',
    least: 1.5,
  },
  { title: 'resident memory: below 160 MB on Node 20', memoryBelow: 160, onNode: '20' },
];
