/** Columns whose cells are names rather than numbers: categories and booleans, numbered from 1 and from 0. */
import type { DataSymbol, Model } from '../model/types.js';
import type { BindOptions } from './bind.js';
import type { DataProblem, NameColumn, Table } from './types.js';

export interface ReadCategories {
  readonly values: Float64Array;
  readonly levels: readonly string[];
  readonly missing: number;
  readonly problems: readonly DataProblem[];
}

const TRUE = ['1', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'false', 'FALSE', 'False'];

export async function readCategories(
  symbol: DataSymbol,
  column: string,
  table: Table,
  model: Model,
  options: BindOptions,
): Promise<ReadCategories> {
  const { names, codes } = await table.byName(column);
  const missing = codes.reduce((n, code) => (code === 0 ? n + 1 : n), 0);
  /** of every row what its name stands for, NaN where the cell is missing */
  const valuesOf = (value: (name: string) => number): Float64Array => {
    const known = Float64Array.from([NaN, ...names.map(value)]);
    const values = new Float64Array(codes.length);
    for (let i = 0; i < codes.length; i++) values[i] = known[codes[i]];
    return values;
  };
  /** The first row with a name that the symbol cannot have, and how many there are. */
  const refused = (isRefused: (name: string) => boolean, wanted: string): readonly DataProblem[] => {
    const isSo = [false, ...names.map(isRefused)];
    const first = codes.findIndex((code) => isSo[code]);
    if (first < 0) return [];
    const count = codes.reduce((n, code) => (isSo[code] ? n + 1 : n), 0);
    const value = names[codes[first] - 1];
    return [{ kind: 'out-of-domain', column, row: first + 1, value, symbol: symbol.name, wanted, count }];
  };
  if (symbol.type.domain === 'boolean')
    return {
      values: valuesOf((name) => (TRUE.includes(name) ? 1 : 0)),
      levels: ['false', 'true'],
      missing,
      problems: refused((name) => !TRUE.includes(name) && !FALSE.includes(name), 'true or false (1 or 0)'),
    };
  const known = knownLevels(symbol, model, options);
  const levels = known ?? sortedLevels(names);
  const isLevel = new Set(levels);
  const unseen = refused(
    (name) => !isLevel.has(name),
    `one of the names that the fit has seen (${levels.slice(0, 8).join(', ')}${levels.length > 8 ? ', …' : ''})`,
  );
  if (unseen.length > 0)
    return { values: new Float64Array(codes.length).fill(NaN), levels, missing, problems: unseen };
  const allowed = allowedLevels(symbol, model, options);
  const problems: readonly DataProblem[] =
    allowed !== undefined && levels.length > allowed
      ? [{ kind: 'too-many-labels', column, symbol: symbol.name, levels, allowed }]
      : [];
  const number = new Map(levels.map((level, n) => [level, n + 1]));
  return { values: valuesOf((name) => number.get(name)!), levels, missing, problems };
}

/**
 * Names that must keep the numbers that a fit gave them: of categories, and of groups that a parameter has an entry for.
 * Groups that only a latent belongs to may be new ones.
 */
export function knownLevels(
  symbol: DataSymbol,
  model: Model,
  options: BindOptions,
): readonly string[] | undefined {
  const levels = options.levels?.[symbol.name];
  const plate = model.plates.find((p) => p.name === symbol.type.plate);
  if (levels === undefined || symbol.type.domain === 'boolean') return undefined;
  const isOfLatents = plate?.range.kind === 'distinct' && !hasParameters(plate.name, model);
  return isOfLatents ? undefined : levels;
}

const hasParameters = (plate: string, model: Model): boolean =>
  model.parameters.some(
    (p) =>
      p.plates.some((x) => x === plate) || p.type.shape.some((s) => s.kind === 'plate' && s.plate === plate),
  );

function allowedLevels(symbol: DataSymbol, model: Model, options: BindOptions): number | undefined {
  const size = symbol.type.categories;
  if (size?.kind === 'number') return size.value;
  if (size?.kind === 'constant') return options.constants.get(size.name) as number | undefined;
  const plate = model.plates.find((p) => p.name === symbol.type.plate);
  if (plate?.range.kind !== 'count') return undefined;
  const upTo = plate.range.upTo;
  return upTo.kind === 'number'
    ? upTo.value
    : upTo.kind === 'constant'
      ? (options.constants.get(upTo.name) as number | undefined)
      : undefined;
}

/** Numbers by value where all names are numbers, else as text. */
export function sortedLevels(names: readonly string[]): readonly string[] {
  const areNumbers = names.every((name) => Number.isFinite(Number(name)));
  return areNumbers ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted();
}

/** From 1 for the first level; 0 where the cell is missing. */
export function numbered({ names, codes }: NameColumn, levels: readonly string[]): Int32Array {
  const number = new Map(levels.map((level, n) => [level, n + 1]));
  const known = Int32Array.from([0, ...names.map((name) => number.get(name)!)]);
  return codes.map((code) => known[code]);
}
