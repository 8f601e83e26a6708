/**
 * Replaying a derivation: each step's rule is applied again to `before` and must give `after`, and the two must stand in
 * the declared relation at random feasible points. A wrong derivation is found at the step that is wrong.
 */
import { add, power } from '../algebra/build.js';
import { evaluate } from '../algebra/evaluate.js';
import { float64 } from '../algebra/fields.js';
import { normalForm, toExpr } from '../algebra/normal.js';
import { printText } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import { MULTIPLIERS } from './document-parts.js';
import { randomInstance, randomParameters } from './instance.js';
import type { Randomness } from './instance.js';
import { factorExpr } from './joint.js';
import { assigned, environment, posteriorAt, tabulate } from './point.js';
import type { Point } from './point.js';
import { expectation, marginal, stages } from './posterior.js';
import {
  constantGap,
  definitionGap,
  derivativeGap,
  leadingOf,
  limitGap,
  relative,
  rootGap,
  secondDerivativeGap,
  tangentGap,
} from './replay-gaps.js';
import type { Derivation, RuleName, Step } from './types.js';

export interface Replay {
  readonly step: Step;
  readonly passed: boolean;
  readonly detail: string;
}

export function replay(derivation: Derivation, random: Randomness): readonly Replay[] {
  const steps = derivation.sections.flatMap((s) =>
    s.blocks.flatMap((b) => (b.kind === 'steps' ? b.steps : [])),
  );
  return steps.map((step) => replayStep(step, derivation, random));
}

function replayStep(step: Step, derivation: Derivation, random: Randomness): Replay {
  const again = RULES[step.rule](step, derivation);
  if (again !== undefined && printText(again) !== printText(step.after))
    return { step, passed: false, detail: `the rule gives ${printText(again)}` };
  const gap = Math.max(relationGap(step, derivation, random), shownGap(step, derivation, random));
  return { step, passed: gap <= 1e-8, detail: `relation ${step.relation}, gap ${gap.toExponential(1)}` };
}

/**
 * What each rule makes of `before`. Rules whose result is an equation to be solved or a name to be given have no
 * function of their own here (undefined): their relation is the test.
 */
const RULES: Readonly<Record<RuleName, (step: Step, derivation: Derivation) => Expr | undefined>> = {
  'write the densities': (_, d) => add(...d.factors.map((f) => factorExpr(f, d.model))),
  'normal form': (_, d) => toExpr(d.factors.flatMap((f) => normalForm(factorExpr(f, d.model), f.line))),
  'sum over the latent': (_, d) => marginal(d.posterior!, d.model),
  posterior: (step, d) =>
    stages(d.posterior!, d.model).find((s) => printText(s.left) === printText(step.before))?.right,
  bound: () => undefined,
  expect: (_, d) => toExpr(expectation(d.joint, d.posterior)),
  'terms of the parameter': (step, d) => toExpr(leadingOf(step, d).leading),
  collect: () => undefined,
  'add the multiplier': () => undefined,
  differentiate: () => undefined,
  'differentiate again': () => undefined,
  'differentiate across': () => undefined,
  solve: () => undefined,
  'take a Newton step': () => undefined,
  'take the tangent': () => undefined,
  'name the statistics': () => undefined,
  'apply the bounds': () => undefined,
  'let the constant go to zero': (_, d) => d.limit!.objective,
};

/** How far the relation is from holding, relative to the size of the values; the largest over a few points. */
function relationGap(step: Step, derivation: Derivation, random: Randomness): number {
  let worst = 0;
  for (let n = 0; n < 3; n++) worst = Math.max(worst, gapAt(step, derivation, random));
  return worst;
}

/** What is printed with a name for a part has the value of what it stands for, in every row and component. */
function shownGap(step: Step, derivation: Derivation, random: Randomness): number {
  const { shown } = step;
  const { posterior, model } = derivation;
  if (shown?.name.kind !== 'symbol' || posterior === undefined) return 0;
  const instance = randomInstance(model, random);
  const point = {
    derivation,
    instance,
    field: float64,
    parameters: instance.parameters,
    responsibilities: undefined,
  };
  const ranges = [posterior.rows, ...posterior.latents.map((h) => h.value)];
  const meaning = tabulate(shown.meaning, ranges, environment(point));
  const named = environment({ ...point, extra: new Map([[shown.name.name, meaning]]) });
  const printed = tabulate(shown.expr, ranges, named);
  const meant = tabulate(step.after, ranges, environment(point));
  return Math.max(...printed.data.map((x, n) => relative(x, meant.data[n])));
}

function gapAt(step: Step, derivation: Derivation, random: Randomness): number {
  const instance = randomInstance(derivation.model, random);
  // r at other parameters than those of the point: the steps hold for any r
  const elsewhere = randomParameters(derivation.model, instance.sizes, random);
  const r =
    derivation.limit === undefined
      ? posteriorAt(derivation, instance, elsewhere, float64)
      : assigned(derivation, instance);
  const multipliers = MULTIPLIERS.map((m) => [m, { shape: [], data: [random.normal()] }] as const);
  const plain: Point<number> = {
    derivation,
    instance,
    field: float64,
    parameters: instance.parameters,
    responsibilities: r,
  };
  const weights = (step.weights ?? []).map(
    (w) => [w.name, tabulate(power(w.of, -1), w.ranges, environment(plain))] as const,
  );
  const base: Point<number> = { ...plain, extra: new Map([...multipliers, ...weights]) };
  const value = (e: Expr, point: Point<number> = base): number => evaluate(e, environment(point)).data[0];
  switch (step.relation) {
    case 'equal':
      return relative(value(step.before), value(step.after));
    case 'definition':
      return definitionGap(step, base);
    case 'at most': {
      const touching = {
        ...base,
        responsibilities: posteriorAt(derivation, instance, instance.parameters, float64),
      };
      const above = value(step.before) - value(step.after);
      return Math.max(
        relative(value(step.before, touching), value(step.after, touching)),
        above < 0 ? -above : 0,
      );
    }
    case 'expectation':
      return relative(value(step.before), value(step.after));
    case 'tangent':
      return tangentGap(step, base, elsewhere);
    case 'up to a constant':
      return constantGap(step, base, elsewhere);
    case 'derivative':
      return derivativeGap(step, base, random);
    case 'second derivative':
    case 'cross derivative':
      return secondDerivativeGap(step, base, random);
    case 'root':
    case 'crossing':
      return rootGap(step, base);
    case 'limit':
      return limitGap(step, base);
  }
}
