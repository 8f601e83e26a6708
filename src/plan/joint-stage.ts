/** Several parameters solved as one vector: normal equations, equations between parameters, ridges. */
import { ascend } from '../algebra/ascent.js';
import { quadraticMaximum } from '../algebra/quadratic.js';
import type { Derivatives } from '../algebra/quadratic.js';
import { sizeOf } from '../algebra/evaluate.js';
import type { Range } from '../algebra/types.js';
import type { JointIteration } from '../derive/types.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import type { Frame } from './evaluate-float64.js';
import { forEachIndex, frameOf } from './frame.js';
import { projected } from '../linear-algebra/equations.js';
import type { Equations } from '../linear-algebra/equations.js';
import { equationsOf, layoutOf } from './linear-constraints.js';
import type { Layout } from './linear-constraints.js';
import type { Moments, ParameterArray, Program } from './types.js';
import type { StageFailure } from './parameter-stage.js';

/** Equations of a joint step that have been worked out for a program. */
const known = new WeakMap<Program, Map<JointIteration, { layout: Layout; equations: Equations }>>();

export function systemOf(
  joint: JointIteration,
  program: Program,
): { readonly layout: Layout; readonly equations: Equations } {
  const own = known.get(program) ?? new Map<JointIteration, { layout: Layout; equations: Equations }>();
  known.set(program, own);
  const found = own.get(joint);
  if (found !== undefined) return found;
  const layout = layoutOf(joint, program);
  const made = { layout, equations: equationsOf(joint, layout, program) };
  own.set(joint, made);
  return made;
}

/** Puts new values into `parameters`. */
export function runJoint(
  joint: JointIteration,
  program: Program,
  moments: Moments,
  parameters: Map<SymbolName, ParameterArray>,
  failures: StageFailure[],
  rounds: number,
): void {
  const { layout, equations } = systemOf(joint, program);
  const arrays = joint.parameters.map((name): ParameterArray => {
    const { shape, data } = parameters.get(name)!;
    return { shape, data: Float64Array.from(data) };
  });
  joint.parameters.forEach((name, n) => parameters.set(name, arrays[n]));
  const frameAt = (theta: Float64Array): Frame => {
    layout.parts.forEach((p, n) => {
      arrays[n].data.set(theta.subarray(p.start, p.start + arrays[n].data.length));
    });
    return frameOf(program, parameters, moments);
  };
  const current = new Float64Array(layout.size);
  layout.parts.forEach((p, n) => {
    current.set(arrays[n].data, p.start);
  });
  const start = projected(current, equations);
  const basis = equations.rank === 0 ? undefined : equations.basis;
  const derivatives = (theta: Float64Array) => derivativesAt(joint, layout, program, frameAt(theta));
  if (joint.isQuadratic) {
    const reached = quadraticMaximum(start, basis, derivatives);
    if (reached !== undefined) frameAt(reached);
    else failures.push(...failuresOf(joint, layout, derivatives(start).hessian));
    return;
  }
  const reached = ascend({
    start,
    scales: layout.parts.flatMap((_, n) =>
      Array.from({ length: arrays[n].data.length }, () => joint.scales[n]),
    ),
    basis,
    derivatives,
    objective: (theta) => evaluateFloat64(joint.objective, frameAt(theta)).data[0],
    rounds,
  });
  frameAt(reached);
  if (reached.some((x) => !Number.isFinite(x)))
    failures.push({ parameter: joint.parameters[0], component: undefined, reason: 'not-finite' });
}

/** Gradient and second derivatives, stacked: copies of two parameters meet where the plates they share agree. */
function derivativesAt(joint: JointIteration, layout: Layout, program: Program, frame: Frame): Derivatives {
  const { size, parts } = layout;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const lengthsOf = (ranges: readonly Range[]) => ranges.map((r) => sizeOf(r.dim, program.sizes));
  joint.gradient.forEach((g, i) => {
    forEachIndex(joint.ranges[i], parts[i].lengths, frame.indices, (copy) => {
      gradient.set(evaluateFloat64(g, frame).data, parts[i].start + copy * parts[i].each);
    });
  });
  joint.hessian.forEach((row, i) => {
    row.forEach((block, j) => {
      const [p, q] = [parts[i], parts[j]];
      const own = joint.ranges[i];
      const others = joint.ranges[j].filter((r) => !own.some((o) => o.index === r.index));
      const all = [...own, ...others];
      forEachIndex(all, lengthsOf(all), frame.indices, (_, at) => {
        const position = (ranges: readonly Range[], lengths: readonly number[]): number =>
          ranges.reduce(
            (offset, r, axis) => offset * lengths[axis] + at[all.findIndex((x) => x.index === r.index)],
            0,
          );
        const a = p.start + position(own, p.lengths) * p.each;
        const b = q.start + position(joint.ranges[j], q.lengths) * q.each;
        const values = evaluateFloat64(block, frame).data;
        for (let r = 0; r < p.each; r++)
          for (let c = 0; c < q.each; c++) {
            // a number in the place of a square block is that number times the identity
            const isNumber = values.length === 1 && p.each > 1 && q.each > 1;
            const x = isNumber ? (r === c ? values[0] : 0) : values[r * q.each + c];
            hessian[(a + r) * size + b + c] = x;
            hessian[(b + c) * size + a + r] = x;
          }
      });
    });
  });
  return { gradient, hessian };
}

/** Copies that no row speaks of; else the first parameter, whose equations are singular. */
function failuresOf(joint: JointIteration, layout: Layout, hessian: Float64Array): readonly StageFailure[] {
  const { size } = layout;
  const empty = layout.parts.flatMap((p) => {
    const copies = p.lengths.reduce((a, b) => a * b, 1);
    return Array.from({ length: copies }, (_, copy) => copy)
      .filter((copy) => {
        const at = p.start + copy * p.each;
        return Array.from({ length: p.each }, (_, d) => hessian[(at + d) * (size + 1)]).every(
          (x) => !(x < 0),
        );
      })
      .map((copy): StageFailure => ({
        parameter: p.parameter,
        component: p.lengths.length === 0 ? undefined : copy + 1,
        reason: 'empty',
      }));
  });
  return empty.length > 0
    ? empty
    : [{ parameter: joint.parameters[0], component: undefined, reason: 'singular' }];
}
