/** Named statistics in code: each read off the moments of the columns, block by block. */
import { fixed, running, shapeOf, symbol } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import { symbolsOf } from '../../algebra/traverse.js';
import type { Expr, Index, SymbolExpr } from '../../algebra/types.js';
import type { PlannedStatistic } from '../../plan/types.js';
import { arrow, at, call, constant, give, literal, method, name } from './build.js';
import { groupName, groupRange } from './context.js';
import type { Context, FunctionScope } from './context.js';
import { codeOf, dimCode, eachCode } from './expression.js';
import { groupShape, readingOf, weightName } from './moments.js';
import type { Code, Statement } from './tree.js';

/** The name, in expressions, of what a statistic is the square of, at the mean. */
export const AT_MEAN = ' e';

// ------------------------------------------------------------------------------------------------ moments, by block

/** A group's mean or the scatter of two, of all components. */
export function momentBlock(
  wanted: string,
  context: Context,
  scope: FunctionScope,
): { readonly code: Code; readonly statements: readonly Statement[] } {
  const { plan, names, components } = context;
  const [kind, ...numbers] = wanted.split(' ') as ['mean' | 'scatter', ...string[]];
  const groups = numbers.map(Number);
  const k = plan.component === undefined ? names.own('k') : names.index(plan.component.index);
  const isOne = plan.component === undefined;
  const whole = name(names.own(kind));
  const isWhole = plan.groups.length === 1 && groupShape(plan.groups[0]).length === 1;
  if (isWhole) return { code: isOne ? at(whole, literal(0)) : whole, statements: [] };
  const used = plan.pairs.statistics === 'squares' && kind === 'scatter' ? groups.slice(0, 1) : groups;
  const id = names.own(`${kind}_${used.map((g) => groupName(g, context)).join('_')}`);
  const select = (of: Code, g: number): Code => {
    const [first, end] = groupRange(g, context, scope);
    return groupShape(plan.groups[g]).length === 0 ? at(of, first) : method(of, 'slice', first, end);
  };
  const [first, second] = used as [number, number | undefined];
  const start = select(at(whole, isOne ? literal(0) : name(k)), first);
  const value =
    second === undefined
      ? start
      : groupShape(plan.groups[first]).length === 0
        ? select(start, second)
        : method(start, 'map', arrow(['row'], select(name('row'), second)));
  const all = isOne ? value : call('each', dimCode(components, scope), arrow([k], value));
  return { code: name(id), statements: [constant(id, all)] };
}

// ------------------------------------------------------------------------------------------------ statistics

export const statisticLine = (s: PlannedStatistic): string =>
  `${printText(statisticSymbol(s))} = ${printText(s.definition)}`;
const statisticSymbol = (s: PlannedStatistic): SymbolExpr =>
  symbol(
    s.name,
    'statistic',
    s.ranges.map((r) => running(r.index)),
    [],
  );

export function unusedName(wanted: string, declared: Set<string>): string {
  const id = declared.has(wanted) ? unusedName(`${wanted}_`, declared) : wanted;
  declared.add(id);
  return id;
}

/** A statistic as it is read off the moments; `e` is what it is the square of, at the mean. */
export function statisticStatements(
  s: PlannedStatistic,
  id: string,
  context: Context,
  scope: FunctionScope,
  done: Map<string, string>,
  declared: Set<string>,
): readonly Statement[] {
  const { plan, names, components } = context;
  const range = plan.component;
  const one = fixedComponent(s.definition);
  const index: Index | undefined = one === undefined ? range && running(range.index) : fixed(one);
  const indices = index === undefined ? [] : [index];
  // n[k], where it has a name, stands for the weight
  const count = plan.statistics.find(
    (other) => other.reading.kind === 'weight' && other.ranges.length > 0 && done.has(other.name),
  );
  if (s.reading.kind === 'general' || s.reading.kind === 'median')
    throw new Error(`no code for ${s.name}: it goes through the rows`);
  const reading = readingOf(
    s.reading,
    plan,
    indices,
    symbol(count?.name ?? weightName, 'statistic', indices),
  );
  const e = reading.atMean;
  const isAlone = index?.kind !== 'running';
  const local = isAlone && e !== undefined ? unusedName(names.own('e'), declared) : names.own('e');
  if (e !== undefined) done.set(AT_MEAN, local);
  const value = codeOf(reading.value(e && symbol(AT_MEAN, 'statistic', [], shapeOf(e))), scope);
  const before = e === undefined ? [] : [constant(local, codeOf(e, scope))];
  if (isAlone) return [...before, constant(id, value)];
  const all = dimCode(components, scope);
  const k = names.index(index.index);
  const body = before.length === 0 ? value : [...before, give(value)];
  if (s.ranges.length === 0)
    // a sum over all rows is the sum over the components of their sums
    return [constant(id, call('sum', all, arrow([k], body)))];
  return [constant(id, isStatements(body) ? call('each', all, arrow([k], body)) : eachCode(all, k, body))];
}

const isStatements = (body: Code | readonly Statement[]): body is readonly Statement[] => Array.isArray(body);

/** The component (from 1) whose rows alone a statistic sums, as r[i,1] says. */
function fixedComponent(e: Expr): number | undefined {
  const index = symbolsOf(e)
    .filter((s) => s.role === 'responsibility')
    .map((s) => s.indices[1])
    .find((i) => i?.kind === 'fixed');
  return index?.kind === 'fixed' ? index.value : undefined;
}
