/**
 * Rows with missing cells, compiled. Rows that miss the same cells (a pattern) lie side by side: a component has one rule to
 * fill them, so that a step costs an inverse for each pattern, and for each row about what a complete one costs.
 * `reference/missing.ts` has the mathematics, and fills row by row.
 */
import type { Moments, Pairs, Parameters, Program } from '../../plan/types.js';
import { sumsPerComponent } from '../../emit/javascript/kernel-shape.js';
import { groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { blockCodes, gaussianBlocks, startMoments } from '../reference/missing.js';
import { someRows } from '../some-rows.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import { compileComponentKernels, rowReading } from './compiled.js';
import { addFilled, fillCell, fillingOf, sumsLength } from './filling.js';
import type { Filling, SumLayout } from './filling.js';
import { slotFiller } from './parameter-functions.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';

/** Rows that are filled at a time: what a processor's nearest memory holds. */
const BLOCK = 512;

/** Rows [from, to) miss the same columns, and their Gaussian blocks are of the same strata. */
interface Pattern {
  readonly from: number;
  readonly to: number;
  readonly missing: ReadonlySet<number>;
  readonly codes: readonly number[];
}

export function openIncomplete(program: Program, given: RowData): Session {
  const { components: k, plan } = program;
  const { order, patterns } = patternsOf(program, given);
  const data = someRows(given, order);
  const { shape: plainShape, columns: allColumns } = kernelRows(program, data);
  // a cell that follows others takes products of them along
  const strata = plainShape.strata.map((s) => ({ ...s, pairs: widened(s.pairs, plan.pairs.logits) }));
  const shape = { ...plainShape, strata };
  const kernels = compileComponentKernels(shape);
  const { body, groupCombinations: combinations } = shape;
  const slots = new Float64Array(body.slots);
  const fillSlots = slotFiller(body, program);
  const columns = allColumns.map((c) => c.map((x) => (Number.isNaN(x) ? 0 : x)));
  const codes = data.strata ?? [];
  const supports = data.supports ?? [];
  const readRows = rowReading(program, data);
  const summed = summing(program, data, false);
  const scratch = data.columns.map(() => new Float64Array(BLOCK));
  const responsibilities = new Float64Array(data.rows * k);

  /** for each pattern those of all components */
  const fillingsAt = (parameters: Parameters): readonly (readonly Filling[])[] => {
    const known = new Map<string, ReturnType<typeof gaussianBlocks>>();
    return patterns.map(({ missing, codes: of }) => {
      const blocks = known.get(of.join()) ?? gaussianBlocks(program, parameters, of);
      known.set(of.join(), blocks);
      return blocks.map((own) => fillingOf(own, missing));
    });
  };
  const startFillings = (r: Float64Array): readonly (readonly Filling[])[] => {
    const moments = startMoments(program, data, r);
    return patterns.map(({ missing }) => moments.map((own) => independent(own, missing)));
  };

  const fillPosteriors = (parameters: Parameters, fillings: readonly (readonly Filling[])[]): Posteriors => {
    fillSlots(parameters, slots);
    patterns.forEach((pattern, p) => {
      for (let from = pattern.from; from < pattern.to; from += BLOCK) {
        const to = Math.min(pattern.to, from + BLOCK);
        const part = <T extends Float64Array | Int32Array | Uint8Array>(x: T): T => x.subarray(from, to) as T;
        const observed = columns.map(part);
        const seen = observed.map((c, at) => (pattern.missing.has(at) ? scratch[at] : c));
        const [ofCodes, ofSupports] = [codes.map(part), supports.map(part)];
        const into = responsibilities.subarray(from * k, to * k);
        for (let j = 0; j < k; j++) {
          const { cells, logVolume } = fillings[p][j];
          for (const cell of cells) fillCell(cell, observed, to - from, scratch[cell.column]);
          kernels.logits(to - from, seen, ofCodes, ofSupports, slots, j, logVolume, into);
        }
      }
    });
    const ofRow = new Float64Array(data.rows * combinations);
    kernels.posterior(data.rows, data.labels, responsibilities, ofRow);
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };

  const ofColumns = columns.slice(0, data.columns.length);
  const layouts = strata.map((s, n): SumLayout => ({
    columns: data.columns.length,
    from: s.pairs,
    to: plan.strata[n].pairs,
  }));
  const sums = strata.map((s) => new Float64Array(sumsLength(k * s.combinations, ofColumns.length, s.pairs)));
  const work = new Float64Array(ofColumns.length * (ofColumns.length + 1));
  const momentsUnder = (
    r: Float64Array,
    fillings: readonly (readonly Filling[])[],
    ofGroups: Float64Array,
  ): Moments => {
    const moments = summed((into, centres) => {
      patterns.forEach(({ from, to }, p) => {
        const part = <T extends Float64Array | Int32Array>(x: T): T => x.subarray(from, to) as T;
        for (const s of sums) s.fill(0);
        kernels.moments(
          to - from,
          ofColumns.map(part),
          codes.map(part),
          data.weights && part(data.weights),
          r.subarray(from * k, to * k),
          sums,
          centres,
        );
        layouts.forEach((layout, n) => {
          const [own, wanted] = [layout.from, layout.to].map((x) => sumsPerComponent(layout.columns, x));
          const { combinations: each } = strata[n];
          for (let j = 0; j < k * each; j++)
            addFilled(
              layout,
              fillings[p][Math.floor(j / each)],
              sums[n],
              j * own,
              centres[n],
              j * layout.columns,
              into[n],
              j * wanted,
              work,
            );
        });
      });
    }, false);
    return {
      ...moments,
      ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
      ...readRows(r),
    };
  };

  return {
    expectation: (parameters): Expectation => {
      const fillings = fillingsAt(parameters);
      const { responsibilities: r, logLikelihood, ofGroups } = fillPosteriors(parameters, fillings);
      return { moments: momentsUnder(r, fillings, ofGroups), logLikelihood };
    },
    momentsOf: (r) => {
      const own = ordered(r, order, k);
      return momentsUnder(own, startFillings(own), groupsOf(program, data, own));
    },
    posterior: (parameters): RowPosterior => {
      const found = fillPosteriors(parameters, fillingsAt(parameters));
      const back = new Int32Array(data.rows);
      order.forEach((row, at) => (back[row] = at));
      return {
        responsibilities: ordered(found.responsibilities, back, k),
        logDensity: ordered(found.logDensity, back, 1),
      };
    },
    dispose: () => undefined,
  };
}

const widened = (wanted: Pairs, ofLogits: Pairs): Pairs =>
  wanted !== 'none' && ofLogits === 'all' ? 'all' : wanted;

/** For a start without parameters: every missing cell by itself. */
const independent = (
  own: readonly { readonly mean: number; readonly variance: number }[],
  missing: ReadonlySet<number>,
): Filling => ({
  cells: [...missing].map((column) => ({
    column,
    at: own[column].mean,
    sources: [],
    origins: new Float64Array(0),
    coefficients: new Float64Array(0),
  })),
  logVolume: 0,
  spread: [...missing].map((column) => ({
    columns: [column],
    covariance: Float64Array.of(own[column].variance),
  })),
});

/** The rows in the order of what they miss. */
function patternsOf(
  program: Program,
  data: RowData,
): {
  readonly order: Int32Array;
  readonly patterns: readonly Pattern[];
} {
  const rows = new Map<string, Pick<Pattern, 'missing' | 'codes'> & { readonly rows: number[] }>();
  for (let i = 0; i < data.rows; i++) {
    const missing = data.columns.flatMap((c, at) => (Number.isNaN(c[i]) ? [at] : []));
    const codes = blockCodes(program, data, i);
    const key = `${missing.join()} ${codes.join()}`;
    const known = rows.get(key);
    if (known === undefined) rows.set(key, { missing: new Set(missing), codes, rows: [i] });
    else known.rows.push(i);
  }
  let from = 0;
  const found = [...rows.values()];
  return {
    order: Int32Array.from(found.flatMap((f) => f.rows)),
    patterns: found.map(({ missing, codes, rows: own }): Pattern => {
      const to = from + own.length;
      const pattern = { from, to, missing, codes };
      from = to;
      return pattern;
    }),
  };
}

/** Numbers of rows, `width` each, in another order. */
function ordered(values: Float64Array, order: Int32Array, width: number): Float64Array {
  const found = new Float64Array(values.length);
  order.forEach((row, at) => {
    for (let e = 0; e < width; e++) found[at * width + e] = values[row * width + e];
  });
  return found;
}
