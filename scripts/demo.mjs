/** `npm run demo`: derives the EM algorithm of a model and fits it to its data, as a user would. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const model = join('models', 'mixtures', 'old-faithful.gmm');
const data = join('models', 'data', 'faithful.csv');

for (const parameters of [
  ['derive', model],
  ['fit', model, data],
]) {
  process.stdout.write(`\n$ gmm ${parameters.join(' ')}\n\n`);
  const { status } = spawnSync(process.execPath, [join('dist', 'cli.js'), ...parameters], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
