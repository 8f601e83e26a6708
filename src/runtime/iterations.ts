/** The iterations of an M-step: updates that contain each other, and Newton's method. */
import { ascend } from '../algebra/ascent.js';
import type { Scale } from '../algebra/ascent.js';
import { quadraticMaximum } from '../algebra/quadratic.js';
import type { Derivatives } from '../algebra/quadratic.js';
import { isAt, isLeader, unravel, withTies } from '../derive/copies.js';
import type { Place, Tie } from '../derive/copies.js';
import { equationsFrom, projected } from '../linear-algebra/equations.js';
import { numbersIn, refilled } from './rows.js';
import type { Numbers } from './rows.js';

/** Repeats a round of updates until the parameters stand still, to 13 digits, or `rounds` times. */
export function settle<P extends object>(previous: P, round: (held: P) => P, rounds = 200): P {
  let held = previous;
  for (let n = 0; n < rounds; n++) {
    const next = round(held);
    const gaps = Object.entries(next).map(([key, value]) =>
      relativeChange(numbersIn(held[key as keyof P] as Numbers), numbersIn(value as Numbers)),
    );
    held = next;
    if (!(Math.max(...gaps) > SETTLED)) break;
  }
  return held;
}

const SETTLED = 1e-13;

function relativeChange(a: readonly number[], b: readonly number[]): number {
  const size = b.reduce((s, x) => Math.max(s, Math.abs(x)), 0);
  const gap = b.reduce((s, x, n) => Math.max(s, Math.abs(x - a[n])), 0);
  return size === 0 ? gap : gap / size;
}

// ------------------------------------------------------------------------------------------------ one parameter

export interface NewtonOptions<T> {
  /** on which scale the parameter moves: positive numbers on that of their logarithm */
  readonly scale: Scale;
  /** how many of the outer levels of nesting are copies of the parameter */
  readonly plates: number;
  readonly rounds: number;
  /** the derivatives of one copy look at the others: they are gone through again and again */
  readonly coupled?: boolean;
  /** the mean over the copies is kept at zero */
  readonly centred?: boolean;
  /** values of single copies; places count from 1 */
  readonly held?: readonly { readonly at: readonly Place[]; readonly value: Numbers }[];
  readonly ties?: readonly Tie[];
  /** of the copy at these indices, from 0 */
  readonly derivatives: (
    now: T,
    ...at: number[]
  ) => { readonly gradient: Numbers; readonly hessian: Numbers };
  /** what a step must raise */
  readonly objective: (now: T) => number;
}

/** Newton's method on a parameter, one copy after the other, each step halved until the objective rises. */
export function newton<T extends Numbers>(start: T, options: NewtonOptions<T>): T {
  const { plates, scale, held = [], ties = [] } = options;
  const data = Float64Array.from(numbersIn(start));
  const lengths = shapeOf(start).slice(0, plates);
  const copies = lengths.reduce((a, b) => a * b, 1);
  const each = data.length / copies;
  const sweeps = options.coupled === true && copies > 1 ? options.rounds : 1;
  const spread = (value: Numbers): number[] => {
    const list = numbersIn(value);
    return list.length === each ? list : Array.from({ length: each }, () => list[0]);
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const last = Array.from(data);
    for (let copy = 0; copy < copies; copy++) {
      const at = unravel(copy, lengths);
      if (!isLeader(ties, at)) continue;
      const own = data.subarray(copy * each, copy * each + each);
      const fixed = held.find((h) => isAt(h.at, at));
      if (fixed !== undefined) {
        own.set(spread(fixed.value));
        continue;
      }
      const now = (theta: Float64Array): T => {
        own.set(theta);
        withTies(data, ties, lengths);
        return refilled(start, data);
      };
      const reached = ascend({
        start: Float64Array.from(own),
        scales: Array.from({ length: each }, () => scale),
        derivatives: (theta) => {
          const { gradient, hessian } = options.derivatives(now(theta), ...at);
          return {
            gradient: Float64Array.from(numbersIn(gradient)),
            hessian: Float64Array.from(numbersIn(hessian)),
          };
        },
        objective: (theta) => options.objective(now(theta)),
        rounds: sweeps > 1 ? 1 : options.rounds,
      });
      own.set(reached);
    }
    withTies(data, ties, lengths);
    if (!(relativeChange(last, Array.from(data)) > SETTLED)) break;
  }
  if (options.centred === true)
    for (let d = 0; d < each; d++) {
      let mean = 0;
      for (let copy = 0; copy < copies; copy++) mean += data[copy * each + d] / copies;
      for (let copy = 0; copy < copies; copy++) data[copy * each + d] = data[copy * each + d] - mean;
    }
  return refilled(start, data);
}

const shapeOf = (value: Numbers): number[] =>
  typeof value === 'number' ? [] : [value.length, ...(value.length === 0 ? [] : shapeOf(value[0]))];

// ------------------------------------------------------------------------------------------------ several as one

export interface TogetherOptions<P> {
  readonly scales: readonly Scale[];
  /** names of the indices of each parameter's copies */
  readonly plates: readonly (readonly string[])[];
  /** the objective is quadratic in all of them: the step is taken whole */
  readonly isQuadratic: boolean;
  readonly rounds: number;
  /** of each parameter, nested like it */
  readonly gradient: (now: P) => readonly Numbers[];
  /** second derivatives of pairs of parameters, nested over the copies that `over` names */
  readonly hessian: (now: P) => readonly {
    readonly of: readonly [number, number];
    readonly over: readonly string[];
    readonly value: Numbers;
  }[];
  readonly objective: (now: P) => number;
  /** linear in the parameters, and zero */
  readonly equations?: (now: P) => Numbers;
}

/** Newton's method on several parameters at once, all their copies one vector, with linear equations between them. */
export function together<P extends object>(start: P, options: TogetherOptions<P>): P {
  const entries = Object.entries(start) as [keyof P, Numbers][];
  const lists = entries.map(([, value]) => numbersIn(value));
  const starts = lists.map((_, n) => lists.slice(0, n).reduce((s, l) => s + l.length, 0));
  const size = lists.reduce((s, l) => s + l.length, 0);
  const shapes = entries.map(([, value]) => shapeOf(value));
  const now = (theta: Float64Array): P =>
    Object.fromEntries(
      entries.map(([key, value], n) => [
        key,
        refilled(value, theta.subarray(starts[n], starts[n] + lists[n].length)),
      ]),
    ) as P;
  /** the first number of the copy that these indices name */
  const placeOf = (n: number, at: Readonly<Record<string, number>>): number => {
    const lengths = shapes[n].slice(0, options.plates[n].length);
    const copies = lengths.reduce((a, b) => a * b, 1);
    const copy = options.plates[n].reduce((offset, index, axis) => offset * lengths[axis] + at[index], 0);
    return starts[n] + copy * (lists[n].length / copies);
  };
  const widthOf = (n: number): number =>
    lists[n].length / shapes[n].slice(0, options.plates[n].length).reduce((a, b) => a * b, 1);
  const derivatives = (theta: Float64Array): Derivatives => {
    const at = now(theta);
    const hessian = new Float64Array(size * size);
    for (const { of, over, value } of options.hessian(at)) {
      const lengths = shapeOf(value).slice(0, over.length);
      const count = lengths.reduce((a, b) => a * b, 1);
      const all = numbersIn(value);
      const each = all.length / count;
      const [p, q] = [widthOf(of[0]), widthOf(of[1])];
      for (let copy = 0; copy < count; copy++) {
        const indices = Object.fromEntries(unravel(copy, lengths).map((x, n) => [over[n], x]));
        const [a, b] = [placeOf(of[0], indices), placeOf(of[1], indices)];
        for (let r = 0; r < p; r++)
          for (let c = 0; c < q; c++) {
            // a number in the place of a square block is that number times the identity
            const isNumber = each === 1 && p > 1 && q > 1;
            const x = isNumber ? (r === c ? all[copy] : 0) : all[copy * each + r * q + c];
            hessian[(a + r) * size + b + c] = x;
            hessian[(b + c) * size + a + r] = x;
          }
      }
    }
    // a number stands in every copy's coordinate
    return { gradient: Float64Array.from(options.gradient(at).flatMap(numbersIn)), hessian };
  };
  const { equations } = options;
  const held =
    equations === undefined ? undefined : linear((theta) => numbersIn(equations(now(theta))), size);
  const current = Float64Array.from(lists.flat());
  const begin = held === undefined ? current : projected(current, held);
  const basis = held?.basis;
  if (options.isQuadratic) {
    const reached = quadraticMaximum(begin, basis, derivatives);
    if (reached === undefined) throw new Error('the equations of an M-step do not determine its parameters');
    return now(reached);
  }
  return now(
    ascend({
      start: begin,
      scales: lists.flatMap((l, n) => l.map(() => options.scales[n])),
      basis,
      derivatives,
      objective: (theta) => options.objective(now(theta)),
      rounds: options.rounds,
    }),
  );
}

/** C θ = d from the values of C θ − d at 0 and at each unit vector. */
function linear(
  f: (theta: Float64Array) => readonly number[],
  size: number,
): ReturnType<typeof equationsFrom> {
  const zero = f(new Float64Array(size));
  const columns = Array.from({ length: size }, (_, i) => {
    const unit = new Float64Array(size);
    unit[i] = 1;
    return f(unit);
  });
  const rows = zero.map((z, n) => Float64Array.from(columns, (c) => c[n] - z));
  return equationsFrom(
    rows,
    zero.map((z) => -z),
    size,
  );
}
