/**
 * Tables and what of them a model reads.
 *
 * A `Table` is lazy: it knows names and rows, and converts a column only when asked. `bind` joins a Model with a Table
 * to a `Dataset`: float64 columns laid out by symbol, weights, labels, groups and the sizes that only data can tell.
 */
import type { SymbolName } from '../model/types.js';

/** A column as numbers. `values` holds NaN where a cell is missing. Cells that are no numbers are listed, not dropped. */
export interface NumericColumn {
  readonly values: Float64Array;
  /** how many cells are missing */
  readonly missing: number;
  /** the first few cells that are neither numbers nor missing; `row` counts data rows from 1 */
  readonly bad: readonly Cell[];
  readonly badCount: number;
  /** the first few cells that say NaN or infinity, or overflow */
  readonly notFinite: readonly Cell[];
  readonly notFiniteCount: number;
}

export interface Cell {
  readonly row: number;
  readonly text: string;
}

/** A column as names. */
export interface NameColumn {
  /** the different cells */
  readonly names: readonly string[];
  /** of each row the number of its name, from 1; 0 where the cell is missing */
  readonly codes: Int32Array;
}

export interface Table {
  readonly names: readonly string[];
  readonly rows: number;
  /** what to call it in messages: a file name, `standard input`, `the table` */
  readonly source: string;
  /** true when most of the column's cells are numbers */
  isNumeric(name: string): Promise<boolean>;
  numeric(names: readonly string[]): Promise<readonly NumericColumn[]>;
  byName(name: string): Promise<NameColumn>;
  /** lets go of what was kept for reading; columns that were read stay; may be called again */
  close(): void;
}

export interface TableOptions {
  /** words that stand for a missing cell beside the empty one; default ["NA"] */
  readonly missing?: readonly string[];
  readonly delimiter?: string;
  /** decimal separator of CSV cells; default "." */
  readonly decimal?: string;
}

/** A data symbol's cells: one Float64Array of `rows` numbers per coordinate (row-major for a matrix). */
export interface BoundSymbol {
  readonly columns: readonly string[];
  readonly values: readonly Float64Array[];
  /** cells missing (NaN in `values`), all coordinates together */
  readonly missing: number;
}

/** Everything a fit reads of the data. Row order is the table's. */
export interface Dataset {
  readonly rows: number;
  readonly symbols: ReadonlyMap<SymbolName, BoundSymbol>;
  /** row weights and the column they came from */
  readonly weights: { readonly column: string; readonly values: Float64Array } | undefined;
  /** partly observed latents: per row 0 where hidden, else the component from 1 */
  readonly labels: ReadonlyMap<
    SymbolName,
    { readonly column: string; readonly values: Int32Array; readonly levels: readonly string[] }
  >;
  /** `plate g over distinct id`: per row the group from 1, and the groups' names in order */
  readonly groups: ReadonlyMap<
    SymbolName,
    { readonly column: string; readonly values: Int32Array; readonly levels: readonly string[] }
  >;
  /** labels of each categorical data symbol, in order */
  readonly levels: ReadonlyMap<string, readonly string[]>;
  /** values of the named sizes that the columns fix: D = 2 */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Problems of data and binding; each names rows (data rows counted from 1), columns and cells. Words are in `diagnostics`. */
export type DataProblem =
  | {
      readonly kind: 'file-unreadable';
      readonly file: string;
      readonly reason: string;
      readonly near: readonly string[];
    }
  | { readonly kind: 'no-rows'; readonly source: string; readonly hasHeader: boolean }
  | {
      readonly kind: 'missing-column';
      readonly column: string;
      readonly symbol: string;
      readonly names: readonly string[];
      readonly near: string | undefined;
    }
  | { readonly kind: 'duplicate-column'; readonly column: string; readonly source: string }
  | {
      readonly kind: 'not-a-number';
      readonly column: string;
      readonly row: number;
      readonly text: string;
      readonly count: number;
      readonly decimalComma: boolean;
    }
  | {
      readonly kind: 'not-finite';
      readonly column: string;
      readonly row: number;
      readonly text: string;
      readonly count: number;
    }
  | {
      readonly kind: 'missing-cell';
      readonly column: string;
      readonly row: number;
      readonly count: number;
      readonly symbol: string;
      readonly reason: 'covariate' | 'weight' | 'not-marginalisable';
    }
  | {
      readonly kind: 'out-of-domain';
      readonly column: string;
      readonly row: number;
      readonly value: string;
      readonly symbol: string;
      readonly wanted: string;
      readonly count: number;
    }
  | {
      readonly kind: 'too-many-labels';
      readonly column: string;
      readonly symbol: string;
      readonly levels: readonly string[];
      readonly allowed: number;
    }
  | { readonly kind: 'unbound-vector'; readonly symbol: string; readonly names: readonly string[] }
  | { readonly kind: 'no-numeric-columns'; readonly symbol: string; readonly source: string }
  | {
      readonly kind: 'sizes-differ';
      readonly symbol: string;
      readonly wanted: number;
      readonly columns: readonly string[];
      readonly size: string | undefined;
    }
  | {
      readonly kind: 'unknown-binding';
      readonly name: string;
      readonly near: string | undefined;
      readonly known: readonly string[];
    }
  | { readonly kind: 'no-weight'; readonly column: string }
  | {
      readonly kind: 'malformed-table';
      readonly source: string;
      readonly line: number | undefined;
      readonly reason: string;
    };
