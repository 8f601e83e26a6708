/**
 * Equations C θ = d between the stacked copies of parameters, in numbers: their rank, whether they can hold, and an
 * orthonormal basis of the directions that they leave free. By Gram–Schmidt with a second pass (Golub, Van Loan 5.2.8).
 */
import { sizeOf } from '../algebra/evaluate.js';
import { isAt, unravel } from '../derive/copies.js';
import type { JointIteration, LinearConstraint } from '../derive/types.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import { forEachIndex, frameOf, shapeOfParameter } from './frame.js';
import type { ParameterArray, Program } from './types.js';

/** Where each parameter stands in the stacked vector. */
export interface Layout {
  readonly size: number;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly parameter: SymbolName;
  readonly start: number;
  /** numbers of one copy */
  readonly each: number;
  /** lengths of its plates */
  readonly lengths: readonly number[];
  readonly shape: readonly number[];
}

export function layoutOf(joint: JointIteration, program: Program): Layout {
  let start = 0;
  const parts = joint.parameters.map((parameter, n): Part => {
    const shape = shapeOfParameter(program, parameter);
    const lengths = joint.ranges[n].map((r) => sizeOf(r.dim, program.sizes));
    const copies = lengths.reduce((a, b) => a * b, 1);
    const length = shape.reduce((a, b) => a * b, 1);
    const part = { parameter, start, each: length / copies, lengths, shape };
    start += length;
    return part;
  });
  return { size: start, parts };
}

export interface Equations {
  readonly rank: number;
  /** rows that follow from others */
  readonly redundant: number;
  /** false where some of them contradict each other */
  readonly canHold: boolean;
  /** orthonormal rows R with R θ = e the same equations: [rank, P] and [rank] */
  readonly rows: readonly Float64Array[];
  readonly values: readonly number[];
  /** orthonormal columns of what is free: [P − rank] vectors of [P] */
  readonly basis: readonly Float64Array[];
}

const TINY = 1e-10;

/** The equations and held values of a joint step. They hold constants only, so they are the same in every step. */
export function equationsOf(joint: JointIteration, layout: Layout, program: Program): Equations {
  const { rows, values } = coefficients(joint, layout, program);
  const kept: Float64Array[] = [];
  const right: number[] = [];
  let canHold = true;
  let redundant = 0;
  rows.forEach((row, n) => {
    const size = Math.hypot(...row);
    const v = Float64Array.from(row, (x) => x / (size || 1));
    let value = values[n] / (size || 1);
    for (let pass = 0; pass < 2; pass++)
      kept.forEach((r, k) => {
        const along = dot(v, r);
        for (let i = 0; i < v.length; i++) v[i] = v[i] - along * r[i];
        value -= along * right[k];
      });
    const left = Math.hypot(...v);
    if (left <= TINY) {
      redundant++;
      if (Math.abs(value) > TINY * Math.max(1, Math.abs(values[n] / (size || 1)))) canHold = false;
      return;
    }
    kept.push(v.map((x) => x / left));
    right.push(value / left);
  });
  const basis: Float64Array[] = [];
  for (let i = 0; i < layout.size && basis.length < layout.size - kept.length; i++) {
    const v = new Float64Array(layout.size);
    v[i] = 1;
    for (let pass = 0; pass < 2; pass++)
      for (const r of [...kept, ...basis]) {
        const along = dot(v, r);
        for (let j = 0; j < v.length; j++) v[j] = v[j] - along * r[j];
      }
    const left = Math.hypot(...v);
    if (left > 1e-6) basis.push(v.map((x) => x / left));
  }
  return { rank: kept.length, redundant, canHold, rows: kept, values: right, basis };
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, x, i) => s + x * b[i], 0);

/** C and d, a row for each number of each equation: its value at 0 and at each unit vector. */
function coefficients(
  joint: JointIteration,
  layout: Layout,
  program: Program,
): { readonly rows: readonly Float64Array[]; readonly values: readonly number[] } {
  const arrays = new Map<SymbolName, ParameterArray>(
    layout.parts.map((p) => [
      p.parameter,
      { shape: p.shape, data: new Float64Array(p.shape.reduce((a, b) => a * b, 1)) },
    ]),
  );
  const rows: Float64Array[] = [];
  const values: number[] = [];
  for (const c of joint.constraints) {
    const zero = evaluated(c, arrays, program);
    const own = zero.map(() => new Float64Array(layout.size));
    for (const part of layout.parts) {
      if (!c.parameters.includes(part.parameter)) continue;
      const { data } = arrays.get(part.parameter)!;
      for (let i = 0; i < data.length; i++) {
        data[i] = 1;
        evaluated(c, arrays, program).forEach((x, n) => (own[n][part.start + i] = x - zero[n]));
        data[i] = 0;
      }
    }
    own.forEach((row, n) => {
      rows.push(row);
      values.push(-zero[n]);
    });
  }
  const frame = frameOf(program, arrays);
  joint.held.forEach((list, n) => {
    const part = layout.parts[n];
    for (const held of list) {
      const value = evaluateFloat64(held.value, frame).data;
      const copies = part.lengths.reduce((a, b) => a * b, 1);
      for (let copy = 0; copy < copies; copy++) {
        if (!isAt(held.at, unravel(copy, part.lengths))) continue;
        for (let i = 0; i < part.each; i++) {
          const row = new Float64Array(layout.size);
          row[part.start + copy * part.each + i] = 1;
          rows.push(row);
          values.push(value.length === 1 ? value[0] : value[i]);
        }
      }
    }
  });
  return { rows, values };
}

/** Every number of an equation, for every value of its plates. */
function evaluated(
  c: LinearConstraint,
  arrays: ReadonlyMap<SymbolName, ParameterArray>,
  program: Program,
): readonly number[] {
  const frame = frameOf(program, arrays);
  const numbers: number[] = [];
  forEachIndex(
    c.ranges,
    c.ranges.map((r) => sizeOf(r.dim, program.sizes)),
    frame.indices,
    () => numbers.push(...evaluateFloat64(c.value, frame).data),
  );
  return numbers;
}

/** The nearest point that satisfies the equations. */
export function projected(theta: Float64Array, { rows, values }: Equations): Float64Array {
  const at = Float64Array.from(theta);
  rows.forEach((r, n) => {
    const gap = values[n] - dot(r, at);
    for (let i = 0; i < at.length; i++) at[i] = at[i] + gap * r[i];
  });
  return at;
}
