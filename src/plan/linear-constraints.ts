/** Equations between the stacked copies of parameters, in numbers. */
import { sizeOf } from '../algebra/evaluate.js';
import { isAt, unravel } from '../derive/copies.js';
import type { JointIteration, LinearConstraint } from '../derive/types.js';
import { equationsFrom } from '../linear-algebra/equations.js';
import type { Equations } from '../linear-algebra/equations.js';
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

/** The equations and held values of a joint step. They hold constants only, so they are the same in every step. */
export function equationsOf(joint: JointIteration, layout: Layout, program: Program): Equations {
  const { rows, values } = coefficients(joint, layout, program);
  return equationsFrom(rows, values, layout.size);
}

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
