import { fileURLToPath } from 'node:url';

/** Tests run on the TypeScript sources as ES modules; one PostgreSQL is shared by all suites, one database each. */
export default {
  rootDir: fileURLToPath(new URL('..', import.meta.url)),
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  coverageProvider: 'v8',
  testTimeout: 30_000,
  maxWorkers: 2,
  // Modules of a finished suite stay in a worker's heap, whose collection gets slow: past this it is replaced.
  workerIdleMemoryLimit: '1GB',
  reporters: ['default', ...(process.env.FAILED_FILES ? ['<rootDir>/.config/failed-files.mjs'] : [])],
};
