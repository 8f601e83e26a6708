/**
 * The M-step in numbers: moments of the columns in, parameters out. Float64, the same code for every engine.
 *
 * A statistic is read off the centred moments of its component: Σ r (U c + u)(V c + v)ᵀ is
 * U scatter Vᵀ + n (U m + u)(V m + v)ᵀ with n the weight and m the mean, so that nothing large cancels.
 */
import { isNumber, shapeOf } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import type { Expr, Range } from '../algebra/types.js';
import { plateDim } from '../derive/translate.js';
import type { Iteration, JointIteration } from '../derive/types.js';
import { ascend } from '../algebra/ascent.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64, solveSymmetric } from './evaluate-float64.js';
import type { Frame, Value } from './evaluate-float64.js';
import { affineMatrix } from './matrices.js';
import type { AffineMatrix } from './matrices.js';
import type {
  MomentReading,
  Moments,
  ParameterArray,
  Parameters,
  PlannedStatistic,
  PlannedUpdate,
  Program,
} from './types.js';

/** Where an update could not be done: the parameter, its component (from 1), and what vanished. */
export interface StageFailure {
  readonly parameter: SymbolName;
  readonly component: number | undefined;
  readonly reason: 'empty' | 'singular' | 'not-finite';
}

export interface StageResult {
  readonly parameters: Parameters;
  readonly failures: readonly StageFailure[];
}

/** Reads parameters, constants and sizes; statistics come with `moments`. */
export function frameOf(
  program: Program,
  parameters: Parameters,
  moments?: Moments,
): Frame & { failed: boolean } {
  const statistics = new Map<string, Value>();
  const known = new Map(program.plan.statistics.map((s) => [s.name, s]));
  const frame: Frame & { failed: boolean } = {
    sizes: program.sizes,
    indices: {},
    failed: false,
    fail: () => {
      frame.failed = true;
    },
    value: (name) => {
      const value = parameters.get(name as SymbolName) ?? program.constants.get(name) ?? statistics.get(name);
      if (value !== undefined) return value;
      const statistic = known.get(name);
      if (statistic === undefined || moments === undefined) throw new Error(`${name} has no value`);
      const read = readStatistic(statistic, program, moments, parameters, frame);
      statistics.set(name, read);
      return read;
    },
  };
  return frame;
}

/** How often at most a cycle is repeated, and how many Newton steps stand in one M-step: EM goes on from there. */
export interface Rounds {
  readonly cycle: number;
  readonly newton: number;
  /** a cycle with Newton steps in it, where a round is dear */
  readonly mixed: number;
}
const ROUNDS: Rounds = { cycle: 200, newton: 5, mixed: 5 };
/** The relative change at which the parameters of a cycle have settled. */
const SETTLED = 1e-13;

/**
 * One M-step. `previous` gives parameters that a solution holds; where a component owns nothing it keeps its own. Updates
 * that contain each other are repeated until they settle: each round raises Q, so stopping early is still EM.
 */
export function parameterStage(
  program: Program,
  moments: Moments,
  previous: Parameters,
  limits: Rounds = ROUNDS,
): StageResult {
  const parameters = new Map(previous);
  let failures: StageFailure[] = [];
  for (const group of cyclesOf(program.plan.updates)) {
    // with Newton steps among them rounds are dear, and EM repeats them anyway
    const isIterated = group.some((u) => u.iteration !== undefined);
    const rounds = group.length === 1 ? 1 : isIterated ? limits.mixed : limits.cycle;
    const before = failures;
    const { joint } = group[0];
    if (joint !== undefined) {
      runJoint(joint, program, moments, parameters, failures, limits.newton);
      continue;
    }
    for (let round = 0; round < rounds; round++) {
      failures = [...before];
      let change = 0;
      for (const update of group) {
        const old = parameters.get(update.parameter);
        const result =
          update.iteration === undefined
            ? runUpdate(update, program, moments, parameters, old, failures)
            : runIteration(update, update.iteration, program, moments, parameters, failures, limits.newton);
        parameters.set(update.parameter, result);
        change = Math.max(change, old === undefined ? Infinity : relativeChange(old.data, result.data));
      }
      if (!(change > SETTLED) || failures.length > before.length) break;
    }
  }
  return { parameters, failures };
}

/** Updates as they are run: one by one, those of a cycle together. */
export function cyclesOf(updates: readonly PlannedUpdate[]): readonly (readonly PlannedUpdate[])[] {
  const groups: PlannedUpdate[][] = [];
  for (const update of updates) {
    const last = groups.at(-1);
    if (update.cycle !== undefined && last?.[0].cycle === update.cycle) last.push(update);
    else groups.push([update]);
  }
  return groups;
}

function relativeChange(a: Float64Array, b: Float64Array): number {
  let size = 0;
  let gap = 0;
  for (let n = 0; n < a.length; n++) {
    size = Math.max(size, Math.abs(b[n]));
    gap = Math.max(gap, Math.abs(a[n] - b[n]));
  }
  return size === 0 ? gap : gap / size;
}

function runUpdate(
  update: PlannedUpdate,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  before: ParameterArray | undefined,
  failures: StageFailure[],
): ParameterArray {
  const frame = frameOf(program, parameters, moments);
  const shape = shapeOfParameter(program, update.parameter);
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  // a simplex is solved entry by entry: its own index runs like a plate
  const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
  const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
  const each = data.length / lengths.reduce((a, b) => a * b, 1);
  forEachIndex(ranges, lengths, frame.indices, (position, at) => {
    const held = update.held.find((h) => h.at.length === at.length && h.at.every((v, n) => v === at[n] + 1));
    const target = data.subarray(position * each, position * each + each);
    frame.failed = false;
    const component = at.length === 0 ? undefined : at[0] + 1;
    if (held !== undefined) {
      target.set(spread(evaluateFloat64(held.value, frame).data, each));
      return;
    }
    const divisor = evaluateFloat64(update.divisor, frame);
    const empty = divisor.data.every((x) => !(Math.abs(x) > 0));
    if (empty) {
      failures.push({ parameter: update.parameter, component, reason: 'empty' });
      if (before !== undefined) target.set(before.data.subarray(position * each, position * each + each));
      else target.fill(NaN);
      return;
    }
    const value = solveCentred(update.value, program, moments, frame) ?? evaluateFloat64(update.value, frame);
    target.set(spread(value.data, each));
    if (frame.failed) failures.push({ parameter: update.parameter, component, reason: 'singular' });
    else if (target.some((x) => !Number.isFinite(x)))
      failures.push({ parameter: update.parameter, component, reason: 'not-finite' });
  });
  return { shape, data };
}

/** Several parameters moved as one, a copy after the other. */
function runJoint(
  joint: JointIteration,
  program: Program,
  moments: Moments,
  parameters: Map<SymbolName, ParameterArray>,
  failures: StageFailure[],
  rounds: number,
): void {
  const arrays = joint.parameters.map((name): ParameterArray => {
    const { shape, data } = parameters.get(name)!;
    return { shape, data: Float64Array.from(data) };
  });
  joint.parameters.forEach((name, n) => parameters.set(name, arrays[n]));
  const lengths = joint.ranges.map((r) => sizeOf(r.dim, program.sizes));
  const copies = lengths.reduce((a, b) => a * b, 1);
  const each = arrays.map((a) => a.data.length / copies);
  const starts = each.map((_, n) => each.slice(0, n).reduce((a, b) => a + b, 0));
  const size = each.reduce((a, b) => a + b, 0);
  const indices: Record<string, number> = {};
  forEachIndex(joint.ranges, lengths, indices, (position, at) => {
    const put = (theta: Float64Array): void => {
      arrays.forEach((a, n) => {
        a.data.set(theta.subarray(starts[n], starts[n] + each[n]), position * each[n]);
      });
    };
    const frameAt = (theta: Float64Array): Frame => {
      put(theta);
      const frame = frameOf(program, parameters, moments);
      Object.assign(frame.indices, indices);
      return frame;
    };
    const start = new Float64Array(size);
    arrays.forEach((a, n) => {
      start.set(a.data.subarray(position * each[n], (position + 1) * each[n]), starts[n]);
    });
    const reached = ascend({
      start,
      scales: joint.scales.flatMap((scale, n) => Array.from({ length: each[n] }, () => scale)),
      derivatives: (theta) => {
        const frame = frameAt(theta);
        const gradient = Float64Array.from(
          joint.gradient.flatMap((g) => [...evaluateFloat64(g, frame).data]),
        );
        const hessian = new Float64Array(size * size);
        joint.hessian.forEach((row, i) => {
          row.forEach((block, j) => {
            const values = evaluateFloat64(block, frame).data;
            for (let r = 0; r < each[i]; r++)
              for (let c = 0; c < each[j]; c++) {
                const x = values.length === 1 ? values[0] : values[r * each[j] + c];
                hessian[(starts[i] + r) * size + starts[j] + c] = x;
                hessian[(starts[j] + c) * size + starts[i] + r] = x;
              }
          });
        });
        return { gradient, hessian };
      },
      objective: (theta) => evaluateFloat64(joint.objective, frameAt(theta)).data[0],
      rounds,
    });
    put(reached);
    if (reached.some((x) => !Number.isFinite(x)))
      failures.push({
        parameter: joint.parameters[0],
        component: at.length === 0 ? undefined : at[0] + 1,
        reason: 'not-finite',
      });
  });
}

/** One copy of the parameter after the other, each seeing what the ones before have become. */
function runIteration(
  update: PlannedUpdate,
  iteration: Iteration,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  failures: StageFailure[],
  rounds: number,
): ParameterArray {
  const { parameter, ranges } = update;
  const before = parameters.get(parameter);
  if (before === undefined) throw new Error(`${parameter} has no value to begin with`);
  const array = { shape: before.shape, data: Float64Array.from(before.data) };
  const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
  const each = array.data.length / lengths.reduce((a, b) => a * b, 1);
  const indices: Record<string, number> = {};
  // copies that see each other are gone through again and again, a step at a time
  const sweeps = iteration.coupled && array.data.length > each ? rounds : 1;
  const visit = (position: number, at: readonly number[]): void => {
    const own = array.data.subarray(position * each, position * each + each);
    const frameAt = (theta: Float64Array): Frame => {
      own.set(theta);
      const frame = frameOf(program, new Map([...parameters, [parameter, array]]), moments);
      Object.assign(frame.indices, indices);
      return frame;
    };
    const held = update.held.find((h) => h.at.length === at.length && h.at.every((v, n) => v === at[n] + 1));
    if (held !== undefined) {
      own.set(spread(evaluateFloat64(held.value, frameAt(own)).data, each));
      return;
    }
    const reached = ascend({
      start: Float64Array.from(own),
      scales: Array.from({ length: each }, () => iteration.scale),
      derivatives: (theta) => {
        const frame = frameAt(theta);
        return {
          gradient: evaluateFloat64(iteration.gradient, frame).data,
          hessian: evaluateFloat64(iteration.hessian, frame).data,
        };
      },
      objective: (theta) => evaluateFloat64(iteration.objective, frameAt(theta)).data[0],
      rounds: sweeps > 1 ? 1 : rounds,
    });
    own.set(reached);
    if (reached.some((x) => !Number.isFinite(x)))
      failures.push({
        parameter,
        component: at.length === 0 ? undefined : at[0] + 1,
        reason: 'not-finite',
      });
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const last = Float64Array.from(array.data);
    forEachIndex(ranges, lengths, indices, visit);
    if (!(relativeChange(last, array.data) > SETTLED) || failures.length > 0) break;
  }
  if (iteration.centred) centre(array.data, each);
  return array;
}

/** Subtracts the mean of all copies. */
function centre(data: Float64Array, each: number): void {
  const copies = data.length / each;
  for (let d = 0; d < each; d++) {
    let mean = 0;
    for (let k = 0; k < copies; k++) mean += data[k * each + d] / copies;
    for (let k = 0; k < copies; k++) data[k * each + d] -= mean;
  }
}

const spread = (values: Float64Array, length: number): Float64Array =>
  values.length === length ? values : new Float64Array(length).fill(values[0]);

/** Calls with the flat position and the index values of every combination. */
function forEachIndex(
  ranges: readonly Range[],
  lengths: readonly number[],
  indices: Record<string, number>,
  body: (position: number, at: readonly number[]) => void,
): void {
  const total = lengths.reduce((a, b) => a * b, 1);
  for (let position = 0; position < total; position++) {
    let rest = position;
    const at = lengths.map(() => 0);
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      at[axis] = rest % lengths[axis];
      rest = Math.floor(rest / lengths[axis]);
    }
    ranges.forEach((r, axis) => (indices[r.index] = at[axis]!));
    body(position, at);
  }
  for (const r of ranges) delete indices[r.index];
}

/** The array shape of a parameter: its plates, then its own shape. */
export function shapeOfParameter(program: Program, name: SymbolName): readonly number[] {
  const { model } = program.plan;
  const declared = model.parameters.find((p) => p.name === name);
  if (declared === undefined) throw new Error(`no parameter ${name}`);
  const dims = [
    ...declared.plates.map((plate) => ({ kind: 'plate' as const, plate })),
    ...declared.type.shape,
  ];
  return dims.map((size) => {
    if (size.kind === 'number') return size.value;
    if (size.kind === 'plate') {
      const plate = model.plates.find((p) => p.name === size.plate)!;
      if (plate.range.kind === 'count') {
        const upTo = plate.range.upTo;
        return upTo.kind === 'number'
          ? upTo.value
          : program.sizes[upTo.kind === 'constant' || upTo.kind === 'named' ? upTo.name : ''];
      }
      return program.sizes[String(plateDim(size.plate, model))];
    }
    const value = program.sizes[size.kind === 'constant' || size.kind === 'named' ? size.name : ''];
    if (value === undefined) throw new Error(`a size of ${name} has no value`);
    return value;
  });
}

// ------------------------------------------------------------------------------------------------ statistics

/** A statistic's whole array, its ranges first. */
function readStatistic(
  statistic: PlannedStatistic,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  frame: Frame,
): Value {
  const { ranges } = statistic;
  const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
  const before = { ...frame.indices };
  const parts: Value[] = [];
  forEachIndex(ranges, lengths, frame.indices, () => {
    parts.push(readOne(statistic, program, moments, parameters, frame));
  });
  for (const key of Object.keys(frame.indices)) delete frame.indices[key];
  Object.assign(frame.indices, before);
  const [first] = parts;
  if (ranges.length === 0) return first;
  const data = new Float64Array(parts.length * first.data.length);
  parts.forEach((p, k) => {
    data.set(p.data, k * first.data.length);
  });
  return { shape: [...lengths, ...first.shape], data };
}

/** At the frame's indices: of one component, or of all of them where its weights sum to one. */
function readOne(
  statistic: PlannedStatistic,
  program: Program,
  moments: Moments,
  parameters: Parameters,
  frame: Frame,
): Value {
  const { plan } = program;
  const position = (i: PlannedStatistic['observed'][number]): number =>
    i.kind === 'fixed' ? i.value - 1 : i.kind === 'running' ? frame.indices[i.index] : NaN;
  const flat = (at: readonly number[], sizes: readonly number[]): number =>
    at.reduce((offset, value, axis) => offset * sizes[axis] + value, 0);
  if (statistic.per === 'group') {
    const sizes = program.axisSizes.filter((_, n) => plan.axes[n].per === 'group');
    const at = statistic.hidden!.map(position);
    return { shape: [], data: Float64Array.of(moments.groupWeight![flat(at, sizes)]) };
  }
  const own = statistic.hidden?.map(position);
  const component = own === undefined ? undefined : flat(own, groupsOnly(own, program));
  const { symbols } = plan.strata[statistic.stratum];
  const sizes = symbols.map((x) => sizeOf(x.value.dim, program.sizes));
  const combination = flat(statistic.observed.map(position), sizes);
  const { reading } = statistic;
  if (reading.kind === 'general')
    return generalSum(statistic, reading.body, { component, combination }, moments, parameters, frame);
  const of = statistic.stratum === 0 ? moments : moments.strata![statistic.stratum - 1];
  const combinations = program.strataSizes[statistic.stratum];
  // a sum over all rows is the sum over the components of their sums
  const components =
    component === undefined ? Array.from({ length: program.components }, (_, at) => at) : [component];
  return components
    .map((c) => readComponent(reading, c * combinations + combination, program, of, frame))
    .reduce((a, b) => ({ shape: a.shape, data: a.data.map((x, i) => x + b.data[i]) }));
}

/** The sizes of the axes that a row's responsibilities have: all of them. */
function groupsOnly(at: readonly number[], program: Program): readonly number[] {
  if (at.length !== program.axisSizes.length) throw new Error('responsibilities of some latents only');
  return program.axisSizes;
}

function generalSum(
  statistic: PlannedStatistic,
  body: Expr,
  at: { readonly component: number | undefined; readonly combination: number },
  moments: Moments,
  parameters: Parameters,
  frame: Frame,
): Value {
  if (moments.rowSum === undefined) throw new Error(`${statistic.name} needs the rows`);
  const data = moments.rowSum(body, {
    ...at,
    stratum: statistic.stratum,
    parameters,
    indices: frame.indices,
  });
  return { shape: data.length === 1 && shapeOf(body).length === 0 ? [] : [data.length], data };
}

function readComponent(
  reading: MomentReading,
  k: number,
  program: Program,
  moments: Moments,
  frame: Frame,
): Value {
  const n = moments.weight[k];
  if (reading.kind === 'weight') return { shape: [], data: Float64Array.of(n) };
  if (reading.kind === 'first') {
    const form = affineMatrix(reading.form, program, frame);
    const mean = atMean(form, k, moments);
    return { shape: reading.form.shape.length === 0 ? [] : [form.rows], data: mean.map((x) => n * x) };
  }
  const left = affineMatrix(reading.left, program, frame);
  const right = reading.left === reading.right ? left : affineMatrix(reading.right, program, frame);
  const leftMean = atMean(left, k, moments);
  const rightMean = right === left ? leftMean : atMean(right, k, moments);
  if (
    reading.as === 'diagonal' ||
    (reading.as === 'trace' && (isNumber(reading.matrix) || reading.matrix.kind === 'identity'))
  ) {
    const diagonal = new Float64Array(left.rows);
    for (let i = 0; i < left.rows; i++)
      diagonal[i] = spreadEntry(left, right, i, i, k, moments) + n * leftMean[i] * rightMean[i];
    if (reading.as === 'diagonal') return { shape: [left.rows], data: diagonal };
    return { shape: [], data: Float64Array.of(diagonal.reduce((a, b) => a + b, 0)) };
  }
  const matrix = new Float64Array(left.rows * right.rows);
  const symmetric = left === right;
  for (let i = 0; i < left.rows; i++)
    for (let j = symmetric ? i : 0; j < right.rows; j++) {
      const x = spreadEntry(left, right, i, j, k, moments) + n * leftMean[i] * rightMean[j];
      matrix[i * right.rows + j] = x;
      if (symmetric) matrix[j * right.rows + i] = x;
    }
  if (reading.as === 'trace') {
    const weights = evaluateFloat64(reading.matrix, frame).data;
    return { shape: [], data: Float64Array.of(matrix.reduce((s, x, at) => s + x * weights[at], 0)) };
  }
  return { shape: reading.right.shape.length === 0 ? [left.rows] : [left.rows, right.rows], data: matrix };
}

/** U m + u. */
function atMean(form: AffineMatrix, k: number, moments: Moments): Float64Array {
  const width = form.columns.length;
  const result = Float64Array.from(form.offset);
  for (let i = 0; i < form.rows; i++)
    for (let j = 0; j < width; j++) {
      const u = form.matrix[i * width + j];
      if (u !== 0) result[i] = result[i] + u * moments.mean[k * moments.columns + form.columns[j]];
    }
  return result;
}

/** Entry (i, j) of U scatter Vᵀ. */
function spreadEntry(
  left: AffineMatrix,
  right: AffineMatrix,
  i: number,
  j: number,
  k: number,
  moments: Moments,
): number {
  const c = moments.columns;
  const all = moments.scatter.length === moments.components * c * c;
  let s = 0;
  for (let a = 0; a < left.columns.length; a++) {
    const u = left.matrix[i * left.columns.length + a];
    if (u === 0) continue;
    for (let b = 0; b < right.columns.length; b++) {
      const v = right.matrix[j * right.columns.length + b];
      if (v === 0) continue;
      const [p, q] = [left.columns[a], right.columns[b]];
      if (all) s += u * v * moments.scatter[(k * c + p) * c + q];
      else if (p === q) s += u * v * moments.scatter[k * c + p];
    }
  }
  return s;
}

/**
 * Least squares with an intercept, solved around the weighted means so that covariates far from zero lose nothing:
 * with a constant column c, φ̃ = φ − m φ_c has a normal matrix without the cancelling products.
 * Gives undefined where the update is not of that form.
 */
function solveCentred(e: Expr, program: Program, moments: Moments, frame: Frame): Value | undefined {
  if (e.kind !== 'solve' || e.matrix.kind !== 'symbol' || e.right.kind !== 'symbol') return undefined;
  const { matrix, right } = e;
  const a = program.plan.statistics.find((s) => s.name === matrix.name)?.reading;
  const b = program.plan.statistics.find((s) => s.name === right.name)?.reading;
  if (a?.kind !== 'second' || a.as !== 'matrix' || b?.kind !== 'second' || b.as !== 'matrix')
    return undefined;
  const part = a.left.parts[0];
  const group = part === undefined ? undefined : program.plan.groups[part.group];
  if (
    a.left.parts.length !== 1 ||
    part?.kind !== 'scaled' ||
    !isNumber(part.coefficient, 1) ||
    group?.kind !== 'derived'
  )
    return undefined;
  const constant = group.elements.findIndex((x) => x.kind === 'number' && x.value !== 0);
  if (constant < 0) return undefined;
  const index = matrix.indices[0];
  const k = index?.kind === 'running' ? frame.indices[index.index] : 0;
  const n = moments.weight[k];
  const start = program.groupStart[part.group];
  const p = group.elements.length;
  const c = moments.columns;
  const mean = (j: number): number => moments.mean[k * c + start + j];
  const level = mean(constant);
  const normal = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++)
      normal[i * p + j] =
        i === constant || j === constant
          ? i === j
            ? n * level * level
            : 0
          : moments.scatter[(k * c + start + i) * c + start + j];
  const y = affineMatrix(b.right, program, frame);
  const phi = affineMatrix(b.left, program, frame);
  const yMean = atMean(y, k, moments);
  const target = new Float64Array(p * y.rows);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < y.rows; j++)
      target[i * y.rows + j] = i === constant ? n * level * yMean[j] : spreadEntry(phi, y, i, j, k, moments);
  const solution = solveSymmetric({ shape: [p, p], data: normal }, { shape: [p, y.rows], data: target });
  if (solution === undefined) {
    frame.fail(e);
    return { shape: [p], data: new Float64Array(p * y.rows).fill(NaN) };
  }
  const data = Float64Array.from(solution.data);
  for (let j = 0; j < y.rows; j++)
    for (let i = 0; i < p; i++)
      if (i !== constant)
        data[constant * y.rows + j] =
          data[constant * y.rows + j] - (solution.data[i * y.rows + j] * mean(i)) / level;
  return { shape: b.right.shape.length === 0 ? [p] : [p, y.rows], data };
}
