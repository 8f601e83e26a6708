/**
 * One tile of rows with the components written out: logits, their softmax and the sums in one pass, four rows at a time. The
 * numbers of a component are read again for every four rows, since registers hold few of them.
 */
import { exp2, exponentOf, log2, mantissaOf, smallInteger } from '../elementary.js';
import type { MultiplyAdd } from '../elementary.js';
import {
  count,
  f64x2,
  i32,
  i32x4,
  i64x2,
  local,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
} from '../instructions.js';
import { whereLabelled } from '../labels.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Local, Value, WasmFunction } from '../types.js';
import { logitWriter } from './logits.js';
import { parameterPlaces, sumsPerComponent } from './types.js';
import type { MixtureLayout, MixtureShape } from './types.js';

type Vector = Local<'v128'>;

/** Vectors of two rows that are under way at once. */
const VECTORS = 2;
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, at) => at);
const vectors = (): Vector => local('v128');

/**
 * (columns, weights, labels, sums, bytes of the rows): adds the tile's sums to those at `sums`. Columns are so many numbers
 * `apart`.
 */
export function tileFunction(
  shape: MixtureShape,
  regions: MixtureLayout['regions'],
  apart: number,
): WasmFunction {
  const parameters = regions.parameters.at;
  const [columns, weights, labels, sums, bytes] = [
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
    local('i32'),
  ];
  const row = local('i32');
  const totals = upTo(shape.components).map(() => upTo(sumsPerComponent(shape)).map(vectors));
  const likelihood = likelihoodSums(shape);
  const load = (base: Value<'i32'>, v: number, offset = 0): Value<'v128'> =>
    v128.load(i32.add(base, row), offset + 16 * v);
  const loadColumn = (a: number, v: number): Value<'v128'> => load(columns, v, 8 * apart * a);
  /** u of the columns, of each vector */
  const standardised = (s: Scope): readonly (readonly Vector[])[] => {
    const units = upTo(shape.columns).map((a) =>
      [0, 8].map((part) => s.let(v128.load64Splat(0, regions.units.at + 16 * a + part))),
    );
    return upTo(VECTORS).map((v) =>
      units.map(([shift, factor], a) => s.let(f64x2.mul(f64x2.sub(loadColumn(a, v), shift), factor))),
    );
  };

  const rows = written((s) => {
    const parts = standardised(s).map((u, v) => ({
      u,
      weight: shape.weighted ? s.let(load(weights, v)) : undefined,
      label: shape.labelled ? s.let(load(labels, v)) : undefined,
      /** of each component */
      d: [] as (readonly Vector[])[],
      logits: [] as Vector[],
    }));
    const logitsOf = logitWriter(s, shape, parameters, parts);
    for (const k of upTo(shape.components)) {
      const first = parameters + 8 * parameterPlaces(shape).centreOf(k);
      const centre = upTo(shape.columns).map((a) => s.let(v128.load64Splat(0, first + 8 * a)));
      for (const part of parts) part.d.push(centre.map((m, a) => s.let(f64x2.sub(part.u[a], m))));
      logitsOf(k).forEach((logit, v) => {
        const { label, logits } = parts[v];
        logits.push(s.let(label === undefined ? logit : whereLabelled(label, k + 1, logit)));
      });
    }
    for (const { logits, d, weight } of parts) {
      const { responsibilities, top, sum } = softmax(s, multiplyAdd(shape.fused), logits);
      likelihood.add(s, top, sum, weight);
      responsibilities.forEach((r, k) => {
        addSums(s, shape, weight === undefined ? r : s.let(f64x2.mul(r, weight)), d[k], totals[k]);
      });
    }
  });

  return wasmFunction(
    undefined,
    [columns, weights, labels, sums, bytes],
    written((s) => {
      for (const total of totals.flat()) s.push(set(total, f64x2.constant(0)));
      likelihood.begin(s);
      s.push(count(row, 0, bytes, 16 * VECTORS, rows, true));
      [...totals.flat(), ...likelihood.end(s, bytes)].forEach((total, n) => {
        s.push(v128.store(sums, f64x2.add(v128.load(sums, 16 * n), total), 16 * n));
      });
    }),
  );
}

// ------------------------------------------------------------------------------------------------ softmax

export function softmax(
  s: Scope,
  fused: MultiplyAdd,
  logits: readonly Vector[],
): {
  readonly responsibilities: readonly Value<'v128'>[];
  readonly top: Vector;
  readonly sum: Vector | undefined;
} {
  // one component owns all
  if (logits.length === 1) return { responsibilities: [f64x2.constant(1)], top: logits[0], sum: undefined };
  const top = s.let(logits.reduce<Value<'v128'>>((most, logit) => f64x2.pmax(most, logit), logits[0]));
  const powers = logits.map((logit) => exp2(s, fused, f64x2.sub(logit, top)));
  const sum = s.let(powers.slice(1).reduce<Value<'v128'>>((t, e) => f64x2.add(t, e), powers[0]));
  const inverse = s.let(f64x2.div(f64x2.constant(1), sum));
  return { responsibilities: powers.map((e) => s.let(f64x2.mul(e, inverse))), top, sum };
}

/**
 * Σ w top and Σ w log₂ sum. Without weights the logarithms are one, of a product: exponents are added as integers, and
 * mantissas, each between 1 and 2, multiplied; a tile's cannot overflow.
 */
export function likelihoodSums(shape: MixtureShape) {
  const fused = multiplyAdd(shape.fused);
  const [tops, logarithms, exponents, product] = [vectors(), vectors(), vectors(), vectors()];
  return {
    begin: (s: Scope): void => {
      s.push(set(tops, f64x2.constant(0)), set(logarithms, f64x2.constant(0)));
      s.push(set(exponents, i64x2.constant(0)), set(product, f64x2.constant(1)));
    },
    add: (s: Scope, top: Vector, sum: Vector | undefined, weight: Vector | undefined): void => {
      s.push(set(tops, weight === undefined ? f64x2.add(tops, top) : fused.madd(weight, top, tops)));
      if (sum === undefined) return;
      if (weight !== undefined) s.push(set(logarithms, fused.madd(weight, log2(s, fused, sum), logarithms)));
      else {
        s.push(set(exponents, i64x2.add(exponents, exponentOf(sum))));
        s.push(set(product, f64x2.mul(product, mantissaOf(sum))));
      }
    },
    /** of the tile, with as many rows to each half of a vector as a column has bytes in sixteens */
    end: (s: Scope, bytes: Value<'i32'>): readonly Value<'v128'>[] => {
      if (shape.weighted || shape.components === 1) return [tops, logarithms];
      const rows = f64x2.fromLowI32x4(i32x4.splat(i32.shrU(bytes, 4)));
      const powers = f64x2.sub(smallInteger(exponents), f64x2.mul(rows, 1023));
      return [tops, f64x2.add(powers, log2(s, fused, product))];
    },
  };
}

// ------------------------------------------------------------------------------------------------ sums

function addSums(
  s: Scope,
  shape: MixtureShape,
  r: Value<'v128'>,
  d: readonly Vector[],
  totals: readonly Vector[],
): void {
  const { madd } = multiplyAdd(shape.fused);
  const first = 1 + shape.columns;
  s.push(set(totals[0], f64x2.add(totals[0], r)));
  const weighed = d.map((x) => s.let(f64x2.mul(x, r)));
  weighed.forEach((x, a) => {
    s.push(set(totals[1 + a], f64x2.add(totals[1 + a], x)));
  });
  shape.statisticPairs.forEach(([a, b], p) => {
    s.push(set(totals[first + p], madd(weighed[a], d[b], totals[first + p])));
  });
}
