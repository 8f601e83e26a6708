/** What the parts of a module share: the plan, its names, and the sizes and constants whose values are known. */
import type { Dim, Expr, SymbolExpr } from '../../algebra/types.js';
import { dimOf, plateDim, rowsDim } from '../../derive/translate.js';
import type { Parameter } from '../../model/types.js';
import type { ParameterArray, Plan } from '../../plan/types.js';
import { array, at, constant, literal, member, name } from './build.js';
import { dimCode } from './expression.js';
import type { Scope } from './expression.js';
import type { Names } from './names.js';
import { asName, namesOf } from './names.js';
import type { Code, Statement } from './tree.js';

/** Values that stand in for what the model leaves open, or in place of its own. */
export interface Values {
  readonly sizes?: Readonly<Record<string, number>>;
  readonly constants?: ReadonlyMap<string, ParameterArray>;
}

export interface Context {
  readonly plan: Plan;
  readonly names: Names;
  /** K where something is hidden, else 1 */
  readonly components: Dim;
  /** name of the number of rows */
  readonly rows: string;
  readonly hasWeights: boolean;
  readonly hasLabels: boolean;
  /** the value of a size or constant, when it is known */
  readonly valueOf: (symbol: string) => Nested | undefined;
  /** constants and sizes of known value that the code reads: they are declared at the head */
  readonly used: Set<string>;
}

export type Nested = number | readonly Nested[];

export function contextOf(plan: Plan, values: Values): Context {
  const { model } = plan;
  const latent = model.latents.find((l) => l.name === plan.latent);
  return {
    plan,
    names: namesOf(plan),
    components: plan.component?.dim ?? 1,
    rows: rowsDim(model),
    hasWeights: model.data.some((d) => d.as === 'weight'),
    hasLabels: latent?.labels !== undefined,
    valueOf: (symbol) => {
      const given = values.constants?.get(symbol);
      if (given !== undefined) return nested(given);
      return (
        values.sizes?.[symbol] ??
        model.constants.find((c) => c.name === symbol)?.value ??
        model.sizes.find((s) => s.name === symbol)?.value
      );
    },
    used: new Set(),
  };
}

/** An array by rows of rows. */
export function nested({ shape, data }: ParameterArray): Nested {
  if (shape.length === 0) return data[0];
  const [length, ...rest] = shape as [number, ...number[]];
  const each = data.length / length;
  return Array.from({ length }, (_, n) =>
    nested({ shape: rest, data: data.subarray(n * each, n * each + each) }),
  );
}

export const nestedCode = (value: Nested): Code =>
  typeof value === 'number' ? literal(value) : array(...value.map(nestedCode));

/** The shape of a parameter, plates first. */
export const dimsOf = (parameter: Parameter, plan: Plan): readonly Dim[] => [
  ...parameter.plates.map((plate) => plateDim(plate, plan.model)),
  ...parameter.type.shape.map((size) => dimOf(size, plan.model)),
];

/** A function's view of the symbols: constants at the head of the module, sizes read off the parameters where unknown. */
export interface FunctionScope extends Scope {
  /** declarations of the sizes that the code has asked for */
  readonly sizes: () => readonly Statement[];
}

/**
 * `parameters` is the code of the parameters' object; `local` finds what the function itself has declared.
 */
export function scopeOf(
  context: Context,
  parameters: Code,
  local: (e: SymbolExpr) => Code | undefined,
): FunctionScope {
  const { names } = context;
  const read = new Map<string, Code>();
  const size = (dim: string): Code => {
    if (context.valueOf(dim) !== undefined) context.used.add(dim);
    else if (dim !== context.rows) {
      const length = lengthOf(dim, context, parameters);
      if (length === undefined) throw new Error(`${dim} has no value, and no parameter has its size`);
      read.set(dim, length);
    }
    return name(names.of(dim));
  };
  return {
    names,
    size,
    symbol: (e) => {
      const found = local(e);
      if (found !== undefined) return found;
      if (e.role !== 'constant') throw new Error(`${e.name} has no place in this function`);
      return size(e.name);
    },
    sizes: () => [...read].map(([dim, code]) => constant(names.of(dim), code)),
  };
}

/** A size that only the caller knows: the length of an axis of the parameters; undefined where none has it. */
export function lengthOf(dim: string, { plan }: Context, parameters: Code): Code | undefined {
  for (const parameter of plan.model.parameters) {
    const axis = dimsOf(parameter, plan).indexOf(dim);
    if (axis < 0) continue;
    const whole = member(parameters, parameter.name);
    return member(
      Array.from({ length: axis }).reduce<Code>((of) => at(of, literal(0)), whole),
      'length',
    );
  }
  return undefined;
}

/** Sizes and constants that an emitted module cannot find out by itself. */
export function missingValues(plan: Plan, values: Values): readonly string[] {
  const context = contextOf(plan, values);
  const isOpen = (symbol: string): boolean => context.valueOf(symbol) === undefined;
  const axes = new Set(plan.model.parameters.flatMap((p) => dimsOf(p, plan)));
  return plan.model.constants
    .filter((c) => isOpen(c.name) && c.name !== plan.model.limit?.constant && !axes.has(c.name))
    .map((c) => c.name);
}

/** What a group of columns is called, as a part of a name. */
export function groupName(group: number, { plan }: Context): string {
  const g = plan.groups[group];
  return asName(g.kind === 'symbol' ? g.symbol : g.name);
}

/** How many columns a group has. */
export function groupLength(group: number, { plan }: Context): Dim {
  const g = plan.groups[group];
  return g.kind === 'symbol' ? (g.dim ?? 1) : g.elements.length;
}

/** The first column of a group, and the one after its last. */
export function groupRange(group: number, context: Context, scope: Scope): readonly [Code, Code] {
  const sum = (dims: readonly Dim[]): Code => {
    const known = dims.reduce<number>((s, d) => (typeof d === 'number' ? s + d : s), 0);
    const open = dims.filter((d) => typeof d === 'string').map((d) => dimCode(d, scope));
    if (open.length === 0) return literal(known);
    const total = open.reduce((a, b) => ({ kind: 'binary', operator: '+', left: a, right: b }));
    return known === 0 ? total : { kind: 'binary', operator: '+', left: total, right: literal(known) };
  };
  const before = context.plan.groups.slice(0, group).map((_, n) => groupLength(n, context));
  return [sum(before), sum([...before, groupLength(group, context)])];
}

export const isExprZero = (e: Expr): boolean =>
  (e.kind === 'number' && e.value === 0) || (e.kind === 'fill' && isExprZero(e.value));
