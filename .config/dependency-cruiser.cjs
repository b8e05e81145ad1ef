// The floors of the house: a folder imports only lower floors, and two folders on one floor never import each other.
// The rules below are generated from this one array; docs/architecture.md explains it.
const floors = [
  ['sdk'],
  ['base'],
  ['config'],
  ['telemetry'],
  ['http', 'store', 'outbound'],
  ['limits'],
  ['api'],
  ['audit'],
  ['keys', 'revocations'],
  ['accounts', 'clients', 'resources'],
  ['grants'],
  ['issuer', 'provider'],
  ['access'],
  ['interactions', 'reference'],
  ['demo'],
  ['operations.ts'],
  ['app.ts'],
  ['boot'],
  ['main.ts', 'cli'],
];

const at = (rooms) => `^src/(${rooms.map((room) => room.replace('.', '\\.')).join('|')})(/|$)`;

const floorRules = floors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: `floor-${floor}-${room}`,
    comment: `${room} is on floor ${floor}: it may import lower floors only, and none of its neighbours.`,
    severity: 'error',
    from: { path: at([room]) },
    to: { path: at([...rooms.filter((other) => other !== room), ...floors.slice(floor + 1).flat()]) },
  })),
);

const only = (name, comment, to, from) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: from },
  to,
});

module.exports = {
  forbidden: [
    ...floorRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'doors',
      comment: 'Another folder is entered by its index.ts; the SDK has one more for its tokens.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/(sdk/jwt|[^/]+)/index\\.ts$'] },
    },
    {
      name: 'rules-are-pure',
      comment: 'rules.ts files decide; they do no I/O and know no framework.',
      severity: 'error',
      from: { path: '(^|/)rules\\.ts$' },
      to: {
        path: [
          '^(node:)?(fs|net|http|https|child_process|timers)',
          '^node_modules/(koa|postgres|@prisma|pino)',
          '(^|/)(store|service|routes)\\.ts$',
        ],
      },
    },
    only(
      'database-in-stores',
      'Prisma and postgres.js are used in store/ and */store.ts only.',
      { path: '^node_modules/(postgres|@prisma|pg)/' },
      '^src/(store/|[^/]+/store\\.ts$)',
    ),
    only(
      'koa-at-the-edge',
      'koa is used in http/, provider/, interactions/, */routes.ts and app.ts only.',
      { path: '^node_modules/(koa|@koa|@types/koa)' },
      '^src/(http/|provider/|interactions/|[^/]+/routes\\.ts$|app\\.ts$)',
    ),
    only(
      'oidc-provider-in-provider',
      'The protocol library is used in provider/ only.',
      { path: '^node_modules/(@types/)?oidc-provider/' },
      '^src/provider/',
    ),
    {
      name: 'no-library-internals',
      severity: 'error',
      from: {},
      to: { path: '^node_modules/oidc-provider/lib/', pathNot: '^node_modules/oidc-provider/lib/index\\.js$' },
    },
    {
      name: 'sdk-stands-alone',
      severity: 'error',
      from: { path: '^src/sdk/' },
      to: { pathNot: ['^src/sdk/', '^node:', '^crypto$', '^node_modules/jose/'] },
    },
    {
      name: 'sdk-on-web-apis',
      comment: 'The SDK runs wherever fetch does; only its tokens minted without a server need node:crypto.',
      severity: 'error',
      from: { path: '^src/sdk/', pathNot: '^src/sdk/jwt/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sdk-without-jwt',
      comment: 'Credentials bring no minting along.',
      severity: 'error',
      from: { path: '^src/sdk/', pathNot: '^src/sdk/jwt/' },
      to: { path: '^src/sdk/jwt/' },
    },
    {
      name: 'sdk-jwt-apart',
      comment: 'Minting brings no credentials along, and needs nothing of Node but its crypto.',
      severity: 'error',
      from: { path: '^src/sdk/jwt/' },
      to: { path: ['^src/sdk/', '^(node:)?[a-z_]+$'], pathNot: ['^src/sdk/jwt/', '^(node:)?crypto$'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^src/store/generated', '^src/sdk/dist'] },
    tsPreCompilationDeps: true,
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.d.ts'],
    },
  },
};
