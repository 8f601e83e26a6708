/** Runs the tests and ends with one plain line: `N passed, N failed`. Parameters are vitest's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const folder = mkdtempSync(join(tmpdir(), 'gmm-test-'));
const report = join(folder, 'report.json');
const parameters = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const { status } = spawnSync(process.execPath, [vitest, ...parameters, ...process.argv.slice(2)], {
  stdio: 'inherit',
});

try {
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
   *   testResults: { status: string, assertionResults: { status: string }[] }[] }} */
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = result.numPendingTests + result.numTodoTests;
  // A file that cannot be run holds no test that failed, but is a failure.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const counts = [`${result.numPassedTests} passed`, `${result.numFailedTests + broken} failed`];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  process.stdout.write(`${counts.join(', ')}\n`);
} catch {
  process.stdout.write('0 passed, 1 failed\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status ?? 1;
