/**
 * How components fill rows with missing cells, as the numbers that kernels read (`emit/javascript/component-kernel.ts`,
 * `emit/wasm/patterns`): a rule for each pattern and component. A step writes thousands of them, and makes nothing anew for it.
 */
import type { Pairs, Parameters, Program } from '../../plan/types.js';
import type { Pattern } from '../patterns.js';
import { gaussianBlocks } from '../reference/missing.js';
import { condition, newConditional, openBlock } from './filling.js';
import type { Conditional, OpenBlock } from './filling.js';

/** Where the product of columns a <= b stands among the sums of a component. */
export type PairPlace = (pairs: Pairs, a: number, b: number) => number;

/** For each column a component's mean and variance of the cells that are there. */
type ColumnMoments = readonly { readonly mean: number; readonly variance: number }[];

export interface Rules {
  /** Writes those at the parameters. */
  readonly write: (parameters: Parameters) => void;
  /** For a start without parameters: every missing cell by itself, as the component's observed ones are. */
  readonly writeStart: (moments: readonly ColumnMoments[]) => void;
}

/** Into `numbers`, as many as `rulesLength` says, and where each rule begins in them into `starts` [patterns, K]. */
export function openRules(
  program: Program,
  patterns: readonly Pattern[],
  numbers: Float64Array,
  starts: Int32Array,
  placeOf: PairPlace,
): Rules {
  const { plan, components } = program;
  const isMissing = new Uint8Array(program.columns.length);
  let at = 0;

  const writeSpread = ({ columns, count: m, covariance }: Conditional, pairs: Pairs): void => {
    for (let i = 0; i < m; i++)
      for (let j = i; j < (pairs === 'all' ? m : i + 1); j++) {
        const [a, b] = [columns[i], columns[j]];
        numbers[at++] = a < b ? placeOf(pairs, a, b) : placeOf(pairs, b, a);
        numbers[at++] = covariance[i * m + j];
      }
  };
  /** Products of filled cells, for each stratum that has a place for them. */
  const writeSpreads = (list: readonly Conditional[], length: number): void => {
    for (const { pairs } of plan.strata) {
      const count = at++;
      if (pairs !== 'none') for (let n = 0; n < length; n++) writeSpread(list[n], pairs);
      numbers[count] = (at - count - 1) / 2;
    }
  };

  const ofBlocks: Conditional[] = [];
  const writeRule = (blocks: readonly OpenBlock[]): void => {
    const first = at;
    let [logVolume, cells] = [0, 0];
    at += 2;
    for (let n = 0; n < blocks.length; n++) {
      const { residual, origins } = blocks[n];
      const { columns, offset } = residual;
      const found = (ofBlocks[n] ??= newConditional(residual.rows, columns.length));
      condition(blocks[n], isMissing, found);
      if (found.count === 0) continue;
      logVolume += found.logVolume;
      cells += found.count;
      for (let i = 0; i < found.count; i++) {
        numbers[at++] = found.columns[i];
        numbers[at++] = -offset[found.gone[i]];
        const count = at++;
        for (let j = 0; j < columns.length; j++) {
          const coefficient = found.coefficients[i * columns.length + j];
          // a column that is left out may have no number there
          if (coefficient === 0) continue;
          numbers[at++] = columns[j];
          numbers[at++] = origins[j];
          numbers[at++] = coefficient;
        }
        numbers[count] = (at - count - 1) / 3;
      }
    }
    numbers[first] = logVolume;
    numbers[first + 1] = cells;
    writeSpreads(ofBlocks, blocks.length);
  };

  const ofCells: Conditional[] = [];
  const writeStartRule = (own: ColumnMoments, missing: ReadonlySet<number>): void => {
    numbers[at++] = 0;
    numbers[at++] = missing.size;
    let n = 0;
    for (const column of missing) {
      numbers[at++] = column;
      numbers[at++] = own[column].mean;
      numbers[at++] = 0;
      const cell = (ofCells[n++] ??= newConditional(1, 0));
      cell.count = 1;
      cell.columns[0] = column;
      cell.covariance[0] = own[column].variance;
    }
    writeSpreads(ofCells, n);
  };

  const writeAll = (writeOne: (pattern: Pattern, k: number) => void): void => {
    at = 0;
    let n = 0;
    for (const pattern of patterns) {
      isMissing.fill(0);
      for (const column of pattern.missing) isMissing[column] = 1;
      for (let k = 0; k < components; k++) {
        starts[n++] = at;
        writeOne(pattern, k);
      }
    }
  };
  return {
    write: (parameters) => {
      const known = new Map<string, readonly (readonly OpenBlock[])[]>();
      const blocksOf = new Map<Pattern['codes'], readonly (readonly OpenBlock[])[]>();
      for (const { codes } of patterns) {
        const key = codes.join();
        const found =
          known.get(key) ?? gaussianBlocks(program, parameters, codes).map((own) => own.map(openBlock));
        known.set(key, found);
        blocksOf.set(codes, found);
      }
      writeAll(({ codes }, k) => {
        writeRule(blocksOf.get(codes)![k]);
      });
    },
    writeStart: (moments) => {
      writeAll(({ missing }, k) => {
        writeStartRule(moments[k], missing);
      });
    },
  };
}

/** Numbers of the rules of all patterns and components, at most. */
export function rulesLength(
  { plan, columns, groupLength, components }: Program,
  patterns: readonly Pattern[],
): number {
  /** columns that the residual reads in which a column stands */
  const readBy = columns.map(({ group }) => {
    const term = plan.logits.find(
      (t) => t.kind === 'quadratic' && t.residual.parts.some((p) => p.group === group),
    );
    return term?.kind !== 'quadratic' ? 0 : term.residual.parts.reduce((n, p) => n + groupLength[p.group], 0);
  });
  return (
    components *
    patterns.reduce((total, { missing }) => {
      const cells = [...missing].reduce((n, column) => n + 3 + 3 * readBy[column], 0);
      const products = missing.size * (missing.size + 1);
      return total + 2 + cells + plan.strata.length * (1 + products);
    }, 0)
  );
}
