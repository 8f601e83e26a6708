/** `gmm select`: criteria over constants and models. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Selection } from '../../src/report/select-text.js';
import { DATA, MODEL, folderWith, gmm } from './run.js';

const PRECISIONS = resolve('models', 'mixtures', 'precisions.gmm');
const folder = folderWith({
  'few.csv': 'x\n1\n2\n4\n',
  'many.gmm': `model Many
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
latent z[i] : k    ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], variance: 1)
`,
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function selected(...parameters: readonly string[]): Selection {
  const { code, stdout, stderr } = gmm(['select', ...parameters, '--json'], { cwd: folder });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Selection;
}

it('runs over the values of a constant and tells the smallest BIC', () => {
  const { schema, fits, best } = selected(MODEL, DATA, '--set', 'K=1..3', '--restarts', '3');
  expect(schema).toBe('gmm-select/1');
  expect(fits.map((fit) => fit.constants)).toEqual([{ K: 1 }, { K: 2 }, { K: 3 }]);
  expect(fits.map((fit) => fit.degreesOfFreedom)).toEqual([5, 11, 17]);
  expect(Object.keys(fits[0])).toEqual([
    'model',
    'constants',
    'logLikelihood',
    'degreesOfFreedom',
    'bic',
    'aic',
    'icl',
    'converged',
    'error',
  ]);
  expect(best).toBe(1);
});

it('runs over models, each with the constants that it has', () => {
  const { fits } = selected(MODEL, PRECISIONS, DATA, '--set', 'K=2', '--restarts', '3');
  expect(fits.map((fit) => fit.model)).toEqual([MODEL, PRECISIONS]);
  expect(fits[1].bic).toBeCloseTo(fits[0].bic ?? NaN, 4);
});

it('gives a row to a fit that fails, which says why', () => {
  const { fits, best } = selected('many.gmm', 'few.csv', '--set', 'K=1,2,5', '--restarts', '2');
  expect(fits[2].error).toMatch(/3 rows.*5 components/);
  expect(fits[2].bic).toBeNull();
  expect(best).not.toBe(2);
});

it('fails when all fits do', () => {
  const { code, stdout, stderr } = gmm(['select', 'many.gmm', 'few.csv', '--set', 'K=5,6'], { cwd: folder });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('GMM0503');
});

it('prints a table', async () => {
  const { code, stdout } = gmm(['select', 'many.gmm', 'few.csv', '--set', 'K=1,2,5', '--restarts', '2'], {
    cwd: folder,
  });
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('./golden/select.txt');
});
