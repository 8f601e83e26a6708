/**
 * Which moments of the columns the M-step reads. A sum costs as much as a term of a logit, and of many columns only some entries
 * are wanted: of a category that is told apart the weights, of a count beside covariates its products with these.
 */
import { isNumber } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import { constantColumn } from './constant-columns.js';
import type { AffineForm, PlannedStatistic, Program } from './types.js';

export interface NeededMoments {
  /** [C] */
  readonly means: readonly boolean[];
  /** [C, C], those with a <= b; those of a needed product have needed means */
  readonly products: readonly boolean[];
}

/** Of a stratum. Columns that are one number in every row are not among them: their means are known, and they do not vary. */
export function neededMoments(program: Program, stratum: number): NeededMoments {
  const { plan, columns } = program;
  const c = columns.length;
  const means = new Set<number>();
  const products = new Set<number>();
  const read = (left: readonly number[], right: readonly number[]): void => {
    for (const a of [...left, ...right]) means.add(a);
    for (const a of left) for (const b of right) products.add(Math.min(a, b) * c + Math.max(a, b));
  };
  for (const { reading } of plan.statistics.filter((s) => s.stratum === stratum)) {
    if (reading.kind === 'first') for (const a of rowsOf(reading.form, program).flat()) means.add(a);
    if (reading.kind !== 'second') continue;
    const [left, right] = [reading.left, reading.right].map((form) => rowsOf(form, program));
    if (isDiagonal(reading))
      left.forEach((own, i) => {
        read(own, right[i]);
      });
    else read(left.flat(), right.flat());
  }
  if (stratum === 0)
    for (const { centred } of plan.updates) {
      if (centred === undefined) continue;
      const own = Array.from(
        { length: program.groupLength[centred.group] },
        (_, j) => program.groupStart[centred.group] + j,
      );
      read(own, own);
    }
  const varies = columns.map((_, a) => constantColumn(program, a) === undefined);
  return {
    means: varies.map((does, a) => does && means.has(a)),
    products: Array.from(
      { length: c * c },
      (_, at) => products.has(at) && varies[Math.floor(at / c)] && varies[at % c],
    ),
  };
}

/** For each entry of a form the columns that it reads. */
function rowsOf(form: AffineForm, program: Program): readonly (readonly number[])[] {
  const size = form.shape.length === 0 ? 1 : sizeOf(form.shape[0], program.sizes);
  return Array.from({ length: size }, (_, i) =>
    form.parts.flatMap(({ group, kind }) => {
      const start = program.groupStart[group];
      if (kind === 'scaled') return [start + i];
      if (kind === 'column') return [start];
      return Array.from({ length: program.groupLength[group] }, (__, j) => start + j);
    }),
  );
}

const isDiagonal = (reading: Extract<PlannedStatistic['reading'], { kind: 'second' }>): boolean =>
  reading.as === 'diagonal' ||
  (reading.as === 'trace' &&
    (isNumber(reading.matrix) || ['identity', 'diag'].includes(reading.matrix.kind)));
