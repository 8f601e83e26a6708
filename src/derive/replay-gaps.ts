/**
 * How far a step is from what its relation claims, at a point: 0 where it holds exactly, relative to the size of the values.
 */
import { add } from '../algebra/build.js';
import { evaluate, sizeOf } from '../algebra/evaluate.js';
import type { Tensor } from '../algebra/evaluate.js';
import { duals, float64 } from '../algebra/fields.js';
import type { Dual } from '../algebra/fields.js';
import { toExpr } from '../algebra/normal.js';
import { printText } from '../algebra/print.js';
import type { Expr, NormalForm } from '../algebra/types.js';
import { termsOf } from './collect.js';
import { tangentDirection } from './instance.js';
import type { Instance, Randomness } from './instance.js';
import { factorExpr } from './joint.js';
import { leadingTerms } from './limit.js';
import { environment, lift, posteriorAt, tabulate } from './point.js';
import { entriesOf, isAt, isLeader, unravel, withTies } from './copies.js';
import { constraintsOf } from './constraints.js';
import type { Point } from './point.js';
import { latentsOfRows, stages } from './posterior.js';
import { assignedIn, likeliest, unitsOf } from './enumerate.js';
import type { Derivation, HeldValue, Step } from './types.js';

/** How far beside a bend its two slopes are looked at. */
const CROSSING = 1e-7;

/** The difference of two numbers, relative to their sizes where those are large. */
export const relative = (a: number, b: number): number => Math.abs(a - b) / (1 + Math.abs(a) + Math.abs(b));

/** A definition is checked by what it must equal: densities by the normal form's value, r by summing to one. */
export function definitionGap(step: Step, point: Point<number>): number {
  const { derivation } = point;
  const env = environment(point);
  if (step.rule === 'write the densities')
    return relative(evaluate(step.after, env).data[0], evaluate(toExpr(derivation.joint), env).data[0]);
  if (step.rule === 'posterior') {
    const posterior = derivation.posterior!;
    const stage = stages(posterior, derivation.model).find(
      (s) => printText(s.left) === printText(step.before),
    )!;
    const isRow = stage.latents.some((h) => latentsOfRows(posterior).includes(h));
    const at = isRow ? posterior.rows : posterior.grouping!.range;
    const axes = isRow ? posterior.latents : stage.latents;
    const table = tabulate(step.after, [at, ...axes.map((h) => h.value)], env);
    const k = table.data.length / table.shape[0];
    let worst = 0;
    for (let i = 0; i < table.data.length; i += k)
      worst = Math.max(worst, Math.abs(table.data.slice(i, i + k).reduce((a, b) => a + b, 0) - 1));
    return worst;
  }
  if (step.rule === 'sum over the latent') return marginalGap(step, point);
  if (step.rule === 'apply the bounds') {
    const update = derivation.updates.find((u) => u.parameter === step.parameter)!;
    const bounds = constraintsOf(derivation.model).byParameter.get(update.parameter)?.bounds ?? [];
    const [before, after] = [step.before, step.after].map((e) => tabulate(e, update.ranges, env).data);
    const lengths = update.ranges.map((r) => sizeOf(r.dim, point.instance.sizes));
    const each = before.length / lengths.reduce((a, b) => a * b, 1);
    const limits = bounds.map((b) => ({ ...b, limit: evaluate(b.value, env).data[0] }));
    const clamped = (x: number, n: number): number =>
      limits
        .filter((b) => isAt(b.at, unravel(Math.floor(n / each), lengths)))
        .reduce((v, b) => (b.side === 'floor' ? Math.max(v, b.limit) : Math.min(v, b.limit)), x);
    return Math.max(...after.map((x, n) => Math.abs(x - clamped(before[n], n))));
  }
  return 0;
}

/**
 * exp of the joint, summed over every assignment of the latents, is exp of the marginal (weights of one). Rows (or
 * groups) are independent given the parameters, so each is enumerated by itself: the others keep their latents.
 */
function marginalGap(step: Step, point: Point<number>): number {
  const { derivation, instance } = point;
  const { model } = derivation;
  const posterior = derivation.posterior!;
  const weight = model.data.find((d) => d.as === 'weight');
  const rows = sizeOf(posterior.rows.dim, instance.sizes);
  const ones: Tensor<number> = { shape: [rows], data: Array.from({ length: rows }, () => 1) };
  const unweighted: Instance =
    weight === undefined ? instance : { ...instance, data: new Map([...instance.data, [weight.name, ones]]) };
  const joint = add(...derivation.factors.filter((f) => f.role !== 'prior').map((f) => factorExpr(f, model)));
  const units = unitsOf(derivation, unweighted);
  const start = likeliest(
    units,
    environment({
      ...point,
      responsibilities: posteriorAt(derivation, unweighted, point.parameters, float64),
    }).indicators,
  );
  const at = (assignment: readonly number[]): number =>
    evaluate(
      joint,
      environment({ ...point, instance: unweighted, indicators: assignedIn(units, assignment) }),
    ).data[0];
  // log Σ_a exp joint(a) = joint(start) + Σ_units log Σ_v exp(joint(unit has v, others start) − joint(start))
  const base = at(start);
  let total = base;
  units.forEach((unit, n) => {
    const values = Array.from({ length: unit.count }, (_, v) => at(start.map((s, m) => (m === n ? v : s))));
    const top = Math.max(...values);
    total += top + Math.log(values.reduce((s, v) => s + Math.exp(v - top), 0)) - base;
  });
  return relative(total, evaluate(step.after, environment({ ...point, instance: unweighted })).data[0]);
}

/** f(θ₁) − f(θ₂) is the same for both, the other parameters held. */
export function constantGap(
  step: Step,
  point: Point<number>,
  elsewhere: ReadonlyMap<string, Tensor<number>>,
): number {
  const name = step.parameter!;
  const moved = { ...point, parameters: new Map([...point.parameters, [name, elsewhere.get(name)!]]) };
  const difference = (e: Expr): number =>
    evaluate(e, environment(point)).data[0] - evaluate(e, environment(moved)).data[0];
  const { derivation, instance } = point;
  if (derivation.limit === undefined) return relative(difference(step.before), difference(step.after));
  // the terms kept are those of the leading order with the constant's power taken out: compare them where it is tiny
  const tiny = 1e-6;
  const constants = new Map([
    ...instance.constants,
    [derivation.limit.constant, { shape: [], data: [tiny] }],
  ]);
  const near = { ...point, instance: { ...instance, constants } };
  const nearMoved = { ...near, parameters: moved.parameters };
  const whole =
    evaluate(step.before, environment(near)).data[0] - evaluate(step.before, environment(nearMoved)).data[0];
  return Math.max(
    0,
    relative(whole * tiny ** -leadingOf(step, derivation).order, difference(step.after)) - 1e-6,
  );
}

/** before − after is smallest where the weights are taken; and not the same everywhere, or nothing was bounded. */
export function tangentGap(
  step: Step,
  point: Point<number>,
  elsewhere: ReadonlyMap<string, Tensor<number>>,
): number {
  const name = step.parameter!;
  const moved = { ...point, parameters: new Map([...point.parameters, [name, elsewhere.get(name)!]]) };
  const difference = (at: Point<number>): number =>
    evaluate(step.before, environment(at)).data[0] - evaluate(step.after, environment(at)).data[0];
  const rise = difference(moved) - difference(point);
  return rise > 0 ? 0 : relative(0, rise);
}

/** The parameter's terms of Q; for a limit those of the lowest power of its constant, without it. */
export function leadingOf(
  step: Step,
  derivation: Derivation,
): { readonly leading: NormalForm; readonly order: number } {
  const terms = termsOf(derivation.q, step.parameter!);
  if (derivation.limit === undefined) return { leading: terms, order: 0 };
  return leadingTerms(terms, derivation.limit.constant) ?? { leading: [], order: 0 };
}

/** The directional derivative of before, by automatic differentiation, against the inner product with after. */
export function derivativeGap(step: Step, point: Point<number>, random: Randomness): number {
  const { derivation } = point;
  const name = step.parameter!;
  const declared = derivation.model.parameters.find((p) => p.name === name)!;
  const update = derivation.updates.find((u) => u.parameter === name)!;
  const tensor = point.parameters.get(name)!;
  const plates = declared.plates.length;
  const shape = tensor.shape.slice(plates);
  const length = shape.reduce((a, b) => a * b, 1);
  const copies = tensor.data.length / length;
  const lengths = tensor.shape.slice(0, plates);
  const direction = Array.from({ length: copies }, (_, copy) =>
    tangentDirection(
      declared.type.domain,
      shape,
      entriesOf(update.held, update.ties, unravel(copy, lengths)),
      random,
      tensor.data.slice(copy * length, (copy + 1) * length),
    ),
  ).flat();
  const whole = update.ties.filter((tie) => tie[0].length === plates);
  withTies(direction, whole, lengths);
  // of copies that are tied each has the derivative of all: it counts once
  const once = (copy: number): number => (isLeader(whole, unravel(copy, lengths)) ? 1 : 0);
  const moving: Point<Dual> = {
    ...point,
    field: duals,
    extra: new Map([...(point.extra ?? [])].map(([key, t]) => [key, lift(t, duals)])),
    parameters: new Map(
      [...point.parameters].map(([key, t]) => [
        key,
        {
          shape: t.shape,
          data: t.data.map((x, n) => ({ value: x, derivative: key === name ? direction[n] : 0 })),
        },
      ]),
    ),
  };
  const slope = evaluate(step.before, environment(moving)).data[0].derivative;
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const gradient = tabulate(step.after, ranges, environment(point));
  const inner = gradient.data.reduce((s, g, n) => s + g * direction[n] * once(Math.floor(n / length)), 0);
  return relative(slope, inner);
}

/** Each copy of the parameter moved by itself: the derivative of a gradient against the second derivative. */
export function secondDerivativeGap(step: Step, point: Point<number>, random: Randomness): number {
  const rangesOf = (name: string) => point.derivation.updates.find((u) => u.parameter === name)!.ranges;
  const moved = step.other ?? step.parameter!;
  const its = rangesOf(moved);
  const all = [
    ...rangesOf(step.parameter!),
    ...its.filter((r) => !rangesOf(step.parameter!).some((o) => o.index === r.index)),
  ];
  const lengths = all.map((r) => sizeOf(r.dim, point.instance.sizes));
  const tensor = point.parameters.get(moved)!;
  const each = tensor.shape.slice(its.length).reduce((a, b) => a * b, 1);
  const direction = Array.from({ length: each }, () => random.normal());
  let worst = 0;
  for (let n = 0; n < lengths.reduce((a, b) => a * b, 1); n++) {
    const at = unravel(n, lengths);
    const indices = Object.fromEntries(all.map((r, axis) => [r.index, at[axis]]));
    const copy = its.reduce((offset, r, axis) => offset * tensor.shape[axis] + indices[r.index], 0);
    const moving: Point<Dual> = {
      ...point,
      field: duals,
      extra: new Map(),
      parameters: new Map(
        [...point.parameters].map(([key, t]) => [
          key,
          {
            shape: t.shape,
            data: t.data.map((value, m) => ({
              value,
              derivative: key === moved && Math.floor(m / each) === copy ? direction[m % each] : 0,
            })),
          },
        ]),
      ),
    };
    const slopes = evaluate(step.before, { ...environment(moving), indices }).data.map((x) => x.derivative);
    const hessian = evaluate(step.after, { ...environment(point), indices }).data;
    slopes.forEach((slope, i) => {
      const product = direction.reduce((s, d, j) => s + hessian[i * each + j] * d, 0);
      worst = Math.max(worst, relative(slope, product));
    });
  }
  return worst;
}

/** The gradient, evaluated where the parameter has the solution's value, is zero. */
export function rootGap(step: Step, point: Point<number>): number {
  const { derivation } = point;
  const name = step.parameter!;
  const declared = derivation.model.parameters.find((p) => p.name === name)!;
  const update = derivation.updates.find((u) => u.parameter === name)!;
  const tensor = point.parameters.get(name)!;
  const isSimplex = declared.type.domain === 'simplex';
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const env = environment(point);
  const solved = tabulate(step.after, ranges, env);
  const data =
    solved.data.length === tensor.data.length ? [...solved.data] : tensor.data.map(() => solved.data[0]);
  const heldAt = (n: number): HeldValue | undefined =>
    isSimplex
      ? update.held.find((h) => h.at.length === tensor.shape.length && isAt(h.at, unravel(n, tensor.shape)))
      : undefined;
  data.forEach((_, n) => {
    const held = heldAt(n);
    if (held !== undefined) data[n] = evaluate(held.value, env).data[0];
  });
  const gradientAt = (values: readonly number[]): Tensor<number> =>
    tabulate(
      step.before,
      ranges,
      environment({
        ...point,
        parameters: new Map([...point.parameters, [name, { shape: tensor.shape, data: values }]]),
      }),
    );
  if (step.relation === 'crossing') {
    const [left, right] = [-CROSSING, CROSSING].map((d) => gradientAt(data.map((x) => x + d)).data);
    return Math.max(0, ...left.map((g) => -g), ...right);
  }
  const gradient = gradientAt(data);
  const before = tabulate(step.before, ranges, env);
  const size = Math.max(1, ...before.data.map(Math.abs));
  // a share of nothing: 0 / 0 at the boundary, where it belongs
  const isBoundary = (n: number): boolean => data[n] === 0 && Number.isNaN(gradient.data[n]);
  return Math.max(
    ...gradient.data.map((g, n) => (heldAt(n) !== undefined || isBoundary(n) ? 0 : Math.abs(g) / size)),
  );
}

/** before tends to after along a shrinking constant, with an error of the order of constant × log constant. */
export function limitGap(step: Step, point: Point<number>): number {
  const constant = point.derivation.limit!.constant;
  const at = (eps: number): Point<number> => ({
    ...point,
    instance: {
      ...point.instance,
      constants: new Map([...point.instance.constants, [constant, { shape: [], data: [eps] }]]),
    },
  });
  const target = evaluate(step.after, environment(point)).data[0];
  const errors = [1e-2, 1e-4, 1e-6].map((eps) =>
    Math.abs(evaluate(step.before, environment(at(eps))).data[0] - target),
  );
  const shrinks = errors[1] < 0.1 * errors[0] + 1e-9 && errors[2] < 0.1 * errors[1] + 1e-9;
  return shrinks && errors[2] < 1e-3 * (1 + Math.abs(target)) ? 0 : Infinity;
}
