/** What the JavaScript engine promises beside the answers, which `agreement.test.ts` holds to the reference. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { componentKernelSource } from '../../src/emit/javascript/component-kernel.js';
import { kernelSource } from '../../src/emit/javascript/kernel.js';
import { withIncompleteRows } from '../../src/engine/incomplete.js';
import { javascriptEngine } from '../../src/engine/javascript/engine.js';
import { kernelShape } from '../../src/engine/javascript/shape.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import type { Parameters } from '../../src/plan/types.js';
import { examples, root } from '../models.js';
import { drawnParameters, prepared } from './programs.js';

describe('generated code', () => {
  it.each(['old-faithful', 'k-means', 'student-t', 'raters', 'zero-inflated'])('%s', async (name) => {
    const { program, data } = await prepared(examples.find((e) => e.name === name)!);
    await expect(kernelSource(kernelShape(program, data)) + '\n').toMatchFileSnapshot(
      `./golden/${name}.kernel.txt`,
    );
  });
});

it('generated code for rows with missing cells', async () => {
  const { program, data } = await prepared(examples.find((e) => e.name === 'missing-cells')!);
  await expect(componentKernelSource(kernelShape(program, data)) + '\n').toMatchFileSnapshot(
    './golden/missing-cells.kernel.txt',
  );
});

it('rows with missing cells are given the smallest responsibilities, which a step leaves out', async () => {
  const run = await prepared(
    examples.find((e) => e.name === 'missing-cells')!,
    { missing: true },
  );
  const drawn = await drawnParameters(run, 1);
  const parameters: Parameters = new Map(
    [...drawn].map(([name, p]) => [
      name,
      String(name) === 'Sigma' ? { ...p, data: p.data.map((x) => x / 1000) } : p,
    ]),
  );
  const truth = await referenceEngine.open(run.program, run.data);
  const session = await withIncompleteRows(javascriptEngine({ threads: 1 })).open(run.program, run.data);
  const [ours, theirs] = [await session.posterior(parameters), await truth.posterior(parameters)];
  const small = theirs.responsibilities.filter((r) => r > 1e-200 && r < 1e-25);
  expect(small.length).toBeGreaterThan(10);
  theirs.responsibilities.forEach((r, at) => {
    if (r > 1e-200) expect(Math.abs(ours.responsibilities[at] / r - 1)).toBeLessThan(1e-9);
  });
  const [a, b] = [await session.expectation(parameters), await truth.expectation(parameters)];
  expect(Math.abs(a.logLikelihood / b.logLikelihood - 1)).toBeLessThan(1e-12);
  a.moments.weight.forEach((n, k) => {
    expect(Math.abs(n / b.moments.weight[k] - 1)).toBeLessThan(1e-12);
  });
  session.dispose();
});

describe('an answer depends on the parameters alone, not on what was asked before', () => {
  it.each(examples)('$name', async (example) => {
    const run = await prepared(example);
    const session = await withIncompleteRows(javascriptEngine({ threads: 1 })).open(run.program, run.data);
    const [a, b] = [await drawnParameters(run, 1), await drawnParameters(run, 2)];
    const first = await session.expectation(a);
    const { logLikelihood } = first;
    const { weight, mean, scatter } = structuredClone({
      weight: first.moments.weight,
      mean: first.moments.mean,
      scatter: first.moments.scatter,
    });
    await session.expectation(b);
    const again = await session.expectation(a);
    expect(again.logLikelihood).toBe(logLikelihood);
    expect([again.moments.weight, again.moments.mean, again.moments.scatter]).toEqual([
      weight,
      mean,
      scatter,
    ]);
    session.dispose();
  });
});

it('where code may not be made from text, the reference engine answers', () => {
  const node = (...args: readonly string[]): string =>
    spawnSync(
      process.execPath,
      ['--disallow-code-generation-from-strings', join(root, 'dist', 'cli.js'), ...args],
      { encoding: 'utf8', cwd: root },
    ).stdout;
  const fit = ['models/mixtures/old-faithful.gmm', 'models/data/faithful.csv', '--color', 'never'];
  expect(node('fit', ...fit)).toMatch(/-1130\.2640[^]*engine +reference/);
  expect(node('doctor')).toMatch(/javascript +.*not[^]*forbids code/);
});
