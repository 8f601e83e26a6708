/** `gmm fit`: the summary, the JSON of the design, starts, and which stream says what. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FitFile } from '../../src/fit/fit-file.js';
import { DATA, MODEL, folderWith, gmm } from './run.js';

const folder = folderWith({
  'start.json': JSON.stringify({
    parameters: {
      pi: [0.5, 0.5],
      mu: [
        [2, 55],
        [4, 80],
      ],
      Sigma: [
        [
          [1, 0],
          [0, 100],
        ],
        [
          [1, 0],
          [0, 100],
        ],
      ],
    },
  }),
  'line.gmm': `model Line
plate i over rows
param w  : real[2]
param s2 : variance
data  eruptions[i] : real
let   phi[i] = [1, eruptions[i]]
data  waiting[i] : real ~ Normal(dot(w, phi[i]), s2)
`,
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fitted(...parameters: readonly string[]): FitFile {
  const { code, stdout, stderr } = gmm(['fit', MODEL, DATA, '--json', ...parameters], { cwd: folder });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as FitFile;
}

/** The keys of an object, and of the objects in it. */
const keys = (value: object): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(value).map(([name, entry]: [string, unknown]) => [
      name,
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? Object.keys(entry) : [],
    ]),
  );

describe('--json', () => {
  it('has every key of the design, in its order', () => {
    expect(keys(fitted())).toEqual({
      schema: [],
      version: [],
      model: ['name', 'file', 'sha256', 'source', 'constants'],
      engine: ['name', 'device', 'precision', 'threads', 'version'],
      data: ['rows', 'columns', 'weights', 'levels'],
      fit: [
        'objective',
        'logLikelihood',
        'logPosterior',
        'inertia',
        'degreesOfFreedom',
        'bic',
        'aic',
        'icl',
        'iterations',
        'converged',
        'closedForm',
        'seed',
        'restarts',
        'failedRestarts',
        'bestRestart',
        'trace',
        // beside the design's: which algorithm, and what it takes Newton steps for
        'algorithm',
        'newton',
        'tangents',
        // and whether starts ran on a sample
        'startRows',
        // what float32 costs
        'precisionLoss',
      ],
      parameters: ['pi', 'mu', 'Sigma'],
      timings: ['totalMs', 'loadMs', 'compileMs', 'startMs', 'iterationsMs'],
      warnings: [],
    });
  });

  it('holds the known optimum of the Old Faithful data', () => {
    const fit = fitted();
    expect(fit).toMatchObject({
      schema: 'gmm-fit/1',
      model: { name: 'OldFaithful', file: MODEL, constants: { K: 2 }, source: readFileSync(MODEL, 'utf8') },
      data: { rows: 272, columns: { x: ['eruptions', 'waiting'] }, weights: null },
      fit: { objective: 'logLikelihood', converged: true, degreesOfFreedom: 11, seed: '1', restarts: 10 },
      warnings: [],
    });
    expect(fit.fit.logLikelihood).toBeCloseTo(-1130.26396, 4);
    expect(fit.fit.bic).toBeCloseTo(2322.19, 1);
    expect(fit.fit.trace).toHaveLength(fit.fit.iterations + 1);
    expect(fit.timings.iterationsMs).toHaveLength(fit.fit.iterations);
  });

  it('takes values of constants from outside', () => {
    expect(fitted('--set', 'K=3', '--restarts', '2')).toMatchObject({ model: { constants: { K: 3 } } });
  });
});

describe('the summary', () => {
  it('fits a terminal, and its numbers are readable', async () => {
    const { code, stdout, stderr } = gmm(['fit', MODEL, DATA]);
    expect([code, stderr]).toEqual([0, '']);
    expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(100);
    const steady = stdout.replace(/time {2,}.*/, 'time …');
    await expect(steady).toMatchFileSnapshot('./golden/fit.txt');
  });

  it('says that a closed form was one step', () => {
    const { code, stdout } = gmm(['fit', 'line.gmm', DATA], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain('closed form');
  });

  it('has colours only where they are asked for', () => {
    const escape = '\u001b[';
    expect(gmm(['fit', MODEL, DATA]).stdout).not.toContain(escape);
    expect(gmm(['fit', MODEL, DATA, '--color', 'always']).stdout).toContain(escape);
    expect(gmm(['fit', MODEL, DATA], { env: { NO_COLOR: '1' } }).stdout).not.toContain(escape);
  });
});

describe('the streams', () => {
  it('-o saves what --json prints, and both can be had', () => {
    const saved = join(folder, 'fit.json');
    const { stdout, stderr } = gmm(['fit', MODEL, DATA, '-o', saved]);
    expect(stdout).toContain('log-likelihood');
    expect(stderr).toContain(`saved in ${saved}`);
    const both = gmm(['fit', MODEL, DATA, '-o', saved, '--json']);
    expect(both.stdout).toBe(readFileSync(saved, 'utf8'));
    expect(gmm(['fit', MODEL, DATA, '-o', '-']).stdout).toMatch(/^\{/);
  });

  it('--verbose tells the engine and why, on standard error', () => {
    const { stdout, stderr } = gmm(['fit', MODEL, DATA, '--verbose', '--json']);
    expect(stderr).toMatch(/engine javascript: /);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  it('--quiet leaves results and errors', () => {
    const parameters = ['fit', MODEL, DATA, '--max-iterations', '1', '--restarts', '1'];
    expect(gmm(parameters).stderr).toContain('not converged');
    expect(gmm([...parameters, '--quiet']).stderr).toBe('');
  });

  it('reads the data from standard input', () => {
    const input = readFileSync(DATA, 'utf8');
    const { code, stdout } = gmm(['fit', MODEL, '-', '--json'], { input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ data: { rows: 272 } });
  });

  it('reads the model from standard input', () => {
    const { code, stdout } = gmm(['fit', '-', DATA, '--json'], { input: readFileSync(MODEL, 'utf8') });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: { file: null, name: 'OldFaithful' } });
  });
});

describe('--start', () => {
  it('goes on where a saved fit stopped: four steps and six are ten', () => {
    const steps = (n: number, start: string): FitFile =>
      fitted(
        '--tolerance',
        '0',
        '--max-iterations',
        String(n),
        '--start',
        start,
        '-o',
        `after-${String(n)}.json`,
      );
    steps(4, 'start.json');
    const six = steps(6, 'after-4.json');
    const ten = steps(10, 'start.json');
    expect(six.parameters).toEqual(ten.parameters);
    expect(ten.fit).toMatchObject({ iterations: 10, converged: false, restarts: 1 });
  });
});
