/**
 * What expressions of the parameter stage are evaluated in: parameters, constants, sizes, and statistics read off moments.
 *
 * A statistic is read off the centred moments of its component: Σ r (U c + u)(V c + v)ᵀ is
 * U scatter Vᵀ + n (U m + u)(V m + v)ᵀ with n the weight and m the mean, so that nothing large cancels.
 */
import { isNumber, shapeOf } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import { concatenated, weightedMedian } from '../algebra/median.js';
import type { Expr, Range } from '../algebra/types.js';
import { plateDim } from '../derive/translate.js';
import type { SymbolName } from '../model/types.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import type { Frame, Value } from './evaluate-float64.js';
import { affineRows } from './matrices.js';
import type { AffineRows } from './matrices.js';
import type {
  MomentReading,
  Moments,
  Parameters,
  PlannedStatistic,
  Program,
  RowPoints,
  RowSumPlace,
  StatisticReading,
} from './types.js';

/** Reads parameters, constants and sizes; statistics come with `moments`. */
export function frameOf(
  program: Program,
  parameters: Parameters,
  moments?: Moments,
): Frame & { failed: boolean } {
  const statistics = new Map<string, Value>();
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
      const statistic = program.plan.statistics.find((s) => s.name === name);
      if (statistic === undefined || moments === undefined) throw new Error(`${name} has no value`);
      const read = readStatistic(statistic, program, moments, parameters, frame);
      statistics.set(name, read);
      return read;
    },
  };
  return frame;
}

/** Calls with the flat position and the index values of every combination. */
export function forEachIndex(
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
  const rowsAt = (): RowsOf => {
    const own = statistic.hidden?.map(position);
    const { symbols } = plan.strata[statistic.stratum];
    const sizes = symbols.map((x) => sizeOf(x.value.dim, program.sizes));
    return {
      component: own === undefined ? undefined : flat(own, groupsOnly(own, program)),
      combination: flat(statistic.observed.map(position), sizes),
      stratum: statistic.stratum,
    };
  };
  const { reading } = statistic;
  if (reading.kind === 'median') return medianOfRows(statistic, reading, rowsAt, moments, parameters, frame);
  const { component, combination, stratum } = rowsAt();
  if (reading.kind === 'general')
    return generalSum(
      statistic,
      reading.body,
      { component, combination, stratum },
      moments,
      parameters,
      frame,
    );
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

/** Which rows are meant, and whose responsibilities. */
type RowsOf = Pick<RowSumPlace, 'component' | 'stratum' | 'combination'>;

function generalSum(
  statistic: PlannedStatistic,
  body: Expr,
  at: RowsOf,
  moments: Moments,
  parameters: Parameters,
  frame: Frame,
): Value {
  if (moments.rowSum === undefined) throw new Error(`${statistic.name} needs the rows`);
  const data = moments.rowSum(body, {
    ...at,
    parameters,
    indices: frame.indices,
  });
  return { shape: data.length === 1 && shapeOf(body).length === 0 ? [] : [data.length], data };
}

/** The weighted median of the points of all combinations of its further ranges. */
function medianOfRows(
  statistic: PlannedStatistic,
  { ranges, value, weight }: Extract<StatisticReading, { kind: 'median' }>,
  rowsAt: () => RowsOf,
  moments: Moments,
  parameters: Parameters,
  frame: Frame,
): Value {
  const { rowPoints, rowMedian } = moments;
  if (ranges.length === 0 && rowMedian !== undefined) {
    const median = rowMedian(value, weight, { ...rowsAt(), parameters, indices: { ...frame.indices } });
    return { shape: [], data: Float64Array.of(median) };
  }
  if (rowPoints === undefined) throw new Error(`${statistic.name} needs the rows`);
  const points: RowPoints[] = [];
  const lengths = ranges.map((r) => sizeOf(r.dim, frame.sizes));
  forEachIndex(ranges, lengths, frame.indices, () => {
    points.push(rowPoints(value, weight, { ...rowsAt(), parameters, indices: { ...frame.indices } }));
  });
  const median = weightedMedian(
    concatenated(points.map((p) => p.values)),
    concatenated(points.map((p) => p.weights)),
  );
  return { shape: [], data: Float64Array.of(median) };
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
    const form = affineRows(reading.form, program, frame);
    const mean = atMean(form, k, moments);
    return { shape: reading.form.shape.length === 0 ? [] : [form.rows], data: mean.map((x) => n * x) };
  }
  const left = affineRows(reading.left, program, frame);
  const right = reading.left === reading.right ? left : affineRows(reading.right, program, frame);
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
export function atMean(form: AffineRows, k: number, { mean, columns }: Moments): Float64Array {
  const result = Float64Array.from(form.offset);
  for (let i = 0; i < form.rows; i++)
    for (let n = form.first[i]; n < form.first[i + 1]; n++)
      result[i] = result[i] + form.value[n] * mean[k * columns + form.column[n]];
  return result;
}

/** Entry (i, j) of U scatter Vᵀ. */
export function spreadEntry(
  left: AffineRows,
  right: AffineRows,
  i: number,
  j: number,
  k: number,
  { scatter, columns: c, components }: Moments,
): number {
  const all = scatter.length === components * c * c;
  let s = 0;
  for (let a = left.first[i]; a < left.first[i + 1]; a++)
    for (let b = right.first[j]; b < right.first[j + 1]; b++) {
      const [u, p] = [left.value[a], left.column[a]];
      const [v, q] = [right.value[b], right.column[b]];
      if (all) s += u * v * scatter[(k * c + p) * c + q];
      else if (p === q) s += u * v * scatter[k * c + p];
    }
  return s;
}
