/** An update carried out to its end on an instance, as the certificate judges it: what is approached by steps is reached. */
import { ascend } from '../algebra/ascent.js';
import { evaluate, sizeOf } from '../algebra/evaluate.js';
import type { Tensor } from '../algebra/evaluate.js';
import { float64 } from '../algebra/fields.js';
import type { Expr } from '../algebra/types.js';
import { isAt, isLeader, unravel, withTies } from './copies.js';
import type { Instance } from './instance.js';
import { environment, tabulate } from './point.js';
import type { Responsibilities } from './point.js';
import type { Derivation, Iteration, Update } from './types.js';

export type ParameterValues = ReadonlyMap<string, Tensor<number>>;

/** The update's value at every index, with held entries in place. */
export function updated(
  update: Update,
  derivation: Derivation,
  instance: Instance,
  parameters: ParameterValues,
  r: Responsibilities | undefined,
): Tensor<number> {
  const before = parameters.get(update.parameter)!;
  if (update.iteration !== undefined)
    return iterated(update, update.iteration, derivation, instance, parameters, r);
  if (update.minorised) {
    // its fixed point, where what lies below Q touches it at its own maximum
    let at = before;
    for (let round = 0, gap = 1; round < 10000 && gap > 1e-15; round++) {
      const next = once(update, derivation, instance, new Map([...parameters, [update.parameter, at]]), r);
      gap = Math.max(...next.data.map((x, n) => Math.abs(x - at.data[n]) / (1 + Math.abs(x))));
      at = next;
    }
    return at;
  }
  return once(update, derivation, instance, parameters, r);
}

/** The solution as it stands, put in the parameter's place. */
function once(
  update: Update,
  derivation: Derivation,
  instance: Instance,
  parameters: ParameterValues,
  r: Responsibilities | undefined,
): Tensor<number> {
  const env = environment({ derivation, instance, field: float64, parameters, responsibilities: r });
  const before = parameters.get(update.parameter)!;
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const lengths = ranges.map((range) => sizeOf(range.dim, instance.sizes));
  const whole = tabulate(update.value, ranges, env);
  const each = before.data.length / lengths.reduce((a, b) => a * b, 1);
  const data =
    whole.data.length === before.data.length ? [...whole.data] : before.data.map(() => whole.data[0]);
  // a component of a hard assignment that owns no row keeps what it had
  if (derivation.limit !== undefined)
    data.forEach((x, n) => (data[n] = Number.isFinite(x) ? x : before.data[n]));
  for (const held of update.held) {
    const value = evaluate(held.value, env).data;
    for (let at = 0; at * each < data.length; at++)
      if (isAt(held.at, unravel(at, lengths)))
        for (let n = 0; n < each; n++) data[at * each + n] = value.length === 1 ? value[0] : value[n];
  }
  return { shape: before.shape, data: withTies(data, update.ties, lengths) };
}

/** Newton's method until it ends, copy after copy, again and again. */
function iterated(
  update: Update,
  iteration: Iteration,
  derivation: Derivation,
  instance: Instance,
  parameters: ParameterValues,
  r: Responsibilities | undefined,
): Tensor<number> {
  const { ranges } = update;
  const before = parameters.get(update.parameter)!;
  const data = [...before.data];
  const lengths = ranges.map((range) => sizeOf(range.dim, instance.sizes));
  const copies = lengths.reduce((a, b) => a * b, 1);
  const each = data.length / copies;
  for (let round = 0, change = 1; round < (iteration.coupled ? 300 : 1) && change > 1e-13; round++) {
    const last = [...data];
    for (let copy = 0; copy < copies; copy++) {
      const at = unravel(copy, lengths);
      if (!isLeader(update.ties, at)) continue;
      const indices = Object.fromEntries(ranges.map((range, n) => [range.index, at[n]]));
      const value = (e: Expr, theta: Float64Array): readonly number[] => {
        theta.forEach((x, n) => (data[copy * each + n] = x));
        withTies(data, update.ties, lengths);
        const here = new Map([...parameters, [update.parameter, { shape: before.shape, data }]]);
        const point = { derivation, instance, field: float64, parameters: here, responsibilities: r };
        return evaluate(e, { ...environment(point), indices }).data;
      };
      const held = update.held.find((h) => isAt(h.at, at));
      const reached =
        held === undefined
          ? ascend({
              start: Float64Array.from(data.slice(copy * each, (copy + 1) * each)),
              scales: Array.from({ length: each }, () => iteration.scale),
              derivatives: (theta) => ({
                gradient: Float64Array.from(value(iteration.gradient, theta)),
                hessian: Float64Array.from(value(iteration.hessian, theta)),
              }),
              objective: (theta) => value(iteration.objective, theta)[0],
              rounds: 60,
            })
          : Float64Array.from({ length: each }, (_, n) => {
              const values = value(held.value, Float64Array.from(data.slice(copy * each, (copy + 1) * each)));
              return values.length === 1 ? values[0] : values[n];
            });
      reached.forEach((x, n) => (data[copy * each + n] = x));
    }
    withTies(data, update.ties, lengths);
    change = Math.max(...data.map((x, n) => Math.abs(x - last[n])));
  }
  if (iteration.centred)
    for (let d = 0; d < each; d++) {
      const own = Array.from({ length: copies }, (_, k) => data[k * each + d]);
      const mean = own.reduce((a, b) => a + b, 0) / copies;
      for (let k = 0; k < copies; k++) data[k * each + d] -= mean;
    }
  return { shape: before.shape, data };
}
