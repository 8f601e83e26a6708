/**
 * Joins a Model with a Table: which columns each symbol reads, the sizes they fix, and whether every cell is in its
 * symbol's domain. All problems are reported, a few cells per column.
 */
import { nearest } from '../model/nearest.js';
import type { DataSymbol, Model, Size, SymbolName } from '../model/types.js';
import { knownLevels, readCategories } from './categories.js';
import { domainProblems } from './domains.js';
import type { BoundSymbol, DataProblem, Dataset, NumericColumn, Table } from './types.js';

export interface BindOptions {
  /** `--bind x=a,b` */
  readonly bind: Readonly<Record<string, readonly string[]>>;
  /** values of the model's constants; those that are sizes matter here */
  readonly constants: ReadonlyMap<string, unknown>;
  /** predicting needs neither weights nor labels */
  readonly use: 'fit' | 'predict';
  /** columns that a fit recorded, to be found by name */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** the names that a fit gave numbers to, by data symbol: a new table keeps the numbers */
  readonly levels?: Readonly<Record<string, readonly string[]>>;
}

export interface BindResult {
  readonly value: Dataset | undefined;
  readonly problems: readonly DataProblem[];
}

export async function bind(model: Model, table: Table, options: BindOptions): Promise<BindResult> {
  const problems: DataProblem[] = unknownBindings(model, options.bind);
  const chosen = await chooseColumns(model, table, options, problems);
  const symbols = new Map<SymbolName, BoundSymbol>();
  const sizes = new Map<string, number>();
  const levels = new Map<string, readonly string[]>();
  for (const [symbol, columns] of chosen) {
    if (!allThere(columns, symbol.name, table, problems)) continue;
    checkSizes(symbol, columns, model, options, sizes, problems);
    if (
      symbol.type.domain === 'category' ||
      symbol.type.domain === 'plate' ||
      symbol.type.domain === 'boolean'
    ) {
      const read = await readCategories(symbol, columns[0], table, model, options);
      problems.push(...read.problems);
      levels.set(symbol.name, read.levels);
      symbols.set(symbol.name, { columns, values: [read.values], missing: read.missing });
      continue;
    }
    const numbers = await table.numeric(columns);
    numbers.forEach((column, n) =>
      problems.push(
        ...cellProblems(column, columns[n]),
        ...domainProblems(symbol, columns[n], column, model),
      ),
    );
    const missing = numbers.reduce((s, c) => s + c.missing, 0);
    const isModelled = symbol.line !== undefined;
    if (missing > 0 && !isModelled) problems.push(missingCell(symbol, columns, numbers));
    symbols.set(symbol.name, { columns, values: numbers.map((c) => c.values), missing });
  }
  const labels = await bindLabels(model, table, options, problems);
  const groups = await bindGroups(model, table, options, problems);
  if (problems.length > 0) return { value: undefined, problems };
  const weight = model.data.find((d) => d.as === 'weight');
  const weightColumn = weight === undefined ? undefined : symbols.get(weight.name);
  return {
    value: {
      rows: table.rows,
      symbols,
      weights:
        weightColumn === undefined
          ? undefined
          : { column: weightColumn.columns[0], values: weightColumn.values[0] },
      labels,
      groups,
      levels,
      sizes,
    },
    problems,
  };
}

/** `x=a,b` or `x="a, b",c`; undefined when it is not of that form. */
export function parseBinding(
  text: string,
): { readonly name: string; readonly columns: readonly string[] } | undefined {
  const at = text.indexOf('=');
  if (at <= 0) return undefined;
  const columns: string[] = [];
  let cell = '';
  let quoted = false;
  for (const c of text.slice(at + 1)) {
    if (c === '"') quoted = !quoted;
    else if (c === ',' && !quoted) {
      columns.push(cell.trim());
      cell = '';
    } else cell += c;
  }
  columns.push(cell.trim());
  return quoted || columns.some((c) => c === '') ? undefined : { name: text.slice(0, at).trim(), columns };
}

function unknownBindings(model: Model, bindings: BindOptions['bind']): DataProblem[] {
  const names: readonly string[] = [
    ...model.data.map((d) => d.name),
    ...model.latents.filter((l) => l.labels !== undefined).map((l) => l.name),
  ];
  return Object.keys(bindings)
    .filter((name) => !names.includes(name))
    .map((name) => ({ kind: 'unknown-binding' as const, name, near: nearest(name, names), known: names }));
}

// ------------------------------------------------------------------------------------------------ which columns

type Chosen = ReadonlyMap<DataSymbol, readonly string[]>;

async function chooseColumns(
  model: Model,
  table: Table,
  options: BindOptions,
  problems: DataProblem[],
): Promise<Chosen> {
  const chosen = new Map<DataSymbol, readonly string[]>();
  const open: DataSymbol[] = [];
  for (const symbol of model.data) {
    if (symbol.as === 'weight' && options.use === 'predict') continue;
    const named =
      options.bind[symbol.name] ??
      options.columns?.[symbol.name] ??
      (symbol.from.length > 0 ? symbol.from : undefined);
    if (named !== undefined) chosen.set(symbol, named);
    else if (symbol.type.shape.length === 0) chosen.set(symbol, [symbol.name]);
    else open.push(symbol);
  }
  const modelled = model.data.filter((d) => d.line !== undefined);
  for (const symbol of open) {
    if (symbol.type.shape.length === 1 && modelled.length === 1 && modelled[0] === symbol) {
      const columns = await freeNumericColumns(model, table, chosen);
      if (columns.length === 0)
        problems.push({ kind: 'no-numeric-columns', symbol: symbol.name, source: table.source });
      else chosen.set(symbol, columns);
    } else problems.push({ kind: 'unbound-vector', symbol: symbol.name, names: table.names });
  }
  return chosen;
}

/** All numeric columns that no other symbol takes, in the table's order. */
async function freeNumericColumns(model: Model, table: Table, chosen: Chosen): Promise<readonly string[]> {
  const taken = new Set<string>([
    ...[...chosen.values()].flat(),
    ...model.latents.flatMap((l) => (l.labels === undefined ? [] : [l.labels])),
    ...model.plates.flatMap((p) => (p.range.kind === 'distinct' ? [p.range.column] : [])),
    ...model.data.filter((d) => d.as === 'weight').map((d) => d.from[0] ?? d.name),
  ]);
  const free: string[] = [];
  for (const name of table.names)
    if (name !== '' && !taken.has(name) && (await table.isNumeric(name))) free.push(name);
  return free;
}

function allThere(
  columns: readonly string[],
  symbol: string,
  table: Table,
  problems: DataProblem[],
): boolean {
  let good = true;
  for (const column of columns) {
    const count = table.names.filter((n) => n === column).length;
    if (count === 1) continue;
    good = false;
    if (count > 1) problems.push({ kind: 'duplicate-column', column, source: table.source });
    else
      problems.push({
        kind: 'missing-column',
        column,
        symbol,
        names: table.names,
        near: nearest(column, table.names),
      });
  }
  return good;
}

// ------------------------------------------------------------------------------------------------ sizes

/** A symbol's own shape must fit its columns; a named size is learnt from them the first time. */
function checkSizes(
  symbol: DataSymbol,
  columns: readonly string[],
  model: Model,
  options: BindOptions,
  sizes: Map<string, number>,
  problems: DataProblem[],
): void {
  const { shape } = symbol.type;
  const differ = (wanted: number, size: string | undefined): void => {
    problems.push({ kind: 'sizes-differ', symbol: symbol.name, wanted, columns, size });
  };
  if (shape.length === 0) {
    if (columns.length !== 1) differ(1, undefined);
    return;
  }
  if (shape.length === 1) {
    const known = knownSize(shape[0], model, options, sizes);
    if (known.value === undefined) sizes.set(known.name ?? '', columns.length);
    else if (known.value !== columns.length) differ(known.value, known.name);
    return;
  }
  const [rows, width] = shape.map((s) => knownSize(s, model, options, sizes));
  const isSquare = rows.name !== undefined && rows.name === width.name;
  const side = isSquare && rows.value === undefined ? Math.round(Math.sqrt(columns.length)) : undefined;
  const total = (rows.value ?? side ?? NaN) * (width.value ?? side ?? NaN);
  if (side !== undefined && side * side === columns.length) sizes.set(rows.name!, side);
  else if (total !== columns.length) differ(total, rows.name ?? width.name);
}

function knownSize(
  size: Size,
  model: Model,
  options: BindOptions,
  sizes: ReadonlyMap<string, number>,
): { readonly name: string | undefined; readonly value: number | undefined } {
  switch (size.kind) {
    case 'number':
      return { name: undefined, value: size.value };
    case 'constant': {
      const value = options.constants.get(size.name);
      return { name: size.name, value: typeof value === 'number' ? value : undefined };
    }
    case 'named':
      return {
        name: size.name,
        value: model.sizes.find((s) => s.name === size.name)?.value ?? sizes.get(size.name),
      };
    case 'plate': {
      const plate = model.plates.find((p) => p.name === size.plate);
      return plate?.range.kind === 'count'
        ? knownSize(plate.range.upTo, model, options, sizes)
        : { name: size.plate, value: undefined };
    }
    case 'unknown':
      return { name: undefined, value: undefined };
  }
}

// ------------------------------------------------------------------------------------------------ cells

function cellProblems(column: NumericColumn, name: string): readonly DataProblem[] {
  const problems: DataProblem[] = [];
  const bad = column.bad[0];
  if (bad !== undefined)
    problems.push({
      kind: 'not-a-number',
      column: name,
      row: bad.row,
      text: bad.text,
      count: column.badCount,
      decimalComma: /^[+-]?\d+,\d+$/.test(bad.text),
    });
  const odd = column.notFinite[0];
  if (odd !== undefined)
    problems.push({
      kind: 'not-finite',
      column: name,
      row: odd.row,
      text: odd.text,
      count: column.notFiniteCount,
    });
  return problems;
}

function missingCell(
  symbol: DataSymbol,
  columns: readonly string[],
  numbers: readonly NumericColumn[],
): DataProblem {
  const at = numbers.findIndex((c) => c.missing > 0);
  const bad = new Set(numbers[at].bad.map((b) => b.row));
  const row = numbers[at].values.findIndex((x, n) => Number.isNaN(x) && !bad.has(n + 1)) + 1;
  return {
    kind: 'missing-cell',
    column: columns[at],
    row,
    count: numbers[at].missing,
    symbol: symbol.name,
    reason: symbol.as === 'weight' ? 'weight' : 'covariate',
  };
}

// ------------------------------------------------------------------------------------------------ labels and groups

async function bindLabels(
  model: Model,
  table: Table,
  options: BindOptions,
  problems: DataProblem[],
): Promise<Dataset['labels']> {
  const labels = new Map<
    SymbolName,
    { readonly column: string; readonly values: Int32Array; readonly levels: readonly string[] }
  >();
  if (options.use === 'predict') return labels;
  for (const latent of model.latents) {
    if (latent.labels === undefined) continue;
    const column = options.bind[latent.name]?.[0] ?? latent.labels;
    if (!allThere([column], latent.name, table, problems)) continue;
    const text = await table.text(column);
    const levels = sortedLevels(text);
    const plate = model.plates.find((p) => p.name === latent.type.plate);
    const allowed =
      plate?.range.kind === 'count'
        ? knownSize(plate.range.upTo, model, options, new Map()).value
        : undefined;
    if (allowed !== undefined && levels.length > allowed)
      problems.push({ kind: 'too-many-labels', column, symbol: latent.name, levels, allowed });
    labels.set(latent.name, { column, values: numbered(text, levels), levels });
  }
  return labels;
}

async function bindGroups(
  model: Model,
  table: Table,
  options: BindOptions,
  problems: DataProblem[],
): Promise<Dataset['groups']> {
  const groups = new Map<
    SymbolName,
    { readonly column: string; readonly values: Int32Array; readonly levels: readonly string[] }
  >();
  for (const plate of model.plates) {
    if (plate.range.kind !== 'distinct') continue;
    const { column } = plate.range;
    if (!allThere([column], plate.name, table, problems)) continue;
    const text = await table.text(column);
    const symbol = model.data.find((d) => d.type.plate === plate.name);
    const levels = (symbol && knownLevels(symbol, model, options)) ?? sortedLevels(text);
    // a name that the fit has not seen is reported where the column is read
    const known = new Set(levels);
    if (text.some((t) => t !== undefined && !known.has(t))) continue;
    groups.set(plate.name, { column, values: numbered(text, levels), levels });
  }
  return groups;
}

/** Distinct labels, numbers by value where all are numbers, else as text. */
export function sortedLevels(text: readonly (string | undefined)[]): readonly string[] {
  const distinct = [...new Set(text.filter((t): t is string => t !== undefined))];
  const isNumbers = distinct.every((t) => Number.isFinite(Number(t)));
  return isNumbers ? distinct.sort((a, b) => Number(a) - Number(b)) : distinct.sort();
}

/** 1 for the first level; 0 where the cell is empty. */
export function numbered(text: readonly (string | undefined)[], levels: readonly string[]): Int32Array {
  const number = new Map(levels.map((level, n) => [level, n + 1]));
  return Int32Array.from(text, (t) => (t === undefined ? 0 : number.get(t)!));
}
