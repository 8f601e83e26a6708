/**
 * Missing cells of Gaussian data, integrated out. For a row with observed part o and missing part m, and a component with
 * mean μ and covariance V, the missing cells given the observed ones are Gaussian with
 *
 *     mean  x̂_m = μ_m + V_mo V_oo⁻¹ (x_o − μ_o)        covariance  C = V_mm − V_mo V_oo⁻¹ V_om
 *
 * The density of what is observed is that of the row filled with x̂, times |2π C|^½; the expected second moments are those
 * of the filled row plus C. Source: Little, Rubin: Statistical Analysis with Missing Data (2019), 8.2 and 11.2.
 */
import { isNumber } from '../../algebra/build.js';
import { cholesky, inverseCholesky, logDeterminant, solveCholesky } from '../../linear-algebra/cholesky.js';
import { evaluateFloat64 } from '../../plan/evaluate-float64.js';
import { affineMatrix } from '../../plan/matrices.js';
import type { AffineMatrix } from '../../plan/matrices.js';
import { frameOf } from '../../plan/frame.js';
import { setComponent, setStratum } from '../../plan/program.js';
import type { LogitTerm, Parameters, Program } from '../../plan/types.js';
import type { RowData } from '../types.js';

/** One row as a component sees it: its cells filled, what the density gains, and the spread of the filled cells. */
export interface Filled {
  /** [C] */
  readonly values: Float64Array;
  /** ½ log|2π C| */
  readonly logVolume: number;
  readonly spread: readonly Spread[];
}

/** The covariance C of some columns' missing cells. */
export interface Spread {
  readonly columns: readonly number[];
  /** [m, m] */
  readonly covariance: ArrayLike<number>;
}

/** For each component: fills one row, given by its number. */
export type Fill = (row: number) => Filled;

type Quadratic = Extract<LogitTerm, { kind: 'quadratic' }>;

/** For each row 1 where a cell is missing, else 0. */
export function missesCells({ rows, columns }: RowData): Uint8Array {
  const misses = new Uint8Array(rows);
  for (const column of columns) for (let i = 0; i < rows; i++) if (Number.isNaN(column[i])) misses[i] = 1;
  return misses;
}

/** Rows with a missing cell, in order. */
export function incompleteRows(data: RowData): readonly number[] {
  const rows: number[] = [];
  missesCells(data).forEach((misses, i) => {
    if (misses === 1) rows.push(i);
  });
  return rows;
}

/** One function per component that fills rows at these parameters. */
export function fillers(program: Program, parameters: Parameters, data: RowData): readonly Fill[] {
  const blocks = new Map<string, readonly (readonly Block[])[]>();
  const blocksOf = (row: number): readonly (readonly Block[])[] => {
    const codes = blockCodes(program, data, row);
    const found = blocks.get(codes.join()) ?? gaussianBlocks(program, parameters, codes);
    blocks.set(codes.join(), found);
    return found;
  };
  return Array.from(
    { length: program.components },
    (_, k) => (row: number) => fillRow(row, blocksOf(row)[k], data),
  );
}

/** For each stratum after the first, its combination in a row; 0 where no Gaussian block is told apart by it. */
const blockCodes = (program: Program, { strata = [] }: RowData, row: number): readonly number[] =>
  strata.map((codes, n) => (isBlockCode(program, n + 1) ? codes[row] : 0));

/** Whether a Gaussian block is told apart by the stratum. */
export const isBlockCode = ({ plan }: Program, stratum: number): boolean =>
  plan.logits.some((t) => t.kind === 'quadratic' && t.stratum === stratum);

/** The Gaussian blocks of each component, for rows of these combinations. */
export function gaussianBlocks(
  program: Program,
  parameters: Parameters,
  codes: readonly number[],
): readonly (readonly Block[])[] {
  const frame = frameOf(program, parameters);
  return Array.from({ length: program.components }, (_, k) => {
    setComponent(program, frame.indices, k);
    return program.plan.logits.flatMap((t) => {
      if (t.kind !== 'quadratic') return [];
      if (t.stratum > 0) setStratum(program, frame.indices, t.stratum, codes[t.stratum - 1]);
      return [blockOf(t, program, frame)];
    });
  });
}

/** A Gaussian block: its residual and covariance. */
export interface Block {
  readonly residual: AffineMatrix;
  /** [n, n] */
  readonly covariance: Float64Array;
  /** the column that coordinate d of the residual reads with coefficient 1 */
  readonly own: readonly (number | undefined)[];
  readonly conditionals: Map<string, Conditional>;
}

interface Conditional {
  readonly missing: readonly number[];
  readonly observed: readonly number[];
  /** V_mo V_oo⁻¹, [m, o] */
  readonly regression: Float64Array;
  readonly covariance: Float64Array;
  readonly logVolume: number;
}

function blockOf(term: Quadratic, program: Program, frame: ReturnType<typeof frameOf>): Block {
  const residual = affineMatrix(term.residual, program, frame);
  const n = residual.rows;
  const factor = -2 * evaluateFloat64(term.coefficient, frame).data[0];
  // a slope that happens to be 1 is not it: the symbol stands as itself
  const itself = term.residual.parts.find((p) => p.kind === 'scaled' && isNumber(p.coefficient, 1));
  const own = Array.from({ length: n }, (_, d) =>
    itself === undefined ? undefined : program.groupStart[itself.group] + d,
  );
  return { residual, covariance: covarianceOf(term, n, factor, frame), own, conditionals: new Map() };
}

function covarianceOf(
  term: Quadratic,
  n: number,
  factor: number,
  frame: ReturnType<typeof frameOf>,
): Float64Array {
  const { matrix } = term;
  if (matrix.kind === 'inverse') return evaluateFloat64(matrix.of, frame).data.map((x) => x / factor);
  const precision = isNumber(matrix) ? Float64Array.of(matrix.value) : evaluateFloat64(matrix, frame).data;
  const l = cholesky(precision, n);
  if (l === undefined) throw new Error('a scale is not positive definite');
  return inverseCholesky(l, n).map((x) => x / factor);
}

function fillRow(row: number, blocks: readonly Block[], data: RowData): Filled {
  const values = Float64Array.from(data.columns, (c) => c[row]);
  let logVolume = 0;
  const spread: Spread[] = [];
  for (const block of blocks) {
    const missing = block.own.flatMap((c, d) => (c !== undefined && Number.isNaN(values[c]) ? [d] : []));
    if (missing.length === 0) continue;
    const c = conditional(block, missing);
    const mean = meanOf(block, values);
    missing.forEach((d, m) => {
      let x = mean[d];
      c.observed.forEach((o, at) => {
        x += c.regression[m * c.observed.length + at] * (values[block.own[o]!] - mean[o]);
      });
      values[block.own[d]!] = x;
    });
    logVolume += c.logVolume;
    spread.push({ columns: missing.map((d) => block.own[d]!), covariance: c.covariance });
  }
  return { values, logVolume, spread };
}

/** The mean of a block's own columns: minus everything else in the residual. */
function meanOf(block: Block, values: Float64Array): Float64Array {
  const { residual, own } = block;
  const width = residual.columns.length;
  return Float64Array.from({ length: residual.rows }, (_, d) => {
    let rest = residual.offset[d];
    for (let j = 0; j < width; j++) {
      const u = residual.matrix[d * width + j];
      if (u !== 0 && residual.columns[j] !== own[d]) rest += u * values[residual.columns[j]];
    }
    return -rest;
  });
}

/** What a pattern of missing coordinates needs, once per component. */
function conditional(block: Block, missing: readonly number[]): Conditional {
  const key = missing.join(',');
  const known = block.conditionals.get(key);
  if (known !== undefined) return known;
  const n = block.residual.rows;
  const observed = Array.from({ length: n }, (_, d) => d).filter((d) => !missing.includes(d));
  const v = (i: number, j: number): number => block.covariance[i * n + j];
  const [m, o] = [missing.length, observed.length];
  const regression = new Float64Array(m * o);
  if (o > 0) {
    const l = cholesky(
      Float64Array.from({ length: o * o }, (_, at) => v(observed[Math.floor(at / o)], observed[at % o])),
      o,
    );
    if (l === undefined) throw new Error('a scale is not positive definite');
    const solved = solveCholesky(
      l,
      o,
      Float64Array.from({ length: o * m }, (_, at) => v(observed[Math.floor(at / m)], missing[at % m])),
      m,
    );
    for (let i = 0; i < m; i++) for (let j = 0; j < o; j++) regression[i * o + j] = solved[j * m + i];
  }
  const covariance = Float64Array.from({ length: m * m }, (_, at) => {
    const [i, j] = [Math.floor(at / m), at % m];
    let x = v(missing[i], missing[j]);
    for (let t = 0; t < o; t++) x -= regression[i * o + t] * v(observed[t], missing[j]);
    return x;
  });
  const l = cholesky(covariance, m);
  if (l === undefined) throw new Error('a scale is not positive definite');
  const made = {
    missing,
    observed,
    regression,
    covariance,
    logVolume: (m * Math.log(2 * Math.PI) + logDeterminant(l, m)) / 2,
  };
  block.conditionals.set(key, made);
  return made;
}

/**
 * For a start that has no parameters yet: missing cells take the mean of their component's observed ones, and its
 * variance, or those of all rows where the component has none.
 */
export function startFillers(
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
): readonly Fill[] {
  return startMoments(program, data, responsibilities).map((own) => (row) => {
    const missing = data.columns.flatMap((c, at) => (Number.isNaN(c[row]) ? [at] : []));
    const values = Float64Array.from(data.columns, (c, at) => (Number.isNaN(c[row]) ? own[at].mean : c[row]));
    const spread = missing.map((at): Spread => ({
      columns: [at],
      covariance: Float64Array.of(own[at].variance),
    }));
    return { values, logVolume: 0, spread };
  });
}

/** For each component and column. */
export function startMoments(
  program: Program,
  data: RowData,
  responsibilities: Float64Array,
): readonly (readonly { readonly mean: number; readonly variance: number }[])[] {
  const k = program.components;
  const overall = data.columns.map((c) => meanAndVariance(c, data, () => 1));
  return Array.from({ length: k }, (_, j) =>
    data.columns.map((c, at) => {
      const of = meanAndVariance(c, data, (i) => responsibilities[i * k + j]);
      return of.weight > 0 && of.variance > 0 ? of : overall[at];
    }),
  );
}

function meanAndVariance(column: Float64Array, data: RowData, share: (row: number) => number) {
  let weight = 0;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < data.rows; i++) {
    const w = (data.weights?.[i] ?? 1) * share(i);
    if (Number.isNaN(column[i]) || w === 0) continue;
    weight += w;
    const gap = column[i] - mean;
    mean += (w * gap) / weight;
    squares += w * gap * (column[i] - mean);
  }
  return { weight, mean, variance: weight > 0 ? squares / weight : 0 };
}
