/**
 * Rows that a model draws are rows that it recovers: fitted to its own sample, the log-likelihood ratio of the estimate and
 * the truth, doubled, is a χ² number with as many degrees of freedom as there are parameters (Wilks 1938). Were a density,
 * a draw or an update wrong, it would grow with the number of rows.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.js';
import { compiled, examples, exampleData, exampleSource, root } from '../models.js';
import { cannotSample } from '../../src/fit/sample.js';
import { at, report } from './fits.js';

// rows with weights or labels of their own are no rows of the model
const drawable = examples.filter(
  (e) =>
    !['weighted', 'some-labels'].includes(e.name) &&
    cannotSample(compiled(exampleSource(e)).plan) === undefined,
);

describe('a fit to rows drawn from a model recovers it within its standard errors', () => {
  it.each(drawable)('$name', async (example) => {
    const model = compile(exampleSource(example));
    const truth = await model.fit(exampleData(example), { seed: 1 });
    const drawn = truth.sample(4000, { seed: 7 });
    const fit = await model.fit(drawn, { start: at(truth.parameters), maxIterations: 2000 });
    const { trace, degreesOfFreedom: df } = report(fit);
    const ratio = 2 * (trace[trace.length - 1] - trace[0]);
    expect(ratio).toBeGreaterThan(0);
    // six standard deviations of the χ² above its mean
    expect(ratio).toBeLessThan(df! + 6 * Math.sqrt(2 * df!) + 6);
  });
});

it('most models that have no covariates are among them', () => {
  expect(drawable.length).toBeGreaterThan(35);
});

it('a category is drawn with its labels', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gmm-sample-'));
  const run = (...args: readonly string[]): string =>
    spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), ...args], { encoding: 'utf8', cwd: dir })
      .stdout;
  const example = examples.find((e) => e.name === 'known-classes')!;
  run('fit', join(root, 'models', example.model), exampleData(example), '-o', 'fit.json', '--quiet');
  const [header, ...rows] = run('sample', 'fit.json', '-n', '300').trim().split('\n');
  const [of, x] = [header.split(',').indexOf('species'), header.split(',').indexOf('petal_length')];
  const lengths = (label: string) =>
    rows.map((r) => r.split(',')).flatMap((r) => (r[of] === label ? [Number(r[x])] : []));
  expect(new Set(rows.map((r) => r.split(',')[of]))).toEqual(new Set(['setosa', 'versicolor', 'virginica']));
  // the petals of setosa are less than half as long
  expect(Math.max(...lengths('setosa'))).toBeLessThan(Math.min(...lengths('virginica')));
  rmSync(dir, { recursive: true });
});
