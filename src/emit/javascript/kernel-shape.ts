/** What the kernels of a program are made for, and what all their parts write. */
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
  readonly strata: readonly { readonly combinations: number; readonly pairs: Pairs }[];
  readonly weighted: boolean;
  /** for each latent, whether rows have labels */
  readonly labelled: readonly boolean[];
  readonly hard: boolean;
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
