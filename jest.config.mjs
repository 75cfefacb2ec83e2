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
  // A worker keeps the modules of every file it has run, and whole packages with them: it is begun anew before it is full.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 60_000,
};
