// A reporter for jest: writes what came of each test into the file that PRIORA_TEST_RESULTS names.
import { writeFileSync } from 'node:fs';

export default class WriteTestResults {
  onRunComplete(_, { testResults }) {
    writeFileSync(process.env.PRIORA_TEST_RESULTS, JSON.stringify(testResults.map((file) => ({
      path: file.testFilePath,
      failed: file.numFailingTests + (file.testExecError ? 1 : 0),
      tests: file.testResults.map(({ title, status }) => ({ ids: title.split(': ', 1)[0].split(', '), status })),
    }))));
  }
}
