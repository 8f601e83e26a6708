/** A function over the data, row by row: it takes out of its arguments what its body has asked for. */
import { plateDim } from '../../../derive/translate.js';
import type { SymbolExpr } from '../../../algebra/types.js';
import type { Plan } from '../../../plan/types.js';
import { arrow, array, call, constant, member, name, parts } from '../build.js';
import { lengthOf } from '../context.js';
import type { Context } from '../context.js';
import { codeOf } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, Statement } from '../tree.js';

export interface RowFunction {
  readonly scope: Scope;
  /** what the body needs before it */
  readonly head: () => readonly Statement[];
}

/** Where the names of a function come from: its arguments, and what it has declared itself. */
export interface Sources {
  readonly data: string;
  readonly parameters: string;
  /** undefined: parameters are taken out of their argument at the head */
  readonly local: (e: SymbolExpr) => Code | undefined;
}

export function rowFunction(context: Context, { data, parameters, local }: Sources): RowFunction {
  const { plan, names } = context;
  const usedData = new Set<string>();
  const usedParameters = new Set<string>();
  const sizes = new Map<string, Code>();
  const definitions = new Map<string, Code>();
  const dataCode = (symbol: string): Code => {
    if (plan.model.data.some((d) => d.name === symbol) || plan.model.latents.some((l) => l.name === symbol))
      usedData.add(symbol);
    else if (!definitions.has(symbol)) {
      // the place is kept first: a definition may read others
      const code = definitionCode(symbol);
      definitions.set(symbol, code);
    }
    return name(names.of(symbol));
  };
  const definitionCode = (symbol: string): Code => {
    const group = plan.groups.find((g) => g.kind === 'derived' && g.name === symbol);
    if (group?.kind !== 'derived' || plan.rows === undefined) throw new Error(`${symbol} has no columns`);
    const elements = group.elements.map((e) => codeOf(e, scope));
    const value = group.isVector ? array(...elements) : elements[0];
    return call('each', scope.size(plan.rows.dim as string), arrow([names.index(plan.rows.index)], value));
  };
  const scope: Scope = {
    names,
    size: (dim) => {
      if (context.valueOf(dim) !== undefined) context.used.add(dim);
      else if (!sizes.has(dim)) sizes.set(dim, sizeCode(dim, context, dataCode, parameters));
      return name(names.of(dim));
    },
    symbol: (e) => {
      const found = local(e);
      if (found !== undefined) return found;
      if (e.role === 'data' || e.role === 'weight') return dataCode(e.name);
      if (e.role === 'parameter') {
        usedParameters.add(e.name);
        return name(names.of(e.name));
      }
      if (e.role !== 'constant') throw new Error(`${e.name} has no place in this function`);
      return scope.size(e.name);
    },
  };
  const taken = (list: ReadonlySet<string>, from: string): readonly Statement[] =>
    list.size === 0
      ? []
      : [constant(parts(...[...list].map((s): readonly [string, string] => [s, names.of(s)])), name(from))];
  return {
    scope,
    head: () => {
      const list = [...sizes].map(([dim, code]) => constant(names.of(dim), code));
      const made = [...definitions].map(([symbol, code]) => constant(names.of(symbol), code));
      return [...taken(usedData, data), ...taken(usedParameters, parameters), ...list, ...made];
    },
  };
}

/** The rows are as many as the first data symbol has, groups as many as their highest number, axes as long as parameters. */
function sizeCode(
  dim: string,
  context: Context,
  dataCode: (symbol: string) => Code,
  parameters: string,
): Code {
  const { plan, rows } = context;
  if (dim === rows) return member(dataCode(plan.model.data[0].name), 'length');
  const grouped = groupSymbol(dim, plan);
  const ofParameters = lengthOf(dim, context, name(parameters));
  if (ofParameters !== undefined) return ofParameters;
  if (grouped === undefined) throw new Error(`${dim} has no value`);
  return call('highest', dataCode(grouped));
}

/** The data symbol that says which value of a plate a row has. */
const groupSymbol = (dim: string, { model }: Plan): string | undefined =>
  model.data.find((d) => d.type.plate !== undefined && String(plateDim(d.type.plate, model)) === dim)?.name;
