/**
 * The data stage of a soft mixture whose components see rows with cells of their own (missing ones, as they fill them) as a
 * WebAssembly kernel: what `emit/javascript/component-kernel.ts` does, with the same rules to fill rows.
 *
 * Rows are taken in *groups* of eight that miss the same cells and are alike in all that tells parameters apart (strata,
 * supports), so that vectors of two rows need one rule and one set of parameters. For each group every component fills the rows
 * and gives its logit; after their softmax those that own some of a row fill the rows again, and add their sums.
 *
 * A *lane* is a fixed share of the groups with sums of its own, so that no sum depends on how many threads there are.
 */
import type { StratumShape } from '../../javascript/kernel-shape.js';
import type { NodeId, RowBody } from '../../../plan/row-body.js';
import { centredSums, GROUP, LINE, paddedColumns } from '../grouped/types.js';
import { layout } from '../layout.js';
import type { Layout } from '../layout.js';

export interface PatternShape {
  /** C: those of the program, which are summed */
  readonly columns: number;
  /** columns that the body reads: first those of the program, then what is computed of them once */
  readonly read: number;
  /** K */
  readonly components: number;
  readonly body: RowBody;
  readonly logit: NodeId;
  readonly strata: readonly StratumShape[];
  readonly supports: number;
  readonly labelled: boolean;
  readonly patterns: number;
  /** of eight rows */
  readonly groups: number;
  /** numbers of all rules */
  readonly rules: number;
  readonly lanes: number;
  /** the host multiplies and adds with one rounding */
  readonly fused: boolean;
}

/** Where a column that the body reads stands among those held: behind C padded, of which the last may be zeros. */
export const heldPlace = (s: PatternShape, column: number): number =>
  column < s.columns ? column : column - s.columns + paddedColumns(s);

export const heldColumns = (s: PatternShape): number => heldPlace(s, s.read);

/** Whole numbers of a group: its pattern, its combination of each stratum after the first, 1 or 0 of each support. */
export const kindNumbers = ({ strata, supports }: PatternShape): number => strata.length + supports;

/** Of a component and combination: n, and where more is asked for Σ r d and Σ r d dᵀ as `grouped/types.ts` has them. */
export const sumsOfStratum = ({ columns }: PatternShape, { weightsOnly, pairs }: StratumShape): number =>
  weightsOnly ? 1 : centredSums({ columns, statistics: pairs });

/** Where the sums of each stratum [K, combinations] begin in a lane, and those of the likelihood: Σ w top, Σ w log₂. */
export function sumStarts(shape: PatternShape): readonly number[] {
  const starts = [0];
  for (const s of shape.strata)
    starts.push(starts.at(-1)! + shape.components * s.combinations * sumsOfStratum(shape, s));
  return starts;
}

export const sumsPerLane = (s: PatternShape): number => sumStarts(s).at(-1)! + 2;

/** Where the centres of each stratum [K, combinations, C padded] begin. */
export function centreStarts(shape: PatternShape): readonly number[] {
  const starts = [0];
  for (const s of shape.strata)
    starts.push(starts.at(-1)! + shape.components * s.combinations * paddedColumns(shape));
  return starts;
}

/** Bytes of a lane's own work, for a group: its columns, as the component at hand fills them, d of them, all logits. */
export function workPlaces(s: PatternShape) {
  const columns = 0;
  const differences = columns + LINE * heldColumns(s);
  const logits = differences + LINE * paddedColumns(s);
  return { columns, differences, logits, bytes: logits + LINE * s.components };
}

export type PatternLayout = Layout<
  'rows' | 'weights' | 'labels' | 'kinds' | 'starts' | 'rules' | 'slots' | 'centres' | 'work' | 'sums'
>;

/** Float64 where nothing is said. */
export function patternLayout(s: PatternShape): PatternLayout {
  const column = 8 * GROUP * s.groups;
  return layout({
    /** [groups, columns held, 8] */
    rows: column * heldColumns(s),
    /** [groups, 8]: 0 where a group has no row */
    weights: column,
    /** [groups, 8]: 0, or the component from 1 */
    labels: s.labelled ? column : 0,
    /** int32 [groups, kindNumbers] */
    kinds: 4 * s.groups * kindNumbers(s),
    /** int32 [patterns, K]: where rules begin */
    starts: 4 * s.patterns * s.components,
    rules: 8 * s.rules,
    /** [slots, 2]: each twice, since V8 reads vectors with less ado than a number for both halves */
    slots: 16 * s.body.slots,
    centres: 8 * centreStarts(s).at(-1)!,
    work: s.lanes * workPlaces(s).bytes,
    /** [lanes, sumsPerLane, 2]: one of each half of the vectors */
    sums: 16 * s.lanes * sumsPerLane(s),
  });
}
