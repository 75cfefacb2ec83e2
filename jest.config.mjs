// TypeScript is stripped by swc and run as native ES modules. Tests import each other's rooms by path, as the code does.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript', importAttributes: true }, experimental: { keepImportAttributes: true } }, module: { type: 'es6' } }],
  },
  maxWorkers: 2,
  testSequencer: '<rootDir>/scripts/test-order.mjs',
  // Node 20 never lets go of a module that was linked in a context (ModuleWrap), so that a worker keeps some 35 MB of each
  // file that it has run with a server in it, and whole packages. It is begun anew, in a second, long before half of its
  // time goes into looking for memory: at 4 GB a test of one request took half a minute.
  workerIdleMemoryLimit: '800MB',
  testTimeout: 60_000,
};
