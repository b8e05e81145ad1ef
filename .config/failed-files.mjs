import { writeFileSync } from 'node:fs';

/** A reporter for jest that writes down which test files failed, one a line, where FAILED_FILES says. */
export default class FailedFiles {
  onRunComplete(_contexts, { testResults }) {
    const failed = testResults.filter(({ numFailingTests, testExecError }) => numFailingTests > 0 || testExecError);
    writeFileSync(process.env.FAILED_FILES, failed.map(({ testFilePath }) => `${testFilePath}\n`).join(''));
  }
}
