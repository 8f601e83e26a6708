/** The parameter stage as code made for the program, against the interpreter of its expressions. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slotsSource, updateSource } from '../../src/emit/javascript/parameter-code.js';
import { made } from '../../src/engine/javascript/compiled.js';
import { slotFiller, updateFunctions } from '../../src/engine/javascript/parameter-functions.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { lowerLogits } from '../../src/plan/lower-rows.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { fillSlots } from '../../src/plan/slots.js';
import type { Moments, Parameters } from '../../src/plan/types.js';
import type { UpdateFunction } from '../../src/plan/update-functions.js';
import { mixture, root } from '../models.js';
import { caseOf, sources, toArrays } from '../plan/instances.js';
import type { Case } from '../plan/instances.js';

/** The same numbers, or within the rounding of one operation; what is no number beside what is none. */
function expectSame(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  Array.from(expected, (x, n) => {
    if (!Number.isFinite(x)) {
      expect(Number.isFinite(actual[n]), `${what}[${String(n)}]`).toBe(false);
      return;
    }
    const gap = actual[n] === x ? 0 : Math.abs(actual[n] - x) / Math.abs(x);
    expect(gap, `${what}[${String(n)}]: ${String(actual[n])}, not ${String(x)}`).toBeLessThanOrEqual(1e-13);
  });
}

const limits = { cycle: 3, newton: 2, tangents: 2, mixed: 2 };

async function momentsOf(run: Case, before: Parameters): Promise<Moments> {
  const session = await referenceEngine.open(run.program, run.data);
  return (await session.expectation(before)).moments;
}

function expectSameStage(
  run: Case,
  moments: Moments,
  before: Parameters,
  functions = updateFunctions(run.program),
): void {
  const expected = parameterStage(run.program, moments, before, limits);
  const actual = parameterStage(run.program, moments, before, limits, functions);
  expect(actual.failures).toEqual(expected.failures);
  for (const [name, { shape, data }] of expected.parameters) {
    expect(actual.parameters.get(name)!.shape).toEqual(shape);
    expectSame(actual.parameters.get(name)!.data, data, name);
  }
}

describe.each(Object.entries(sources))('%s', (_, source) => {
  it.each([1, 2])('updates, instance %i', async (seed) => {
    const run = caseOf(source, seed);
    const before = toArrays(run.instance.parameters);
    expectSameStage(run, await momentsOf(run, before), before);
  });

  it.each([1, 2])('updates in loops over their copies, instance %i', async (seed) => {
    const run = caseOf(source, seed);
    const before = toArrays(run.instance.parameters);
    const functions = new Map(
      run.plan.updates.flatMap((u) => {
        const text = updateSource(u, run.program, 2);
        return text === undefined ? [] : [[u, made<UpdateFunction>(text)] as const];
      }),
    );
    expectSameStage(run, await momentsOf(run, before), before, functions);
  });

  it('what the logits read', () => {
    const run = caseOf(source, 3);
    const { body } = lowerLogits(run.program);
    const before = toArrays(run.instance.parameters);
    const [expected, actual] = [new Float64Array(body.slots), new Float64Array(body.slots)];
    fillSlots(body, run.program, before, expected);
    slotFiller(body, run.program)(before, actual);
    expectSame(actual, expected, 'slots');
  });

  it('a component that owns nothing, and one whose scatter is flat', async () => {
    const run = caseOf(source, 4);
    const before = toArrays(run.instance.parameters);
    const moments = await momentsOf(run, before);
    const own = moments.columns;
    const each = moments.scatter.length / moments.components;
    const empty = {
      ...moments,
      weight: moments.weight.map((w, k) => (k === 0 ? 0 : w)),
      mean: moments.mean.map((m, at) => (at < own ? 0 : m)),
      scatter: moments.scatter.map((s, at) => (at < each ? 0 : s)),
    };
    expectSameStage(run, empty, before);
    expectSameStage(run, { ...moments, scatter: moments.scatter.map(() => 0) }, before);
  });
});

describe('which updates are written out', () => {
  it('all in closed form but regressions around the means, eigenvectors, and what goes through the rows', () => {
    const left = Object.entries(sources).flatMap(([name, source]) => {
      const { program, plan } = caseOf(source, 1);
      const found = plan.updates.filter(
        (u) =>
          u.iteration === undefined &&
          u.joint === undefined &&
          u.centred === undefined &&
          updateSource(u, program) === undefined,
      );
      return found.length === 0 ? [] : [`${name}: ${found.map((u) => u.parameter).join(', ')}`];
    });
    expect(left).toMatchInlineSnapshot(`
      [
        "k-medians: mu",
        "student-t: mu, s2",
        "robust-vectors: mu, Sigma",
        "laplace: mu, b",
        "vee: Q",
        "eve: Q",
        "vve: Q",
        "eev: Q",
        "vev: Q",
        "evv: Q",
        "volume, shape, axes: Q",
        "shared axes: Q",
        "logarithms of vectors that are normal: mu, Sigma",
        "robust regressions whose spread is one, with a prior and a floor: w, s2",
        "robust vectors with a diagonal spread and a mean that is held: mu, v",
        "one location of Laplace densities of several scales: m, b",
        "slopes by weighted medians, one of them held: w, b",
        "medians of groups and of known classes, above a floor: m, b",
      ]
    `);
  });

  it('nothing where the text would be long', () => {
    const run = caseOf(mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]'), 1);
    const large = {
      ...run.program,
      components: 400,
      axisSizes: [400],
      sizes: { ...run.program.sizes, K: 400 },
    };
    const sigma = run.plan.updates.find((u) => u.parameter === 'Sigma')!;
    expect(updateSource(sigma, run.program)).toBeDefined();
    expect(updateSource(sigma, large, Infinity)).toBeUndefined();
    // one copy of the text, whose places go on
    expect(updateSource(sigma, large)).toContain('for (let copy = 0; copy < 400; copy++)');
  });

  it('no loop where copies differ in more than the places that they read', () => {
    const updates = Object.values(sources).flatMap((source) => {
      const { program, plan } = caseOf(source, 1);
      return plan.updates.map((u) => ({ u, text: updateSource(u, program, 2) }));
    });
    const looped = updates.filter(({ text }) => text?.includes('copy++'));
    expect(looped.length).toBeGreaterThan(40);
    expect(looped.filter(({ u }) => u.held.length > 0 || u.ranges.length > 1)).toEqual([]);
    expect(updates.filter(({ u, text }) => u.held.length > 0 && text !== undefined).length).toBeGreaterThan(
      3,
    );
  });

  it('a matrix of five rows is factorised by the functions that the interpreter calls', () => {
    const source = mixture('param Sigma[k] : covariance[5]', 'Sigma[z[i]]', 'real[5]');
    const run = caseOf(source, 1);
    const { body } = lowerLogits(run.program);
    expect(slotsSource(body, run.program)).toContain('cholesky(');
    const before = toArrays(run.instance.parameters);
    const [expected, actual] = [new Float64Array(body.slots), new Float64Array(body.slots)];
    fillSlots(body, run.program, before, expected);
    slotFiller(body, run.program)(before, actual);
    expectSame(actual, expected, 'slots');
  });

  it.each([2, 5])('a scale of %i rows that is not positive definite is refused', (n) => {
    const source = mixture(`param Sigma[k] : covariance[${String(n)}]`, 'Sigma[z[i]]', `real[${String(n)}]`);
    const run = caseOf(source, 1);
    const { body } = lowerLogits(run.program);
    const before = toArrays(run.instance.parameters);
    before.get('Sigma' as never)!.data.fill(1);
    const slots = new Float64Array(body.slots);
    expect(() => {
      fillSlots(body, run.program, before, slots);
    }).toThrow('not positive definite');
    expect(() => {
      slotFiller(body, run.program)(before, slots);
    }).toThrow('not positive definite');
  });

  it('is pictured', async () => {
    const run = caseOf(mixture('param Sigma : covariance[2]', 'Sigma', 'real[2]'), 1);
    const texts = [
      ...run.plan.updates.map((u) => `// ${u.parameter}\n${updateSource(u, run.program)!}`),
      `// logits\n${slotsSource(lowerLogits(run.program).body, run.program)!}`,
    ];
    await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(
      join(root, 'test/golden/emitted/parameters.js.txt'),
    );
  });
});
