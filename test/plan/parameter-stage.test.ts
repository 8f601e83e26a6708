/** The M-step in numbers against the derivation's own expressions, evaluated by the judge of `algebra`. */
import { describe, expect, it } from 'vitest';
import { float64 } from '../../src/algebra/fields.js';
import { updated } from '../../src/derive/judged-update.js';
import { assigned, posteriorAt } from '../../src/derive/point.js';
import type { Responsibilities } from '../../src/derive/point.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { cyclesOf, parameterStage } from '../../src/plan/parameter-stage.js';
import type { Moments } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';
import { caseOf, ofRows, sources, toArrays } from './instances.js';
import type { Case } from './instances.js';

/** Responsibilities of the instance: its posterior, or each row with an owner where the assignment is hard. */
function responsibilitiesOf({ derivation, instance }: Case): Responsibilities | undefined {
  return derivation.limit === undefined
    ? posteriorAt(derivation, instance, instance.parameters, float64)
    : assigned(derivation, instance);
}

/** One M-step by the judge: update after update, those of a cycle until nothing moves. */
function judged({ derivation, plan, instance }: Case, r: Responsibilities | undefined) {
  const parameters = new Map(instance.parameters);
  for (const group of cyclesOf(plan.updates))
    for (let round = 0; round < (group.length === 1 ? 1 : 500); round++) {
      let change = 0;
      for (const { parameter } of group) {
        const update = derivation.updates.find((u) => u.parameter === parameter)!;
        const next = updated(update, derivation, instance, parameters, r);
        const before = parameters.get(parameter)!.data;
        change = Math.max(change, ...next.data.map((x, n) => Math.abs(x - before[n])));
        parameters.set(parameter, next);
      }
      if (change < 1e-14) break;
    }
  return parameters;
}

async function momentsOf(run: Case, r: Responsibilities | undefined): Promise<Moments> {
  const session = await referenceEngine.open(run.program, run.data);
  return session.momentsOf(ofRows(run, r));
}

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  expect(actual.length, what).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  Array.from(expected, (x, n) =>
    expect(
      Math.abs(actual[n] - x),
      `${what}[${String(n)}]: ${String(actual[n])}, not ${String(x)}`,
    ).toBeLessThanOrEqual(tolerance * scale),
  );
}

describe.each(Object.entries(sources))('%s', (_, source) => {
  it.each([1, 2, 3])('the judge’s M-step (instance %i)', async (seed) => {
    const run = caseOf(source, seed);
    const r = responsibilitiesOf(run);
    const { parameters, failures } = parameterStage(
      run.program,
      await momentsOf(run, r),
      toArrays(run.instance.parameters),
      // until nothing moves, as the judge does
      { cycle: 500, newton: 100, tangents: 10000, mixed: 500 },
    );
    expect(failures).toEqual([]);
    // a flat direction (the shape of counts that are no wider than Poisson) is known to the rounding of the objective only,
    // and steps that get smaller by a share stop short of where they go
    const isLoose = run.plan.updates.some((u) => u.joint !== undefined || u.minorised);
    const tolerance = isLoose ? 1e-6 : 1e-9;
    // the judge solves one parameter at a time: equations between them are held to other programs' numbers elsewhere
    if (run.plan.updates.some((u) => (u.joint?.constraints.length ?? 0) > 0)) return;
    for (const [name, expected] of judged(run, r)) {
      // a maximum at infinity
      if (expected.data.some((x) => Math.abs(x) > 1e6)) continue;
      const found = parameters.get(name as never)!.data;
      // angles are the same after a whole turn
      const isAngle = source.includes('VonMises') && name === 'm';
      if (isAngle) expectClose(found.map(Math.cos), expected.data.map(Math.cos), 1e-5, name);
      else expectClose(found, expected.data, tolerance, name);
    }
  });

  it('the reference engine’s E-step is the judge’s posterior', async () => {
    const run = caseOf(source, 4);
    const expected = posteriorAt(run.derivation, run.instance, run.instance.parameters, float64);
    if (expected === undefined) return;
    const session = await referenceEngine.open(run.program, run.data);
    const { responsibilities } = await session.posterior(toArrays(run.instance.parameters));
    expectClose(responsibilities, ofRows(run, expected), 1e-11, 'r');
  });

  it('pooled scatter matters in its sum alone, where the plan says so', async () => {
    const run = caseOf(source, 5);
    if (!run.plan.pooledScatter) return;
    const moments = await momentsOf(run, responsibilitiesOf(run));
    const k = moments.components;
    const each = moments.scatter.length / k;
    const random = stream('pooled', 'split');
    const shares = Array.from({ length: k }, () => random.uniform());
    const total = shares.reduce((a, b) => a + b, 0);
    const scatter = moments.scatter.map((__, at) => {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += moments.scatter[j * each + (at % each)];
      return (shares[Math.floor(at / each)] / total) * sum;
    });
    const before = toArrays(run.instance.parameters);
    const whole = parameterStage(run.program, moments, before).parameters;
    for (const [name, { data }] of parameterStage(run.program, { ...moments, scatter }, before).parameters)
      expectClose(data, whole.get(name)!.data, 1e-10, name);
  });
});
