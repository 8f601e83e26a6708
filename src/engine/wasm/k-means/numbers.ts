/** What goes into the memory of the k-means kernel and what comes out of it (`emit/wasm/k-means/shape.ts`). */
import {
  BLOCK,
  TILE,
  paddedBlocks,
  paddedColumns,
  paddedComponents,
  sumsOf,
  tilesOf,
} from '../../../emit/wasm/k-means/shape.js';
import type { KMeansLayout, KMeansShape } from '../../../emit/wasm/k-means/shape.js';
import type { Moments } from '../../../plan/types.js';
import type { RowData, RowPosterior } from '../../types.js';
import { writeRows } from '../../../linear-algebra/columns.js';
import { float32In, float64In, int32In } from '../memory.js';
import type { Memory } from '../../../host/webassembly.js';
import type { Centres } from './centres.js';
import type { Origin } from './origin.js';

/** Everything that says where and what the numbers are. */
export interface Place {
  readonly memory: Memory;
  readonly regions: KMeansLayout['regions'];
  readonly shape: KMeansShape;
}

export function fillRows({ memory, regions, shape }: Place, data: RowData, shift: Float64Array): void {
  const into = float64In(memory, regions.rows);
  const width = paddedColumns(shape);
  const [nothing, one] = [new Float64Array(width), new Float64Array(width).fill(1)];
  writeRows(into, data.columns, width, nothing, one);
  // what fills the last tile is near the other rows, and counts nowhere
  for (let i = data.rows; i < TILE * tilesOf(shape); i++) into.set(shift, i * width);
  if (shape.weighted) float64In(memory, regions.weights).set(data.weights!);
  if (shape.labelled) int32In(memory, regions.known).set(data.labels[0]!);
  float64In(memory, regions.shift).set(shift);
  const order = int32In(memory, regions.order);
  for (let i = 0; i < order.length; i++) order[i] = i;
}

/**
 * √w / σ of each column, with σ a power of two about as large as what √w makes of the widest column, so that float32 has
 * room for all of them. Undefined where it has not.
 */
export function columnFactors(weights: Float64Array, scale: Float64Array): Float64Array | undefined {
  const widest = weights.reduce((most, w, c) => Math.max(most, Math.sqrt(w) * scale[c]), 0);
  const sigma = widest > 0 ? 2 ** Math.ceil(Math.log2(widest)) : 1;
  const factors = weights.map((w) => Math.sqrt(w) / sigma);
  return factors.every((f) => f > 0 && Number.isFinite(f)) ? factors : undefined;
}

/** Half the distance of neighbours in float32 near 1: the relative error of one operation. */
const ROUNDING = 2 ** -24;
/** Centres farther out are not for float32. */
const FAR_OUT = 1e12;
/** The score of no centre: below all others, and its distance is still a number. */
const NO_SCORE = -1e30;

/**
 * The centres where the tiles' rows lie, [K, C + 1] in float64: the last coordinate, which is 0 for rows, makes the offsets
 * distances. Undefined where float32 has no room for them.
 */
export function liftedCentres(
  { shape }: Place,
  { centres, weights, offsets }: Centres,
  shift: Float64Array,
  factors: Float64Array,
): Float64Array | undefined {
  const { columns: c, components: k } = shape;
  // √w / σ is the same number of each column: so is 1 / σ²
  const unit = factors[0] ** 2 / weights[0];
  const least = Math.min(...offsets);
  const lifted = new Float64Array(k * (c + 1));
  for (let j = 0; j < k; j++) {
    for (let a = 0; a < c; a++) lifted[j * (c + 1) + a] = (centres[j * c + a] - shift[a]) * factors[a];
    lifted[j * (c + 1) + c] = Math.sqrt((offsets[j] - least) * unit);
  }
  return lifted.every((y) => Math.abs(y) < FAR_OUT) ? lifted : undefined;
}

export function writeCentres(
  { memory, regions, shape }: Place,
  { centres, weights, offsets }: Centres,
  lifted: Float64Array,
): void {
  const { columns: c, components: k } = shape;
  const [c2, kp] = [paddedColumns(shape), paddedComponents(shape)];
  const own = float64In(memory, regions.centres);
  const columns = float64In(memory, regions.centreColumns);
  const scores = float32In(memory, regions.scoreCentres);
  const constants = float32In(memory, regions.scoreConstants);
  const away = float64In(memory, regions.offsets);
  float64In(memory, regions.columnWeights).set(weights);
  constants.fill(NO_SCORE);
  away.fill(Infinity);
  away.set(offsets);
  let norm = 0;
  let constant = 0;
  for (let j = 0; j < k; j++) {
    let square = lifted[j * (c + 1) + c] ** 2;
    for (let a = 0; a < c; a++) {
      const y = lifted[j * (c + 1) + a];
      own[j * c2 + a] = columns[a * kp + j] = centres[j * c + a];
      const at = 4 * ((Math.floor(j / BLOCK) * c + a) * BLOCK + (j % BLOCK));
      scores.fill(y, at, at + 4);
      square += y * y;
    }
    constants.fill(-square / 2, 4 * j, 4 * j + 4);
    norm = Math.max(norm, Math.sqrt(square));
    constant = Math.max(constant, square / 2);
  }
  // a product and a sum for each column, the numbers themselves, and the sum of roundings
  const operations = 1.01 * (2 * c + 6) * ROUNDING;
  float32In(memory, regions.scoreError).set([operations * norm, operations * constant + 1e-30]);
}

/** What makes up for the roundings of a distance, and of float32. */
const SLACK = 2 ** -20;

/** How far each centre has moved, and the farthest of each block; at least that. Returns their mean. */
export function writeShifts(
  { memory, regions, shape }: Place,
  before: Float64Array,
  now: Float64Array,
): number {
  const shifts = float32In(memory, regions.shifts);
  const blocks = float32In(memory, regions.blockShifts).fill(0);
  const width = shape.columns + 1;
  let total = 0;
  for (let j = 0; j < shape.components; j++) {
    const shift = distanceOf(before, j * width, now, j * width, width) * (1 + SLACK);
    const g = Math.floor(j / BLOCK);
    shifts[j] = shift;
    blocks[g] = Math.max(blocks[g], shift);
    total += shift;
  }
  return total / shape.components;
}

/** From each centre to the nearest other one of each block; at most that. 0 says nothing. */
export function writeGaps({ memory, regions, shape }: Place, now: Float64Array): void {
  const { components: k, columns: c, rows } = shape;
  const gaps = float32In(memory, regions.gaps);
  // small beside the work of a step, or left out
  if (8 * k * k > rows) return;
  gaps.fill(Infinity);
  const blocks = paddedBlocks(shape);
  const enter = (j: number, other: number, gap: number): void => {
    const at = j * blocks + Math.floor(other / BLOCK);
    gaps[at] = Math.min(gaps[at], gap);
  };
  for (let j = 0; j < k; j++)
    for (let other = 0; other < j; other++) {
      const gap = distanceOf(now, j * (c + 1), now, other * (c + 1), c + 1) * (1 - SLACK);
      enter(j, other, gap);
      enter(other, j, gap);
    }
}

function distanceOf(a: Float64Array, from: number, b: Float64Array, start: number, width: number): number {
  let square = 0;
  for (let c = 0; c < width; c++) square += (a[from + c] - b[start + c]) ** 2;
  return Math.sqrt(square);
}

/** What `sums` has left, lane by lane in order. */
export function momentsIn({ memory, regions, shape }: Place, shift: Float64Array): Moments {
  const sums = float64In(memory, regions.sums);
  const each = sums.length / shape.lanes;
  const total = new Float64Array(each);
  for (let lane = 0; lane < shape.lanes; lane++)
    for (let at = 0; at < each; at++) total[at] = total[at] + sums[lane * each + at];
  const units = new Float64Array(shape.columns).fill(1);
  return momentsFrom(shape, total, shift, units);
}

/** The sums in whole numbers: low and high halves are added apart, which is exact, and joined with one rounding. */
export function exactMoments(
  { memory, regions, shape }: Place,
  shift: Float64Array,
  quanta: Float64Array,
): Moments {
  const halves = int32In(memory, regions.fixed);
  const each = halves.length / 2 / shape.lanes;
  const total = new Float64Array(each);
  for (let at = 0; at < each; at++) {
    let [low, high] = [0, 0];
    for (let lane = 0; lane < shape.lanes; lane++) {
      const from = 2 * (lane * each + at);
      low += halves[from] >>> 0;
      high += halves[from + 1];
    }
    total[at] = high * 2 ** 32 + low;
  }
  return momentsFrom(shape, total, shift, quanta);
}

/** From Σ (x − shift) in these units; a component that owns nothing has mean 0. */
function momentsFrom(
  shape: KMeansShape,
  total: Float64Array,
  shift: Float64Array,
  units: Float64Array,
): Moments {
  const { columns, components } = shape;
  const width = sumsOf(shape);
  const weight = new Float64Array(components);
  const mean = new Float64Array(components * columns);
  for (let k = 0; k < components; k++) {
    const n = total[k * width + paddedColumns(shape)];
    weight[k] = n;
    if (n > 0)
      for (let c = 0; c < columns; c++)
        mean[k * columns + c] = shift[c] + units[c] * (total[k * width + c] / n);
  }
  return { components, columns, weight, mean, scatter: new Float64Array(0) };
}

/** Share of what the rows spread around their common mean, below which a difference of sums has lost digits. */
const CANCELLED = 0.01;

/**
 * Σ (Σ_c w_c (x_c − m_c)² + o) from the moments: what rows spread around the mean of their component, and that mean around its
 * centre. Undefined where the first is so small a difference that the rows must be asked one by one.
 */
export function distancesFrom(
  moments: Moments,
  { centres, weights, offsets }: Centres,
  { shift, squares }: Origin,
): number | undefined {
  const { columns, components, weight, mean } = moments;
  let within = 0;
  let beside = 0;
  let all = 0;
  for (let c = 0; c < columns; c++) {
    let between = 0;
    for (let k = 0; k < components; k++) {
      if (weight[k] === 0) continue;
      const at = k * columns + c;
      between += weight[k] * (mean[at] - shift[c]) ** 2;
      beside += weights[c] * weight[k] * (mean[at] - centres[at]) ** 2;
    }
    within += weights[c] * (squares[c] - between);
    all += weights[c] * squares[c];
  }
  for (let k = 0; k < components; k++) beside += weight[k] * offsets[k];
  return within > CANCELLED * all ? within + beside : undefined;
}

/** The labels as responsibilities, and the logit of each row's own component. */
export function rowsIn(
  { memory, regions, shape }: Place,
  data: RowData,
  { centres, weights, offsets, factor }: Centres,
): RowPosterior {
  const { rows, columns: c, components: k } = shape;
  const labels = int32In(memory, regions.labels);
  const known = shape.labelled ? data.labels[0] : undefined;
  const responsibilities = new Float64Array(rows * k);
  const logDensity = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const own = known === undefined || known[i] === 0 ? labels[i] : known[i] - 1;
    let distance = 0;
    for (let a = 0; a < c; a++) distance += weights[a] * (data.columns[a][i] - centres[own * c + a]) ** 2;
    responsibilities[i * k + own] = 1;
    logDensity[i] = -0.5 * factor * (distance + offsets[own]);
  }
  return { responsibilities, logDensity };
}
