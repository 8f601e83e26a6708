/**
 * What one EM step of a plan computes, operation by operation, as counts symbolic in the sizes: for the reader
 * (`gmm check --show plan`), for the choice of an engine, and for the bound that benchmarks are held to.
 *
 *     features → logits → softmax → sums (→ sums over the rows that no moment gives) → statistics → updates → coefficients
 *
 * The data stage is counted in features: a polynomial of degree two in C columns has 1 + C + P of them, P the products that
 * are needed. Bytes are what an operation reads and writes of the rows when it is done by itself, in float64; an engine that
 * does all of them row by row reads the columns alone.
 */
import { number, ONE, shapeOf, size, ZERO } from '../algebra/build.js';
import { dependsOn, partsOf, some } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import { rowsDim } from '../derive/translate.js';
import { isDataOnly } from './affine.js';
import { expressionsOf } from './build.js';
import { asksRows } from './types.js';
import type { AffineForm, Pairs, Plan, PlannedStatistic, PlannedUpdate } from './types.js';
import {
  both,
  lengthOf,
  NOTHING,
  overRanges,
  plus,
  repeated,
  times,
  triangle,
  valueOf,
  workOf,
} from './work.js';
import type { Count, HowOften, Work } from './work.js';

export type OperationName =
  /** products of columns */
  | 'features'
  /** log p(row, z = k), the part that is a polynomial of the columns */
  | 'logits'
  /** the part of it that is not */
  | 'expressions'
  | 'softmax'
  /** moments of the columns under the responsibilities */
  | 'sums'
  /** sums over the rows that are none, once a step or once a Newton round */
  | 'row sums'
  /** statistics read off the moments */
  | 'statistics'
  | 'updates'
  /** the numbers that the logits read, from the new parameters */
  | 'coefficients';

export interface Operation extends Work {
  readonly name: OperationName;
  /** whose it is, where there are several: a statistic, a parameter */
  readonly of: string | undefined;
  readonly bytes: Count;
  /** in every step, or in every round of Newton's method inside of one */
  readonly per: 'step' | 'round';
}

const BYTES = number(8);

/** Comparisons and sums of a point in finding a median: both of its ends, each by halving what is left. */
const SELECTION = number(8);

/** K: combinations of the latents' values. */
export const componentsOf = (plan: Plan): Count => lengthOf(plan.axes.map((a) => a.value.dim));

/** C */
export const columnsOf = (plan: Plan): Count => plus(...plan.groups.map((_, g) => groupLength(plan, g)));

const groupLength = (plan: Plan, group: number): Count => {
  const g = plan.groups[group];
  return g.kind === 'derived' ? number(g.elements.length) : g.dim === undefined ? ONE : size(g.dim);
};

const pairCount = (pairs: Pairs, columns: Count): Count =>
  pairs === 'none' ? ZERO : pairs === 'squares' ? columns : triangle(columns);

/** All operations of a step, in their order; those that have nothing to do are left out. */
export function operationsOf(plan: Plan): readonly Operation[] {
  const all = [...dataStage(plan), ...parameterStage(plan)];
  const isNothing = (c: Count): boolean => c.kind === 'number' && c.value === 0;
  return all.filter((o) => !isNothing(o.multiplyAdds) || !isNothing(o.functions));
}

export type Measure = 'multiplyAdds' | 'functions' | 'bytes';

/** Over the operations of these names (all that are done once a step, without them). */
export function totalOf(
  operations: readonly Operation[],
  measure: Measure,
  names?: readonly OperationName[],
): Count {
  const wanted = operations.filter((o) => (names === undefined ? o.per === 'step' : names.includes(o.name)));
  return plus(...wanted.map((o) => o[measure]));
}

/** The number of a count at sizes that are all known. Throws where one is not. */
export function numberOf(count: Count, sizes: Readonly<Record<string, number>>): number {
  const value = valueOf(count, sizes);
  if (value === undefined) throw new Error('a size has no value');
  return value;
}

// ------------------------------------------------------------------------------------------------ the data stage

function dataStage(plan: Plan): readonly Operation[] {
  const rows = size(rowsDim(plan.model));
  const k = componentsOf(plan);
  const columns = columnsOf(plan);
  const logitPairs = pairCount(plan.sharedQuadratic ? 'none' : plan.pairs.logits, columns);
  const ofSums = plan.strata.map((s, n) =>
    pairCount(n === 0 && plan.pooledScatter ? 'none' : s.pairs, columns),
  );
  const widest = plan.pooledScatter && plan.sharedQuadratic ? ZERO : pairCount(widestOf(plan), columns);
  const perRow = (...counts: readonly Count[]): Count => times(BYTES, rows, plus(...counts));
  const isPolynomial = plan.logits.some((t) => t.kind !== 'general');
  const isHidden = plan.axes.length > 0;
  const isSoft = isHidden && plan.assignment === 'soft';
  const step = { of: undefined, per: 'step' } as const;
  return [
    {
      ...step,
      name: 'features',
      multiplyAdds: times(rows, widest),
      functions: ZERO,
      bytes: perRow(columns, widest),
    },
    {
      ...step,
      name: 'logits',
      multiplyAdds: isPolynomial ? times(rows, k, plus(ONE, columns, logitPairs)) : ZERO,
      functions: ZERO,
      bytes: perRow(columns, logitPairs, k),
    },
    { ...step, name: 'expressions', ...repeated(rows, expressionsWork(plan, k)), bytes: perRow(columns, k) },
    {
      ...step,
      name: 'softmax',
      // e^(a − top), its sum, and the share of it; a hard assignment compares
      multiplyAdds: isHidden ? times(rows, k, number(isSoft ? 3 : 1)) : ZERO,
      functions: isSoft ? plus(times(rows, k), rows) : ZERO,
      bytes: perRow(k, k),
    },
    ...ofSums.map((pairs, n): Operation => ({
      ...step,
      name: 'sums',
      of: n === 0 ? undefined : `for each value of ${plan.strata[n].symbols.map((s) => s.symbol).join(', ')}`,
      multiplyAdds: times(rows, k, plus(ONE, columns, pairs)),
      functions: ZERO,
      bytes: perRow(columns, pairs, k),
    })),
    ...plan.statistics.flatMap((s) => rowSums(s, plan, rows)),
  ];
}

/** Products that somebody reads in every step. */
function widestOf(plan: Plan): Pairs {
  const wanted = [
    plan.sharedQuadratic ? 'none' : plan.pairs.logits,
    ...plan.strata.map((s, n) => (n === 0 && plan.pooledScatter ? 'none' : s.pairs)),
  ];
  return wanted.includes('all') ? 'all' : wanted.includes('squares') ? 'squares' : 'none';
}

/** For one row: what differs between components K times, what does not once. */
function expressionsWork(plan: Plan, k: Count): Work {
  const seen = new Set<string>();
  const axes = plan.axes.map((a) => a.value.index);
  const often: HowOften = (e) => {
    if (!variesByRow(e, plan) || isOnce(e)) return undefined;
    return axes.some((index) => dependsOn(e, index)) ? k : ONE;
  };
  return both(...plan.logits.map((t) => (t.kind === 'general' ? workOf(t.value, often, seen) : NOTHING)));
}

const variesByRow = (e: Expr, plan: Plan): boolean =>
  plan.rows !== undefined && dependsOn(e, plan.rows.index);

/** A function of the data alone is a column (`passes/hoist-rows.ts`). */
const isOnce = (e: Expr): boolean => isDataOnly(e) && some(e, (part) => part.kind === 'function');

function rowSums(s: PlannedStatistic, plan: Plan, rows: Count): readonly Operation[] {
  const { reading } = s;
  if (!asksRows(reading)) return [];
  const [parts, further, own] =
    reading.kind === 'median'
      ? [[reading.value, reading.weight], reading.ranges, SELECTION]
      : [[reading.body], [], lengthOf(shapeOf(reading.body))];
  // rows of another stratum's value are passed over, so that its values make one pass together
  const passes = overRanges(
    [...s.ranges, ...further].filter(
      (r) => !s.observed.some((o) => o.kind === 'running' && o.index === r.index),
    ),
  );
  const often: HowOften = (e) => (variesByRow(e, plan) && !isOnce(e) ? ONE : undefined);
  const each = both(...parts.map((e) => workOf(e, often)), { multiplyAdds: own, functions: ZERO });
  return [
    {
      name: 'row sums',
      of: s.name,
      ...repeated(times(rows, passes), each),
      bytes: times(BYTES, rows, passes, plus(columnsOf(plan), ONE)),
      per: readInRounds(s.name, plan).length > 0 ? 'round' : 'step',
    },
  ];
}

/** The parameters whose updates read a statistic. */
export const readBy = (name: string, plan: Plan): readonly string[] =>
  plan.updates
    .filter((u) => [u.value, u.divisor, ...roundsOf(u)].some((e) => reads(e, name)))
    .map((u) => u.parameter);

/** The parameters whose Newton's method asks for a statistic at each of its places. */
export const readInRounds = (name: string, plan: Plan): readonly string[] =>
  plan.updates.filter((u) => roundsOf(u).some((e) => reads(e, name))).map((u) => u.parameter);

const reads = (e: Expr, name: string): boolean =>
  (e.kind === 'symbol' && e.name === name) || partsOf(e).some((part) => reads(part, name));

// ------------------------------------------------------------------------------------------------ the parameter stage

function parameterStage(plan: Plan): readonly Operation[] {
  const k = componentsOf(plan);
  const axes = plan.axes.map((a) => a.value.index);
  const read = plan.statistics.map((s) => repeated(overRanges(s.ranges), readingWork(s, plan)));
  const updates = plan.updates.flatMap((u): readonly Operation[] => {
    const copies = overRanges(u.entry === undefined ? u.ranges : [...u.ranges, u.entry]);
    const rounds = roundsOf(u);
    const list = rounds.length === 0 ? [u.value, u.divisor] : rounds;
    const seen = new Set<string>();
    return [
      {
        name: 'updates',
        of: u.parameter,
        ...both(...list.map((e) => workOf(e, () => copies, seen))),
        bytes: ZERO,
        per: rounds.length === 0 ? 'step' : 'round',
      },
    ];
  });
  const seen = new Set<string>();
  const often =
    (stratum: number): HowOften =>
    (e) => {
      if (variesByRow(e, plan)) return undefined;
      const { symbols } = plan.strata[stratum];
      const values = symbols.filter((s) => dependsOn(e, s.value.index)).map((s) => s.value);
      return times(axes.some((index) => dependsOn(e, index)) ? k : ONE, overRanges(values));
    };
  const coefficients = both(
    ...plan.logits.flatMap((t) => expressionsOf(t).map((e) => workOf(e, often(t.stratum), seen))),
  );
  const step = { of: undefined, per: 'step', bytes: ZERO } as const;
  return [
    { ...step, name: 'statistics', ...both(...read) },
    ...updates,
    { ...step, name: 'coefficients', ...coefficients },
  ];
}

/** What Newton's method evaluates at each of its places; nothing for an update in closed form. */
function roundsOf(u: PlannedUpdate): readonly Expr[] {
  const { iteration: i, joint: j } = u;
  if (j !== undefined) return [...j.gradient, ...j.hessian.flat(), j.objective];
  return i === undefined ? [] : [i.gradient, i.hessian, i.objective];
}

/** One statistic from the moments of one component: each entry of U c + u, or of U scatter Vᵀ + n (U m + u)(V m + v)ᵀ. */
function readingWork(s: PlannedStatistic, plan: Plan): Work {
  const { reading } = s;
  const arithmetic = (multiplyAdds: Count): Work => ({ multiplyAdds, functions: ZERO });
  const width = (form: AffineForm): Count =>
    plus(
      ...form.parts.map((p) =>
        p.kind === 'scaled' || p.kind === 'column' ? ONE : groupLength(plan, p.group),
      ),
    );
  switch (reading.kind) {
    case 'weight':
    case 'general':
    case 'median':
      return NOTHING;
    case 'first':
      return arithmetic(times(lengthOf(reading.form.shape), plus(width(reading.form), ONE)));
    case 'second': {
      const { left, right } = reading;
      const entry = plus(times(width(left), width(right)), ONE);
      const n = lengthOf(left.shape);
      const entries =
        reading.as === 'matrix' ? (left === right ? triangle(n) : times(n, lengthOf(right.shape))) : n;
      return arithmetic(times(entries, entry));
    }
  }
}
