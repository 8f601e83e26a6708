/** Every exit code, and that a verb which ends without its result prints nothing on standard output. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DATA, MODEL, folderWith, gmm, program } from './run.js';

const BROKEN =
  'model Broken\nplate i over rows\nparam mu : reel\ndata x[i] : real ~ Normal(mu, variance: 1)\n';
/** Two components, one of which can only shrink onto the row that it owns. */
const COLLAPSING = `model Collapsing
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k    ~ Categorical(pi)
data   x[i] : real ~ Normal(mu[z[i]], s2[z[i]])
`;
const OPEN = COLLAPSING.replace('const K = 2', 'const K');

const folder = folderWith({
  'broken.gmm': BROKEN,
  'collapsing.gmm': COLLAPSING,
  'open.gmm': OPEN,
  'few.csv': 'x\n1\n',
  'empty.csv': 'x\n',
  'none.csv': '',
  'text.csv': 'x\n1\n2\nthree\n4\n',
  'repeated.csv': 'x\n0\n0.1\n-0.2\n0.3\n9\n',
  'start.json': '{"labels": {"z": [1, 1, 1, 1, 2]}}',
  'wrong-start.json': '{"labels": {"z": [1, 2]}}',
  'no-start.json': '{"something": 1}',
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs in the folder; what must hold for every failure is looked at here. */
function fails(parameters: readonly string[], code: number): string {
  const outcome = gmm(parameters, { cwd: folder });
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr.trim()).not.toBe('');
  expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  return outcome.stderr;
}

describe('0: success', () => {
  it('with warnings too', () => {
    const { code, stdout } = gmm(['fit', MODEL, DATA, '--max-iterations', '2', '--restarts', '1']);
    expect(code).toBe(0);
    expect(stdout).toContain('log-likelihood');
  });
});

describe('1: the model has errors', () => {
  it('check prints its report as its result', () => {
    const { code, stdout, stderr } = gmm(['check', 'broken.gmm'], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toMatch(/error\[GMM\d{4}\]/);
    expect(stderr).toBe('');
  });
  it.each([['derive'], ['compile']])('%s says so on standard error', (verb) => {
    expect(fails([verb, 'broken.gmm'], 1)).toMatch(/error\[GMM\d{4}\]/);
  });
  it('fit says so on standard error', () => {
    expect(fails(['fit', 'broken.gmm', 'few.csv', '--json'], 1)).toMatch(/error\[GMM\d{4}\]/);
  });
});

describe('2: wrong usage', () => {
  it.each<readonly [string, readonly string[]]>([
    ['an unknown verb', ['fitt']],
    ['an unknown flag', ['fit', MODEL, DATA, '--sed', '1']],
    ['an argument left out', ['fit', MODEL]],
    ['an argument too many', ['score', 'a', 'b', 'c']],
    ['a value that is none of the choices', ['fit', MODEL, DATA, '--engine', 'abacus']],
    ['a number that is none', ['fit', MODEL, DATA, '--restarts', 'many']],
    ['no restarts', ['fit', MODEL, DATA, '--restarts', '0']],
    ['a negative tolerance', ['fit', MODEL, DATA, '--tolerance', '-1']],
    ['--set without a value', ['fit', MODEL, DATA, '--set', 'K']],
    ['--set that is neither a number nor JSON', ['fit', MODEL, DATA, '--set', 'K=two']],
    ['--set of an unknown name', ['fit', MODEL, DATA, '--set', 'L=3']],
    ['--set of a size below one', ['fit', MODEL, DATA, '--set', 'K=0']],
    ['--bind of an unknown name', ['fit', MODEL, DATA, '--bind', 'y=waiting']],
    ['--bind without columns', ['fit', MODEL, DATA, '--bind', 'x']],
    ['a constant without a value', ['fit', 'open.gmm', 'repeated.csv']],
    ['--start with --init', ['fit', MODEL, DATA, '--start', 'start.json', '--init', 'random']],
    ['--start with --restarts', ['fit', MODEL, DATA, '--start', 'start.json', '--restarts', '2']],
    ['a model that is not there', ['fit', 'nothing.gmm', DATA]],
    ['data that are not there', ['fit', MODEL, 'nothing.csv']],
    ['a start that is not there', ['fit', MODEL, DATA, '--start', 'nothing.json']],
    ['a model that is a folder', ['check', '.']],
    ['model and data both from standard input', ['fit', '-', '-']],
    [
      'float64 of an engine that has none',
      ['fit', MODEL, DATA, '--engine', 'tfjs', '--precision', 'float64'],
    ],
    ['an output that cannot be written', ['fit', MODEL, DATA, '-o', 'nowhere/fit.json']],
    ['a fit file that is none', ['predict', 'start.json', DATA]],
    ['a code that does not exist', ['explain', 'GMM9999']],
    ['an example that does not exist', ['example', 'old-faithfull']],
    ['select without data', ['select', MODEL]],
    ['select of an unknown name', ['select', MODEL, DATA, '--set', 'L=1..3']],
    ['select of a range that goes down', ['select', MODEL, DATA, '--set', 'K=3..1']],
    ['a graph without a folder', ['compile', MODEL, '--target', 'graph']],
  ])('%s', (_, parameters) => {
    fails(parameters, 2);
  });

  it('names what was probably meant', () => {
    expect(fails(['fitt'], 2)).toContain('fit');
    expect(fails(['check', 'brokn.gmm'], 2)).toContain('broken.gmm');
    expect(fails(['example', 'old-faithfull'], 2)).toContain('old-faithful');
  });
});

describe('3: the data or the start do not fit the model', () => {
  it.each<readonly [string, readonly string[], RegExp]>([
    ['a column is missing', ['fit', MODEL, 'few.csv'], /eruptions/],
    ['fewer rows than components', ['fit', 'collapsing.gmm', 'few.csv', '--json'], /row/],
    ['no rows', ['fit', 'collapsing.gmm', 'empty.csv', '--json'], /row/],
    ['an empty file', ['fit', 'collapsing.gmm', 'none.csv', '--json'], /row|empty/],
    ['a cell that is not a number', ['fit', 'collapsing.gmm', 'text.csv', '--json'], /three/],
    [
      'a start of another size',
      ['fit', 'collapsing.gmm', 'repeated.csv', '--start', 'wrong-start.json'],
      /z/,
    ],
    [
      'a start file that is none',
      ['fit', 'collapsing.gmm', 'repeated.csv', '--start', 'no-start.json'],
      /start/,
    ],
  ])('%s', (_, parameters, words) => {
    expect(fails(parameters, 3)).toMatch(words);
  });
});

describe('4: the fit failed numerically', () => {
  it('a component that collapses is named', () => {
    const said = fails(['fit', 'collapsing.gmm', 'repeated.csv', '--start', 'start.json', '--json'], 4);
    expect(said).toMatch(/s2\[2\]|component 2/);
    expect(said).toContain('= help: ');
  });
});

describe('5: not converged', () => {
  it('only with --require-convergence, and the result is printed', () => {
    const parameters = ['fit', MODEL, DATA, '--max-iterations', '2', '--restarts', '1', '--json'];
    expect(gmm(parameters).code).toBe(0);
    const { code, stdout, stderr } = gmm([...parameters, '--require-convergence']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ fit: { converged: false, iterations: 2 } });
    expect(stderr).toMatch(/not converged after 2 iterations/);
  });
});

describe('6: the engine is not available', () => {
  it('says why', () => {
    const parameters = ['fit', MODEL, DATA, '--engine', 'webgpu', '--device', 'cpu', '--json'];
    expect(fails(parameters, 6)).toMatch(/webgpu.*runs on a GPU only/);
  });
});

describe('70: a defect of ours', () => {
  const setting = { node: ['--import', `data:text/javascript,${encodeURIComponent(SABOTAGE())}`] };
  it('is one line that says what to report', () => {
    const { code, stdout, stderr } = gmm(['check', MODEL], setting);
    expect([code, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^gmm: a defect of ours.*sabotage.*report.*\n$/);
  });
  it('has its stack with --debug', () => {
    expect(gmm(['check', MODEL, '--debug'], setting).stderr).toMatch(/^\s+at /m);
  });
});

/** Makes the first write of a result throw. */
function SABOTAGE(): string {
  return "process.stdout.write = () => { throw new Error('sabotage'); };";
}

describe('130: interrupted', () => {
  it('saves what was reached', async () => {
    const output = join(folder, 'reached.json');
    const parameters = [
      MODEL,
      DATA,
      '--tolerance',
      '0',
      '--max-iterations',
      '100000000',
      '-o',
      output,
      '--verbose',
    ];
    const child = spawn(process.execPath, [program, 'fit', ...parameters, '--restarts', '1'], {
      stdio: 'pipe',
    });
    const said: string[] = [];
    // Once the engine is chosen the fit is under way.
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length === 0) setTimeout(() => child.kill('SIGINT'), 300);
      said.push(chunk.toString());
    });
    const last = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const code = await new Promise((resolve) => child.on('exit', resolve));
    clearTimeout(last);
    expect([code, said.join('')]).toEqual([130, expect.stringContaining('interrupted after')]);
    expect(existsSync(output)).toBe(true);
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
      schema: 'gmm-fit/1',
      fit: { converged: false },
    });
  });
});
