// Runs the tests that show requirement statements of the guides, and writes docs/reference/pas-conformance.md from
// what came of them.
//
//   node scripts/write-pas-conformance.mjs             runs the tests and writes the table
//   node scripts/write-pas-conformance.mjs --no-run    writes it as if every test had passed, as test/pas-conformance/coverage.test.ts expects it
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importSource } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const { conformanceTables, filesOf } = await importSource('test/support/conformance-table.ts');
const verdict = process.argv.includes('--no-run') ? () => true : run();

writeFileSync(join(root, 'docs/reference/pas-conformance.md'), `# Conformance, statement by statement

Every requirement statement of PAS that concerns a payer, and those of the guides around it, with the tests that show it. The tests run over HTTP against the real server and its database. Made by \`node scripts/write-pas-conformance.mjs\` from their results; \`test/pas-conformance/coverage.test.ts\` fails where this page is not current. Statements are in our own words; the guides have them in theirs.

"Not applicable" are duties of clients, permissions that are not used, and what waits for access control; "not shown" is what no test shows yet.

${conformanceTables(root, verdict)}
`);

function run() {
  const folder = mkdtempSync(join(tmpdir(), 'priora-conformance-'));
  const results = join(folder, 'results.json');
  spawnSync(process.execPath, ['scripts/test.mjs', ...filesOf(root), `--reporters=${join(root, 'scripts/write-test-results.mjs')}`], { cwd: root, stdio: 'inherit', env: { ...process.env, PRIORA_TEST_RESULTS: results } });
  const files = new Map(JSON.parse(readFileSync(results, 'utf8')).map((file) => [relative(root, file.path), file]));
  rmSync(folder, { recursive: true, force: true });
  return ({ file, title }, id) => {
    const found = files.get(file);
    if (title === undefined) return found !== undefined && found.failed === 0 && found.tests.length > 0;
    const named = found?.tests.filter((test) => test.ids.includes(id)) ?? [];
    return named.length > 0 && named.every((test) => test.status === 'passed');
  };
}
