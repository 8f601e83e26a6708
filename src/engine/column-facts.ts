/** What is asked of whole columns before the first step, found in two passes over each and known for as long as the data. */
import { powerOfTwo } from '../linear-algebra/columns.js';
import type { RowData } from './types.js';

/** Of the cells of a column that are finite. */
export interface ColumnFacts {
  /** Infinity and −Infinity where no cell is finite */
  readonly least: number;
  readonly most: number;
  /** Σ w */
  readonly weight: number;
  /** 0 without weight */
  readonly mean: number;
  /** Σ w (x − mean)² */
  readonly squares: number;
  /** the root of squares / weight, also where the squares are beyond all numbers */
  readonly spread: number;
}

type Columns = Pick<RowData, 'columns' | 'weights'>;

const known = new WeakMap<Columns, readonly ColumnFacts[]>();

export function columnFacts(data: Columns): readonly ColumnFacts[] {
  const found = known.get(data) ?? data.columns.map((column) => factsOf(column, data.weights));
  known.set(data, found);
  return found;
}

/** Cells that are summed by themselves before they are added: rounding grows with the number of blocks, not of cells. */
const TOGETHER = 1024;

function factsOf(column: Float64Array, weights: Float64Array | undefined): ColumnFacts {
  const plain = weights === undefined ? plainTotals(column) : undefined;
  const { least, most, weight, sum } = plain ?? weightedTotals(column, weights);
  if (!(weight > 0) || least === most)
    return { least, most, weight, mean: weight > 0 ? least : 0, squares: 0, spread: 0 };
  // a sum may be beyond all numbers where no cell is; any place near the cells does, since what it is off by is found next
  const about = Number.isFinite(sum) ? sum / weight : least / 2 + most / 2;
  const unit = powerOfTwo(Math.max(most - about, about - least));
  const { off, squares } =
    plain === undefined ? weightedSquares(column, weights, about, unit) : plainSquares(column, about, unit);
  const rest = Math.max(0, squares - (off * off) / weight);
  return {
    least,
    most,
    weight,
    mean: Math.min(Math.max(about + unit * (off / weight), least), most),
    squares: rest * unit * unit,
    spread: unit * Math.sqrt(rest / weight),
  };
}

interface Totals {
  readonly least: number;
  readonly most: number;
  readonly weight: number;
  readonly sum: number;
}

/** undefined where a cell is not finite. Two cells at a time: additions that wait for each other are what takes long here. */
function plainTotals(column: Float64Array): Totals | undefined {
  const n = column.length;
  let [least, most, total] = [Infinity, -Infinity, 0];
  for (let from = 0; from < n; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, n);
    let [even, odd, i] = [0, 0, from];
    for (; i + 1 < end; i += 2) {
      const x = column[i];
      const y = column[i + 1];
      even += x;
      odd += y;
      if (x < least) least = x;
      if (x > most) most = x;
      if (y < least) least = y;
      if (y > most) most = y;
    }
    if (i < end) {
      const x = column[i];
      even += x;
      if (x < least) least = x;
      if (x > most) most = x;
    }
    total += even + odd;
  }
  if (Number.isNaN(total) || least === -Infinity || most === Infinity) return undefined;
  return { least, most, weight: n, sum: total };
}

function weightedTotals(column: Float64Array, weights: Float64Array | undefined): Totals {
  let [least, most, weight, total] = [Infinity, -Infinity, 0, 0];
  for (let from = 0; from < column.length; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, column.length);
    let sum = 0;
    for (let i = from; i < end; i++) {
      const x = column[i];
      if (!Number.isFinite(x)) continue;
      const w = weights === undefined ? 1 : weights[i];
      weight += w;
      sum += w * x;
      if (x < least) least = x;
      if (x > most) most = x;
    }
    total += sum;
  }
  return { least, most, weight, sum: total };
}

interface Squares {
  /** Σ w (x − about) / unit and Σ w ((x − about) / unit)² */
  readonly off: number;
  readonly squares: number;
}

function plainSquares(column: Float64Array, about: number, unit: number): Squares {
  const n = column.length;
  const inverse = 1 / unit;
  let [off, squares] = [0, 0];
  for (let from = 0; from < n; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, n);
    let [offEven, offOdd, even, odd, i] = [0, 0, 0, 0, from];
    for (; i + 1 < end; i += 2) {
      const d = (column[i] - about) * inverse;
      const e = (column[i + 1] - about) * inverse;
      offEven += d;
      offOdd += e;
      even += d * d;
      odd += e * e;
    }
    if (i < end) {
      const d = (column[i] - about) * inverse;
      offEven += d;
      even += d * d;
    }
    off += offEven + offOdd;
    squares += even + odd;
  }
  return { off, squares };
}

function weightedSquares(
  column: Float64Array,
  weights: Float64Array | undefined,
  about: number,
  unit: number,
): Squares {
  const inverse = 1 / unit;
  let [off, squares] = [0, 0];
  for (let from = 0; from < column.length; from += TOGETHER) {
    const end = Math.min(from + TOGETHER, column.length);
    let [sum, square] = [0, 0];
    for (let i = from; i < end; i++) {
      const d = (column[i] - about) * inverse;
      if (!Number.isFinite(d)) continue;
      const w = weights === undefined ? 1 : weights[i];
      sum += w * d;
      square += w * d * d;
    }
    off += sum;
    squares += square;
  }
  return { off, squares };
}
