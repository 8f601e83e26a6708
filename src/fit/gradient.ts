/**
 * Gradient ascent on the marginal likelihood (`--algorithm gradient`), the cross-check of the derivation: it knows the log
 * densities of the model and nothing of Q or of any update. The gradient is by automatic differentiation in float64, in
 * coordinates that are free (`coordinates.ts`).
 *
 * Each step begins with the length of Barzilai and Borwein, and is halved until the objective has risen enough (Armijo).
 * Sources: Barzilai, Borwein: Two-point step size gradient methods (1988); Nocedal, Wright (2006), 3.1.
 */
import { slotAdjoints } from '../engine/adjoint.js';
import type { Expectation, RowData, Session } from '../engine/types.js';
import { lowerLogits } from '../plan/lower-rows.js';
import { setComponent } from '../plan/program.js';
import { along, slotsAlong } from '../plan/slot-derivatives.js';
import type { Direction } from '../plan/slot-derivatives.js';
import { fillSlots } from '../plan/slots.js';
import type { Parameters, Program } from '../plan/types.js';
import { chartsOf, leadingOn } from './coordinates.js';

/** d (log-likelihood + log prior) along each direction, at parameters whose expectation is given. */
export type Gradient = (
  parameters: Parameters,
  expectation: Expectation,
  directions: readonly Direction[],
) => Promise<Float64Array>;

export function marginalGradient(program: Program, session: Session, data: RowData): Gradient {
  const lowered = lowerLogits(program);
  const { body } = lowered;
  const slots = new Float64Array(body.slots);
  const ofGroups = program.plan.logits.flatMap((t) =>
    t.per === 'group' && t.kind === 'constant' ? [t.value] : [],
  );
  return async (parameters, expectation, directions) => {
    const { responsibilities } = await session.posterior(parameters);
    fillSlots(body, program, parameters, slots);
    const adjoint = slotAdjoints(lowered, program, data, responsibilities, slots);
    const { groupWeight } = expectation.moments;
    return Float64Array.from(directions, (direction) => {
      const a = along(program, parameters, direction);
      let total = slotsAlong(body, program, adjoint, a);
      groupWeight?.forEach((weight, g) => {
        setComponent(program, a.indices, (g * program.components) / groupWeight.length);
        for (const e of ofGroups) if (a.moves(e)) total += weight * a.values(e).data[0].derivative;
      });
      if (program.plan.hasPrior && a.moves(program.plan.logPrior))
        total += a.values(program.plan.logPrior).data[0].derivative;
      return total;
    });
  };
}

export interface Place {
  readonly parameters: Parameters;
  readonly expectation: Expectation;
  readonly objective: number;
}

export interface Ascent {
  /** one step up; `gain` is what the step after it can be expected to add */
  readonly step: (from: Place) => Promise<Place & { readonly gain: number }>;
}

const SUFFICIENT = 1e-4;
const HALVINGS = 60;

/** `placeAt` evaluates the objective, undefined where the parameters are not feasible. */
export function gradientAscent(
  program: Program,
  gradientOf: Gradient,
  placeAt: (parameters: Parameters) => Promise<Place | undefined>,
): Ascent {
  const charts = chartsOf(program);
  let before: { readonly step: Float64Array; readonly gradient: Float64Array } | undefined;
  return {
    step: async (from) => {
      const lists = charts.map((c) => c.directions(from.parameters));
      const slopes = await gradientOf(from.parameters, from.expectation, lists.flat());
      const gradient = new Float64Array(slopes.length);
      charts.reduce((first, chart, n) => {
        const next = first + lists[n].length;
        gradient.set(leadingOn(chart, from.parameters, slopes.subarray(first, next)), first);
        return next;
      }, 0);
      const square = gradient.reduce((s, g) => s + g * g, 0);
      if (square === 0) return { ...from, gain: 0 };
      let length = firstLength(before, gradient, square);
      for (let halving = 0; halving < HALVINGS; halving++, length /= 2) {
        const by = gradient.map((g) => length * g);
        const moved = new Map(from.parameters);
        let first = 0;
        charts.forEach((chart, n) => {
          const own = by.subarray(first, first + lists[n].length);
          for (const [name, array] of chart.moved(from.parameters, own)) moved.set(name, array);
          first += lists[n].length;
        });
        const there = await placeAt(moved);
        if (there === undefined || !(there.objective >= from.objective + SUFFICIENT * length * square))
          continue;
        before = { step: by, gradient };
        return { ...there, gain: length * square };
      }
      // no step rises by more than the rounding of the objective
      before = undefined;
      return { ...from, gain: 0 };
    },
  };
}

/** s·s / |s·y| of the last step; the first is as long as promises a gain of one nat. */
function firstLength(
  before: { readonly step: Float64Array; readonly gradient: Float64Array } | undefined,
  gradient: Float64Array,
  square: number,
): number {
  if (before === undefined) return 1 / square;
  let [ss, sy] = [0, 0];
  before.step.forEach((s, n) => {
    ss += s * s;
    sy += s * (gradient[n] - before.gradient[n]);
  });
  return sy === 0 ? 1 / square : ss / Math.abs(sy);
}
