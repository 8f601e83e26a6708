/** What the kernels of a program are made for, and what all their parts write. */
import { needed } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';
import type { Pairs } from '../../plan/types.js';
import { columnName } from './row-code.js';

export interface KernelShape {
  readonly body: RowBody;
  readonly logit: NodeId;
  readonly components: number;
  readonly columns: number;
  readonly axisSizes: readonly number[];
  /** combinations of the groups' latents, 1 without groups */
  readonly groupCombinations: number;
  readonly strata: readonly StratumShape[];
  readonly weighted: boolean;
  /** for each latent, whether rows have labels */
  readonly labelled: readonly boolean[];
  readonly hard: boolean;
  /** something asks for the responsibilities after the step */
  readonly keeps: boolean;
  /** rows stand for groups of rows */
  readonly together?: Together;
}

/**
 * Where the rows of a group own one component together, and their log densities are polynomials of degree two, a row of the
 * kernel is a group: its columns are means, its weight n is that of its rows, and further columns hold their scatter s / n. Of
 * parameters stand behind the slots for each component what the group's logit has of its own, and H of each pair:
 *
 *     logit = own + n (logit of the means + Σ H s / n)      Σ r x xᵀ = Σ r n (mean meanᵀ + s / n)
 */
export interface Together {
  readonly pairs: readonly (readonly [number, number])[];
  /** the column of the first pair */
  readonly first: number;
  /** where the parameters begin */
  readonly parameters: number;
}

export interface StratumShape {
  readonly combinations: number;
  /** which sums have a place */
  readonly pairs: Pairs;
  /** of them only weights are asked for: the others stay 0 */
  readonly weightsOnly: boolean;
}

/** About how many operations the wanted nodes of a row take, for one component: a call of a function counts as ten. */
export function operationsOf(body: RowBody, wanted: readonly NodeId[]): number {
  return needed(body, wanted).reduce((sum, id) => {
    const node = body.nodes[id];
    if (node.kind === 'squares') return sum + body.sources[node.source].length;
    return sum + (node.kind === 'function' ? CALL : 1);
  }, 0);
}
const CALL = 10;

/** The operations of a row in a step, and how many numbers its sums are. */
export function workOf({ body, logit, components, columns, strata }: KernelShape) {
  const sums = strata.map(({ pairs }) => sumsPerComponent(columns, pairs));
  const each = operationsOf(body, [logit]) + CALL + sums.reduce((a, b) => a + b, 0);
  const numbers = sums.reduce((n, width, s) => n + components * strata[s].combinations * width, 0);
  return { operations: components * each, numbers };
}

export function sumsPerComponent(columns: number, pairs: Pairs): number {
  return 1 + columns + (pairs === 'all' ? (columns * (columns + 1)) / 2 : pairs === 'squares' ? columns : 0);
}

export const indented = (lines: readonly string[]): readonly string[] => lines.map((l) => `  ${l}`);

/** The components one by one, or in a loop. */
export function each(
  shape: KernelShape,
  unrolled: boolean,
  body: (k: string) => readonly string[],
): readonly string[] {
  if (unrolled) return Array.from({ length: shape.components }, (_, k) => body(String(k))).flat();
  return [`for (let k = 0; k < ${String(shape.components)}; k++) {`, ...indented(body('k')), '}'];
}

/** A number of a component: a variable, or an entry of an array. */
export const scalar = (name: string, k: string, unrolled: boolean): string =>
  unrolled ? `${name}${k}` : `${name.toUpperCase()}[${k}]`;

export const columnsBefore = (columns: readonly number[]): readonly string[] =>
  columns.map((c) => `const c${String(c)} = columns[${String(c)}];`);
export const columnsOfRow = (columns: readonly number[]): readonly string[] =>
  columns.map((c) => `const ${columnName(c)} = c${String(c)}[i];`);
