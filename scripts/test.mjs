// `npm test`: everything against a real PostgreSQL, with nothing installed by hand.
// Starts an embedded PostgreSQL in a temporary folder (or takes PRIORA_TEST_DATABASE_URL), makes one migrated template
// database from which each test file copies its own, runs jest, and closes with a line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importSource } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'priora-test-'));
// The embedded PostgreSQL runs as another user where this is root, and must be able to pass through.
chmodSync(temporary, 0o711);

/** As `npm start` has it; workers inherit it. Loading modules makes much that is needed for a moment. */
const roomForTheYoung = ['--max-semi-space-size=48'];

const { prepareDatabases } = await importSource('test/support/prepare.ts');
const prepared = await prepareDatabases({ folder: temporary, url: process.env.PRIORA_TEST_DATABASE_URL });
const results = join(temporary, 'results.json');
const jest = join(dirname(fileURLToPath(import.meta.resolve('jest/package.json'))), 'bin', 'jest.js');
const code = await new Promise((resolve) => {
  spawn(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...roomForTheYoung, jest, '--json', `--outputFile=${results}`, '--testLocationInResults', ...process.argv.slice(2)], {
    cwd: root, stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PRIORA_TEST_TEMPLATE_URL: prepared.url, TMPDIR: temporary },
  }).on('exit', (exitCode) => resolve(exitCode ?? 1));
});
await prepared.stop();

let summary;
try {
  summary = JSON.parse(readFileSync(results, 'utf8'));
} catch {
  console.error('jest gave no results');
  process.exit(1);
}
rmSync(temporary, { recursive: true, force: true });
// A file that does not even load has run no test, and must count all the same.
const broken = summary.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const skipped = summary.numPendingTests + summary.numTodoTests;
console.log(`${summary.numPassedTests} passed, ${summary.numFailedTests + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(code);
