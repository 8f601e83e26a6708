/**
 * The M-step in numbers: moments of the columns in, parameters out. Float64, the same code for every engine.
 *
 * A statistic is read off the centred moments of its component: Σ r (U c + u)(V c + v)ᵀ is
 * U scatter Vᵀ + n (U m + u)(V m + v)ᵀ with n the weight and m the mean, so that nothing large cancels.
 */
import { isNumber } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import type { Expr, Range } from '../algebra/types.js';
import { rowsDim } from '../derive/translate.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64, solveSymmetric } from './evaluate-float64.js';
import type { Frame, Value } from './evaluate-float64.js';
import { affineMatrix } from './matrices.js';
import type { AffineMatrix } from './matrices.js';
import type {
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
      const read = readStatistic(statistic, program, moments, frame);
      statistics.set(name, read);
      return read;
    },
  };
  return frame;
}

/** Rounds of a cycle at most, and the relative change at which its parameters have settled. */
const ROUNDS = 200;
const SETTLED = 1e-13;

/**
 * One M-step. `previous` gives parameters that a solution holds; where a component owns nothing it keeps its own. Updates
 * that contain each other are repeated until they settle: each round raises Q, so stopping early is still EM.
 */
export function parameterStage(program: Program, moments: Moments, previous: Parameters): StageResult {
  const parameters = new Map(previous);
  let failures: StageFailure[] = [];
  for (const group of cyclesOf(program.plan.updates)) {
    const rounds = group.length === 1 ? 1 : ROUNDS;
    const before = failures;
    for (let round = 0; round < rounds; round++) {
      failures = [...before];
      let change = 0;
      for (const update of group) {
        const old = parameters.get(update.parameter);
        const result = runUpdate(update, program, moments, parameters, old, failures);
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
  const declared = program.plan.model.parameters.find((p) => p.name === update.parameter)!;
  const shape = shapeOfParameter(program, update.parameter);
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const isSimplex = declared.type.domain === 'simplex';
  // a simplex is solved entry by entry: its own index runs like a plate
  const ranges = isSimplex ? [...update.ranges, simplexRange(program, update)] : update.ranges;
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

const spread = (values: Float64Array, length: number): Float64Array =>
  values.length === length ? values : new Float64Array(length).fill(values[0]);

/** The running index of a simplex's entries, as its update uses it. */
function simplexRange(program: Program, update: PlannedUpdate): Range {
  const derivation = program.plan.derivation;
  const section = derivation.updates.find((u) => u.parameter === update.parameter)!;
  const taken = new Set(section.ranges.map((r) => r.index));
  const free = freeIndices(update.value, new Set()).find((index) => !taken.has(index)) ?? 'k';
  const shape = shapeOfParameter(program, update.parameter);
  return { index: free, dim: shape[shape.length - 1] };
}

function freeIndices(e: Expr, bound: ReadonlySet<string>): readonly string[] {
  if (e.kind === 'symbol')
    return e.indices.flatMap((i) => (i.kind === 'running' && !bound.has(i.index) ? [i.index] : []));
  if (e.kind === 'element')
    return [
      ...freeIndices(e.of, bound),
      ...e.coordinates.flatMap((i) => (i.kind === 'running' && !bound.has(i.index) ? [i.index] : [])),
    ];
  if (e.kind === 'sum') return freeIndices(e.body, new Set([...bound, e.range.index]));
  if (e.kind === 'multiply') return e.factors.flatMap((f) => freeIndices(f, bound));
  if (e.kind === 'add') return e.terms.flatMap((t) => freeIndices(t, bound));
  if (e.kind === 'power') return freeIndices(e.base, bound);
  return [];
}

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
      return program.sizes[rowsDim(model)];
    }
    const value = program.sizes[size.kind === 'constant' || size.kind === 'named' ? size.name : ''];
    if (value === undefined) throw new Error(`a size of ${name} has no value`);
    return value;
  });
}

// ------------------------------------------------------------------------------------------------ statistics

/** A statistic's whole array, its component axis first. */
function readStatistic(statistic: PlannedStatistic, program: Program, moments: Moments, frame: Frame): Value {
  const range = statistic.ranges[0];
  const before = { ...frame.indices };
  const parts: Value[] = [];
  for (let k = 0; k < (range === undefined ? 1 : moments.components); k++) {
    if (range !== undefined) frame.indices[range.index] = k;
    // a sum over all rows is the sum over the components of their sums
    const components = range === undefined ? Array.from({ length: moments.components }, (_, at) => at) : [k];
    const values = components.map((at) => readComponent(statistic, at, program, moments, frame));
    parts.push(values.reduce((a, b) => ({ shape: a.shape, data: a.data.map((x, i) => x + b.data[i]) })));
  }
  for (const key of Object.keys(frame.indices)) delete frame.indices[key];
  Object.assign(frame.indices, before);
  const first = parts[0];
  if (range === undefined) return first;
  const data = new Float64Array(parts.length * first.data.length);
  parts.forEach((p, k) => {
    data.set(p.data, k * first.data.length);
  });
  return { shape: [parts.length, ...first.shape], data };
}

function readComponent(
  statistic: PlannedStatistic,
  k: number,
  program: Program,
  moments: Moments,
  frame: Frame,
): Value {
  const { reading } = statistic;
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
