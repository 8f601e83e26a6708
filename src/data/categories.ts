/** Columns whose cells are names rather than numbers: categories and booleans, numbered from 1 and from 0. */
import type { DataSymbol, Model } from '../model/types.js';
import type { BindOptions } from './bind.js';
import type { DataProblem, Table } from './types.js';

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
  const text = await table.text(column);
  const missing = text.filter((t) => t === undefined).length;
  if (symbol.type.domain === 'boolean') {
    const bad = text.findIndex((t) => t !== undefined && !TRUE.includes(t) && !FALSE.includes(t));
    const problems: readonly DataProblem[] =
      bad < 0
        ? []
        : [
            {
              kind: 'out-of-domain',
              column,
              row: bad + 1,
              value: text[bad]!,
              symbol: symbol.name,
              wanted: 'true or false (1 or 0)',
              count: 1,
            },
          ];
    return {
      values: Float64Array.from(text, (t) => (t === undefined ? NaN : TRUE.includes(t) ? 1 : 0)),
      levels: ['false', 'true'],
      missing,
      problems,
    };
  }
  const distinct = [...new Set(text.filter((t): t is string => t !== undefined))];
  const isNumbers = distinct.every((t) => Number.isFinite(Number(t)));
  const known = knownLevels(symbol, model, options);
  const levels = known ?? (isNumbers ? distinct.sort((a, b) => Number(a) - Number(b)) : distinct.sort());
  const unseen = known === undefined ? -1 : text.findIndex((t) => t !== undefined && !known.includes(t));
  if (known !== undefined && unseen >= 0)
    return {
      values: new Float64Array(text.length).fill(NaN),
      levels,
      missing,
      problems: [
        {
          kind: 'out-of-domain',
          column,
          row: unseen + 1,
          value: text[unseen]!,
          symbol: symbol.name,
          wanted: `one of the names that the fit has seen (${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''})`,
          count: text.filter((t) => t !== undefined && !known.includes(t)).length,
        },
      ],
    };
  const allowed = allowedLevels(symbol, model, options);
  const problems: readonly DataProblem[] =
    allowed !== undefined && levels.length > allowed
      ? [{ kind: 'too-many-labels', column, symbol: symbol.name, levels, allowed }]
      : [];
  const number = new Map(levels.map((level, n) => [level, n + 1]));
  return {
    values: Float64Array.from(text, (t) => (t === undefined ? NaN : number.get(t)!)),
    levels,
    missing,
    problems,
  };
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
