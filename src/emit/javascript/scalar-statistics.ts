/**
 * Statistics read off the moments, written out for one value of each index: Σ r (U c + u)(V c + v)ᵀ is
 * U scatter Vᵀ + n (U m + u)(V m + v)ᵀ. The meaning, and the order of the operations, are those of `plan/frame.ts`.
 */
import { isNumber } from '../../algebra/build.js';
import { sizeOf } from '../../algebra/evaluate.js';
import type { AffineForm, MomentReading, PlannedStatistic, Program } from '../../plan/types.js';
import { written } from './scalar-expressions.js';
import type { Written } from './scalar-expressions.js';
import { elementwise, known, literal, NotWritten, productOf, scalar, sumOf, total } from './scalars.js';
import type { Atom, Scalars } from './scalars.js';

/** Names in code of the moments of a stratum: weights [K], means [K, C], scatter. */
export const momentNames = (
  stratum: number,
): { readonly weight: string; readonly mean: string; readonly scatter: string } => ({
  weight: `n${String(stratum)}`,
  mean: `m${String(stratum)}`,
  scatter: `x${String(stratum)}`,
});
export const GROUP_WEIGHT = 'g';

/** A statistic at values of its ranges, from 0; throws `NotWritten` for one that goes through the rows. */
export function statisticCode(s: PlannedStatistic, values: readonly number[], around: Written): Scalars {
  const { program } = around;
  const { plan } = program;
  const indices = { ...around.indices, ...Object.fromEntries(s.ranges.map((r, n) => [r.index, values[n]])) };
  const at: Written = { ...around, indices };
  const position = (i: PlannedStatistic['observed'][number]): number => {
    if (i.kind === 'data') throw new NotWritten('an index that the data say');
    return i.kind === 'fixed' ? i.value - 1 : indices[i.index];
  };
  const own = s.hidden?.map(position);
  if (s.per === 'group') {
    const sizes = program.axisSizes.filter((_, n) => plan.axes[n].per === 'group');
    return scalar(`${GROUP_WEIGHT}[${String(flat(own!, sizes))}]`);
  }
  const { reading } = s;
  if (reading.kind === 'general' || reading.kind === 'median') throw new NotWritten('a sum over the rows');
  if (own !== undefined && own.length !== program.axisSizes.length)
    throw new NotWritten('responsibilities of some latents only');
  const sizes = plan.strata[s.stratum].symbols.map((x) => sizeOf(x.value.dim, program.sizes));
  const combination = flat(s.observed.map(position), sizes);
  const combinations = program.strataSizes[s.stratum];
  const components =
    own === undefined
      ? Array.from({ length: program.components }, (_, c) => c)
      : [flat(own, program.axisSizes)];
  return components
    .map((c) => componentCode(reading, s.stratum, c * combinations + combination, at))
    .reduce((a, b) => elementwise(a, b, (x, y) => sumOf(at.code, x, y)));
}

const flat = (at: readonly number[], sizes: readonly number[]): number =>
  at.reduce((offset, value, axis) => offset * sizes[axis] + value, 0);

function componentCode(reading: MomentReading, stratum: number, k: number, at: Written): Scalars {
  const { code } = at;
  const n = `${momentNames(stratum).weight}[${String(k)}]`;
  if (reading.kind === 'weight') return scalar(n);
  if (reading.kind === 'first') {
    const form = formCode(reading.form, at);
    const entries = atMean(form, stratum, k, at).map((x) => productOf(code, n, x));
    return { shape: reading.form.shape.length === 0 ? [] : [form.rows], entries };
  }
  const left = formCode(reading.left, at);
  const right = reading.left === reading.right ? left : formCode(reading.right, at);
  const leftMean = atMean(left, stratum, k, at);
  const rightMean = right === left ? leftMean : atMean(right, stratum, k, at);
  const entry = (i: number, j: number): Atom => {
    const ofMeans = productOf(code, productOf(code, n, leftMean[i]), rightMean[j]);
    return sumOf(code, spreadEntry(left, right, i, j, stratum, k, at), ofMeans);
  };
  if (
    reading.as === 'diagonal' ||
    (reading.as === 'trace' && (isNumber(reading.matrix) || reading.matrix.kind === 'identity'))
  ) {
    const entries = Array.from({ length: left.rows }, (_, i) => entry(i, i));
    return reading.as === 'diagonal' ? { shape: [left.rows], entries } : scalar(total(code, entries));
  }
  const entries = Array.from({ length: left.rows * right.rows }, (_, p) => {
    const [i, j] = [Math.floor(p / right.rows), p % right.rows];
    return left === right ? entry(Math.min(i, j), Math.max(i, j)) : entry(i, j);
  });
  if (reading.as === 'trace') {
    const weights = written(reading.matrix, at).entries;
    return scalar(
      total(
        code,
        entries.map((x, p) => productOf(code, x, weights[p])),
      ),
    );
  }
  return { shape: reading.right.shape.length === 0 ? [left.rows] : [left.rows, right.rows], entries };
}

/** U over the columns that it touches, and u: an affine form whose entries are atoms. */
interface FormCode {
  readonly rows: number;
  readonly columns: readonly number[];
  readonly matrix: readonly Atom[];
  readonly offset: readonly Atom[];
}

function formCode(form: AffineForm, at: Written): FormCode {
  const { program } = at;
  const values = form.parts.map((p) => written(p.coefficient, at).entries);
  const offset = written(form.offset, at).entries;
  const rows = rowsOf(form, program, values, offset.length);
  const entryOf = (n: number, i: number, j: number): Atom => {
    const { kind, group } = form.parts[n];
    if (kind === 'scaled') return i === j ? values[n][0] : '0';
    if (kind === 'row') return values[n][j];
    return kind === 'column' ? values[n][i] : values[n][i * program.groupLength[group] + j];
  };
  const columns = form.parts.flatMap((p, n) =>
    Array.from({ length: program.groupLength[p.group] }, (_, j) => ({
      n,
      j,
      column: program.groupStart[p.group] + j,
    })),
  );
  return {
    rows,
    columns: columns.map((c) => c.column),
    matrix: Array.from({ length: rows }, (_, i) => columns.map(({ n, j }) => entryOf(n, i, j))).flat(),
    offset: offset.length === rows ? offset : new Array<Atom>(rows).fill(offset[0]),
  };
}

function rowsOf(
  form: AffineForm,
  program: Program,
  values: readonly (readonly Atom[])[],
  offset: number,
): number {
  if (form.shape.length === 0) return 1;
  const [part] = form.parts;
  if (part === undefined || part.kind === 'row') return offset;
  const length = program.groupLength[part.group];
  if (part.kind === 'scaled') return length;
  return part.kind === 'column' ? values[0].length : values[0].length / length;
}

/** U m + u. */
function atMean(form: FormCode, stratum: number, k: number, { code, program }: Written): readonly Atom[] {
  const width = form.columns.length;
  const { mean } = momentNames(stratum);
  return form.offset.map((u, i) =>
    form.columns.reduce((s, column, j) => {
      const by = form.matrix[i * width + j];
      if (known(by) === 0) return s;
      return sumOf(code, s, productOf(code, by, `${mean}[${String(k * program.columns.length + column)}]`));
    }, u),
  );
}

/** Entry (i, j) of U scatter Vᵀ. */
function spreadEntry(
  left: FormCode,
  right: FormCode,
  i: number,
  j: number,
  stratum: number,
  k: number,
  { code, program }: Written,
): Atom {
  const c = program.columns.length;
  const { pairs } = program.plan.strata[stratum];
  const { scatter } = momentNames(stratum);
  let s: Atom = literal(0);
  left.columns.forEach((p, a) => {
    const u = left.matrix[i * left.columns.length + a];
    if (known(u) === 0) return;
    right.columns.forEach((q, b) => {
      const v = right.matrix[j * right.columns.length + b];
      if (known(v) === 0 || (pairs === 'squares' && p !== q)) return;
      if (pairs === 'none') throw new NotWritten('products that are not summed');
      const place = pairs === 'all' ? (k * c + p) * c + q : k * c + p;
      s = sumOf(code, s, productOf(code, productOf(code, u, v), `${scatter}[${String(place)}]`));
    });
  });
  return s;
}
