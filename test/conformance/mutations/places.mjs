/** Where most protections are chosen. */
export const configuration = 'src/provider/configuration.ts';
export const factory = 'src/provider/factory.ts';

const firstOwnMiddleware = '  provider.use(parts.afterAuthentication as LibraryMiddleware);';
const firstOwnMethod = '    async compareClientSecret(';

/** Changes what the library answers, where the protection is the library's own. @param code with `ctx` at hand. */
export const onResponse = (code) => [
  factory,
  firstOwnMiddleware,
  `  provider.use((async (ctx: any, next: any) => {\n    await next();\n    ${code}\n  }) as LibraryMiddleware);\n${firstOwnMiddleware}`,
];

/** Puts a method of a client in the place of the library's. */
export const insteadOfLibrary = (method) => [factory, firstOwnMethod, `    ${method}\n${firstOwnMethod}`];

const readsArtifact = '{ ...toPayload(seal, idHash, row), jti: id }';

/** Lets the library read a code with other members. @param members as in an object; `ctx` is the request. */
export const onCode = (members) => [
  'src/provider/storage/artifacts.ts',
  `      return row === undefined ? undefined : ${readsArtifact};`,
  `      const ctx = Provider.ctx;\n      const own = kind === 'AuthorizationCode' ? { ${members} } : {};\n      return row === undefined ? undefined : { ...toPayload(seal, idHash, row), jti: id, ...own };`,
];

/** Changes a code before it is stored. @param code with `this` as the code. */
export const beforeCode = (code) => [
  'src/provider/people/family.ts',
  '      const { ctx } = Provider;\n      // The adapter',
  `      ${code}\n      const { ctx } = Provider;\n      // The adapter`,
];

/** Makes a family look as if it were that of whoever asks. */
export const familyOfAnyone = [
  'src/provider/storage/families.ts',
  '{ ...seal.open(idHash, row.payloadSealed), jti: id }',
  '{ ...seal.open(idHash, row.payloadSealed), jti: id, clientId: Provider.ctx?.oidc.client?.clientId as string }',
];
