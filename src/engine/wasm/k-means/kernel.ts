/** Hard assignment to the nearest centre (`emit/wasm/k-means/shape.ts`): its numbers in, its answers out. */
import { kMeansLayout, kMeansModule } from '../../../emit/wasm/k-means/module.js';
import {
  BLOCK,
  TILE,
  paddedColumns,
  paddedComponents,
  sumsOf,
  tilesOf,
} from '../../../emit/wasm/k-means/shape.js';
import type { KMeansLayout, KMeansShape } from '../../../emit/wasm/k-means/shape.js';
import { MEMORY_LIMIT } from '../../../emit/wasm/layout.js';
import type { Moments, Parameters, Program, Standardisation } from '../../../plan/types.js';
import { javascriptEngine } from '../../javascript/engine.js';
import { mayGenerate } from '../../javascript/compiled.js';
import { referenceEngine } from '../../reference/engine.js';
import { momentsOf } from '../../reference/moments.js';
import { standardisationOf } from '../../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../../types.js';
import type { Kernel, KernelOptions } from '../kernel.js';
import { float32In, float64In, int32In, sharedMemory } from '../memory.js';
import { LANES, openPool } from '../pool.js';
import type { Memory } from '../webassembly.js';
import { centresOf, whyNotCentres } from './centres.js';
import type { Centres } from './centres.js';

export const kMeansKernel: Kernel = {
  name: 'k-means',
  whyNot: (program, rows) => {
    const reason = whyNotCentres(program.plan);
    if (reason !== undefined) return reason;
    const shape = shapeOf(program, rows, { weighted: true, labelled: true, fused: true });
    return kMeansLayout(shape).bytes > MEMORY_LIMIT ? 'data that fill more than 2 GiB' : undefined;
  },
  open,
};

const shapeOf = (
  program: Program,
  rows: number,
  rest: Pick<KMeansShape, 'weighted' | 'labelled' | 'fused'>,
): KMeansShape => ({
  rows,
  columns: program.columns.length,
  components: program.components,
  lanes: LANES,
  ...rest,
});

function open(program: Program, data: RowData, { threads, fused }: KernelOptions): Session {
  const shape = shapeOf(program, data.rows, {
    weighted: data.weights !== undefined,
    labelled: data.labels[0]?.some((label) => label > 0) ?? false,
    fused,
  });
  const places = kMeansLayout(shape);
  const memory = sharedMemory(places.bytes);
  const pool = openPool(kMeansModule(shape, places), memory, threads);
  const { shift, scale } = originOf(data);
  writeRows(memory, places, shape, data, shift);
  let packed: Float64Array | undefined;
  // what is no sum of squares at these parameters is run as it stands on paper
  let opened: Promise<Session> | undefined;
  const asStated = (): Promise<Session> =>
    (opened ??= (mayGenerate() ? javascriptEngine : referenceEngine).open(program, data));

  /** Leaves the labels in memory; false where the parameters do not let it. */
  const assign = (parameters: Parameters): Centres | undefined => {
    const centres = centresOf(program, parameters);
    if (centres === undefined) return undefined;
    const factor = factors(centres.weights, scale);
    if (!factor.every((f) => f > 0 && Number.isFinite(f))) return undefined;
    if (packed === undefined || !packed.every((f, c) => f === factor[c])) {
      float64In(memory, places.regions.factor).set(factor);
      pool.run('pack', LANES);
      packed = factor;
    }
    if (!writeCentres(memory, places, shape, centres, shift, factor)) return undefined;
    pool.run('assign', LANES);
    return centres;
  };

  return {
    expectation: async (parameters): Promise<Expectation> => {
      const centres = assign(parameters);
      if (centres === undefined) return (await asStated()).expectation(parameters);
      pool.run('sums', LANES);
      return {
        moments: momentsIn(memory, places, shape, shift),
        logLikelihood: -0.5 * centres.factor * totalOf(float64In(memory, places.regions.distances)),
      };
    },
    momentsOf: (responsibilities) => momentsOf(program, data, responsibilities),
    posterior: async (parameters): Promise<RowPosterior> => (await asStated()).posterior(parameters),
    dispose: () => {
      pool.dispose();
      void opened?.then((session) => {
        session.dispose();
      });
    },
  };
}

/**
 * √w / σ of each column, with σ a power of two about as large as what √w makes of the widest column, so that float32 has
 * room for all of them.
 */
function factors(weights: Float64Array, scale: Float64Array): Float64Array {
  const widest = weights.reduce((most, w, c) => Math.max(most, Math.sqrt(w) * scale[c]), 0);
  const sigma = widest > 0 ? 2 ** Math.ceil(Math.log2(widest)) : 1;
  return weights.map((w) => Math.sqrt(w) / sigma);
}

/** About the means and spreads of the columns, as two quick passes find them. */
function originOf(data: RowData): Standardisation {
  const of = (column: Float64Array, value: (x: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < column.length; i++) sum += value(column[i]);
    return sum / column.length;
  };
  const shift = Float64Array.from(data.columns, (column) => of(column, (x) => x));
  const scale = Float64Array.from(data.columns, (column, c) =>
    Math.sqrt(of(column, (x) => (x - shift[c]) ** 2)),
  );
  const isFinite = [...shift, ...scale].every(Number.isFinite);
  return isFinite ? { shift, scale } : standardisationOf(data);
}

function writeRows(
  memory: Memory,
  { regions }: KMeansLayout,
  shape: KMeansShape,
  data: RowData,
  shift: Float64Array,
): void {
  const into = float64In(memory, regions.rows);
  const width = paddedColumns(shape);
  // a few rows of all columns at a time: they stay in the cache
  for (let from = 0; from < data.rows; from += 256) {
    const end = Math.min(data.rows, from + 256);
    data.columns.forEach((column, c) => {
      for (let i = from, at = from * width + c; i < end; i++, at += width) into[at] = column[i];
    });
  }
  // what fills the last tile is near the other rows, and counts nowhere
  for (let i = data.rows; i < TILE * tilesOf(shape); i++) into.set(shift, i * width);
  if (shape.weighted) float64In(memory, regions.weights).set(data.weights!);
  if (shape.labelled) int32In(memory, regions.known).set(data.labels[0]!);
  float64In(memory, regions.shift).set(shift);
}

/** Half the distance of neighbours in float32 near 1: the relative error of one operation. */
const ROUNDING = 2 ** -24;
/** Squares of numbers beyond are no float32. */
const LARGEST = 1e15;

/** False where float32 has no room for the centres. */
function writeCentres(
  memory: Memory,
  { regions }: KMeansLayout,
  shape: KMeansShape,
  { centres, weights, offsets }: Centres,
  shift: Float64Array,
  factor: Float64Array,
): boolean {
  const { columns: c, components: k } = shape;
  const [c2, kp] = [paddedColumns(shape), paddedComponents(shape)];
  const own = float64In(memory, regions.centres);
  const columns = float64In(memory, regions.centreColumns);
  const scores = float32In(memory, regions.scoreCentres);
  const constants = float32In(memory, regions.scoreConstants);
  const away = float64In(memory, regions.offsets);
  float64In(memory, regions.columnWeights).set(weights);
  constants.fill(-LARGEST * LARGEST);
  away.fill(Infinity);
  away.set(offsets);
  // √w / σ is the same number of each column: so is 1 / σ²
  const unit = factor[0] ** 2 / weights[0];
  let norm = 0;
  let constant = 0;
  for (let j = 0; j < k; j++) {
    let square = 0;
    for (let a = 0; a < c; a++) {
      const m = centres[j * c + a];
      const y = (m - shift[a]) * factor[a];
      own[j * c2 + a] = m;
      columns[a * kp + j] = m;
      const at = 4 * ((Math.floor(j / BLOCK) * c + a) * BLOCK + (j % BLOCK));
      scores.fill(y, at, at + 4);
      square += y * y;
    }
    const rest = -0.5 * (square + offsets[j] * unit);
    constants.fill(rest, 4 * j, 4 * j + 4);
    norm = Math.max(norm, Math.sqrt(square));
    constant = Math.max(constant, Math.abs(rest));
  }
  if (!(norm < LARGEST && constant < LARGEST * LARGEST)) return false;
  // a product and a sum for each column, the numbers themselves, and the sum of roundings
  const operations = 1.01 * (2 * c + 6) * ROUNDING;
  float32In(memory, regions.scoreError).set([operations * norm, operations * constant + 1e-30]);
  return true;
}

/** Lane by lane, in order. */
function momentsIn(
  memory: Memory,
  { regions }: KMeansLayout,
  shape: KMeansShape,
  shift: Float64Array,
): Moments {
  const { columns, components, lanes } = shape;
  const sums = float64In(memory, regions.sums);
  const width = sumsOf(shape);
  const each = components * width;
  const total = new Float64Array(each);
  for (let lane = 0; lane < lanes; lane++)
    for (let at = 0; at < each; at++) total[at] = total[at] + sums[lane * each + at];
  const weight = new Float64Array(components);
  const mean = new Float64Array(components * columns);
  for (let k = 0; k < components; k++) {
    const n = total[k * width + paddedColumns(shape)];
    weight[k] = n;
    if (n > 0) for (let c = 0; c < columns; c++) mean[k * columns + c] = shift[c] + total[k * width + c] / n;
  }
  return { components, columns, weight, mean, scatter: new Float64Array(0) };
}

const totalOf = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0);
