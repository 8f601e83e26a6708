/** `gmm predict` and `gmm score`, from the fit file alone. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA, MODEL, folderWith, gmm } from './run.js';

const folder = folderWith({
  'new.csv': 'waiting,eruptions\n80,4.3\n54,2\n',
  'labelled.csv': `x,kind\n${[0, 1, 2, 3].map((n) => `${String(n / 10)},low\n${String(9 + n / 10)},high\n`).join('')}`,
  'labelled.gmm': `model Labelled
plate i over rows
plate k in 1..2
param pi    : simplex[k]
param mu[k] : real
param s2    : variance
latent z[i] : k    from kind ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], s2)
`,
});
beforeAll(() => {
  expect(gmm(['fit', MODEL, DATA, '-o', 'fit.json'], { cwd: folder }).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...parameters: readonly string[]) => gmm(parameters, { cwd: folder });
const json = (...parameters: readonly string[]): unknown => JSON.parse(run(...parameters, '--json').stdout);

describe('predict', () => {
  it('prints the component and the responsibilities as CSV', () => {
    const { code, stdout, stderr } = run('predict', 'fit.json', 'new.csv');
    expect([code, stderr]).toEqual([0, '']);
    const [header, ...rows] = stdout.trim().split('\n');
    expect(header).toBe('z,z_1,z_2');
    expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2']);
    for (const row of rows) {
      const [, a, b] = row.split(',').map(Number);
      expect(a + b).toBeCloseTo(1, 12);
    }
  });

  it('prints gmm-predict/1', () => {
    expect(json('predict', 'fit.json', 'new.csv')).toEqual({
      schema: 'gmm-predict/1',
      component: { z: [1, 2] },
      responsibilities: { z: [expect.arrayContaining([expect.any(Number)]), expect.any(Array)] },
    });
  });

  it('writes CSV, Parquet and JSON by the name of the file', () => {
    for (const name of ['rows.csv', 'rows.parquet', 'rows.json']) {
      const { code, stdout } = run('predict', 'fit.json', 'new.csv', '-o', name);
      expect([code, stdout]).toEqual([0, '']);
      expect(existsSync(join(folder, name))).toBe(true);
    }
    expect(readFileSync(join(folder, 'rows.csv'), 'utf8')).toBe(run('predict', 'fit.json', 'new.csv').stdout);
    expect(run('predict', 'fit.json', 'new.csv', '-o', 'rows.xls').code).toBe(2);
  });

  it('calls the components by their labels', () => {
    expect(run('fit', 'labelled.gmm', 'labelled.csv', '-o', 'labelled.json').code).toBe(0);
    const { stdout } = run('predict', 'labelled.json', 'labelled.csv');
    const found = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[0]);
    expect(found).toEqual(['low', 'high', 'low', 'high', 'low', 'high', 'low', 'high']);
  });
});

describe('score', () => {
  it('prints a column of log densities', () => {
    const { code, stdout } = run('score', 'fit.json', 'new.csv');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^logDensity\n-\d+\.\d+\n-\d+\.\d+\n$/);
  });

  it('sums to the log-likelihood of the fit', () => {
    const scores = json('score', 'fit.json', DATA) as { readonly logDensity: readonly number[] };
    const fit = JSON.parse(readFileSync(join(folder, 'fit.json'), 'utf8')) as {
      readonly fit: { readonly logLikelihood: number };
    };
    expect(scores).toMatchObject({ schema: 'gmm-score/1' });
    expect(scores.logDensity.reduce((a, b) => a + b, 0)).toBeCloseTo(fit.fit.logLikelihood, 8);
  });

  it('refuses a limit, which has no density', () => {
    const model = join('..', 'models', 'clustering', 'k-means.gmm');
    const data = join('..', 'models', 'data', 'iris.csv');
    const place = { cwd: 'test' };
    expect(gmm(['fit', model, data, '-o', join(folder, 'k-means.json')], place).code).toBe(0);
    const { code, stdout, stderr } = run(
      'score',
      'k-means.json',
      join(process.cwd(), 'models', 'data', 'iris.csv'),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('no density');
    expect(run('predict', 'k-means.json', join(process.cwd(), 'models', 'data', 'iris.csv')).code).toBe(0);
  });
});
