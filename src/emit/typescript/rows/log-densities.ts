/** Log densities row by row, with what is the same for all rows computed before. */
import { add, isNumber, isSupport, multiply, running, sum } from '../../../algebra/build.js';
import { toExpr } from '../../../algebra/normal.js';
import { printText } from '../../../algebra/print.js';
import { dependsOn } from '../../../algebra/traverse.js';
import type { Expr, Range, Term } from '../../../algebra/types.js';
import type { JointFactor } from '../../../derive/types.js';
import type { Axis } from '../../../plan/types.js';
import { argument, arrow, at, binary, call, conditional, give, literal, name } from '../build.js';
import type { Context } from '../context.js';
import { arrayType, declared } from '../declare.js';
import { codeOf, dataSymbol, dimCode } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, FunctionDeclaration } from '../tree.js';
import { labelledAxes } from './data.js';
import { rowFunction } from './function.js';
import { hoisting } from './hoist.js';
import { overRanges } from './over.js';

/** Nested over the values of latents. */
export const nestedOver = (axes: readonly Axis[], scope: Scope, body: Code): Code =>
  overRanges(
    axes.map((a) => a.value),
    body,
    scope,
  );

export const axesPer = ({ plan }: Context, per: Axis['per']): readonly Axis[] =>
  plan.axes.filter((a) => a.per === per);

export const rowsOf = ({ plan }: Context): Range => {
  if (plan.rows === undefined) throw new Error(`${plan.model.name} has no rows`);
  return plan.rows;
};

/**
 * The summands of a row's log density; of a group's, where `per` says so. Where a row is outside of what a distribution can
 * give is said apart from them (`masked`): beside −∞ they need be no numbers.
 */
export function summands(context: Context, per: 'row' | 'group'): readonly Expr[] {
  const { posterior, factors } = context.plan.derivation;
  const rows = rowsOf(context).index;
  const isPart = (t: Term): boolean => !t.factors.some((f) => dependsOn(f, rows) && isSupport(f));
  if (posterior !== undefined)
    return posterior.logits.filter((l) => l.per === per).map((l) => toExpr(l.terms.filter(isPart)));
  return per === 'group'
    ? []
    : factors.filter((f) => f.role === 'data').map((f) => observedDensity(f, context));
}

/** A log density with −∞ where a row is outside of a component's support, or has another label. */
function masked(density: Code, row: string, context: Context, scope: Scope): Code {
  const { names, plan } = context;
  const nowhere: Code = { kind: 'prefix', operator: '-', of: name('Infinity') };
  const inside = plan.logits.reduce((body, t) => {
    if (t.kind !== 'support') return body;
    const tests = [
      ...(isNumber(t.when, 1) ? [] : [testOf(t.when, scope)]),
      notCode(plan.supports[t.support], scope),
    ];
    return conditional(
      tests.reduce((a, b) => binary(a, '&&', b)),
      nowhere,
      body,
    );
  }, density);
  return labelledAxes(context).reduce((body, a) => {
    const label = at(scope.symbol(dataSymbol(a.latent)), name(row));
    const another = binary(label, '!==', binary(name(names.index(a.value.index)), '+', literal(1)));
    return conditional(binary(binary(label, '!==', literal(0)), '&&', another), nowhere, body);
  }, inside);
}

const testOf = (e: Expr, scope: Scope): Code => {
  const code = codeOf(e, scope);
  return code.kind === 'conditional' && code.then.kind === 'number'
    ? code.test
    : binary(code, '!==', literal(0));
};

const OPPOSITE = { '=': '!=', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** exp log [a <= x] is the condition itself. */
function notCode(e: Expr, scope: Scope): Code {
  if (e.kind === 'function' && e.name === 'exp' && isSupport(e.argument) && e.argument.kind === 'function')
    return notCode(e.argument.argument, scope);
  return e.kind === 'condition'
    ? testOf({ ...e, relation: OPPOSITE[e.relation] }, scope)
    : binary(codeOf(e, scope), '===', literal(0));
}

/** A density with nothing hidden: what the data say of its parameters' copies is put in the place of their index. */
function observedDensity(factor: JointFactor, context: Context): Expr {
  const rows = rowsOf(context).index;
  const density = factor.selectors.reduce((e, s) => {
    const where = s.at[0];
    if (s.role !== 'data' || where.kind !== 'running') throw new Error(`${s.symbol} is hidden`);
    return sum(
      s.value,
      multiply(
        { kind: 'indicator', role: 'data', symbol: s.symbol, at: s.at, value: running(s.value.index) },
        e,
      ),
    );
  }, factor.density);
  return factor.ranges
    .filter((r) => r.index !== rows)
    .filter((r) => !factor.selectors.some((s) => s.value.index === r.index))
    .reduce((e, r) => sum(r, e), density);
}

export function logDensitiesFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const [data, parameters] = [names.own('data'), names.own('parameters')];
  const rows = rowsOf(context);
  const list = summands(context, 'row');
  const hoist = hoisting(rows.index, unusedNames(names.own));
  const own = rowFunction(context, {
    data,
    parameters,
    local: (e) => (hoist.name(e.name) === undefined ? undefined : name(hoist.name(e.name)!)),
  });
  const { head } = own;
  const scope: Scope = { ...own.scope, isInfinite: hoist.isInfinite };
  const bound = plan.axes.map((a) => a.value);
  const value = codeOf(hoist.row(add(...list), bound), scope);
  const constants = hoist.statements(own.scope);
  const i = names.index(rows.index);
  const body = [
    ...constants,
    give(
      call(
        'each',
        dimCode(rows.dim, scope),
        arrow([i], nestedOver(plan.axes, scope, masked(value, i, context, scope))),
      ),
    ),
  ];
  const of = plan.axes.map((a) => a.value.index);
  const shape = `[${[context.rows, ...plan.axes.map((a) => String(a.value.dim))].join(', ')}]`;
  const what = `${densityText(context)} of every row, ${shape}`;
  return declared(
    'logDensities',
    `${what}:\n\n${list.map((e, n) => `    ${n === 0 ? '' : '+ '}${printText(e)}`).join('\n')}`,
    [argument(data, 'Data'), argument(parameters, 'Parameters')],
    arrayType(1 + of.length),
    [...head(), ...body],
  );
}

/** The rows' own latents are in it; those of groups are given. */
function densityText(context: Context): string {
  const list = (per: Axis['per']): string =>
    axesPer(context, per)
      .map((a) => `${a.latent} = ${a.value.index}`)
      .join(', ');
  const [own, given] = [list('row'), list('group')];
  return `log p(row${own === '' ? '' : `, ${own}`}${given === '' ? '' : ` | ${given}`})`;
}

/** Names that are numbered from the second on. */
export function unusedNames(own: (wanted: string) => string): (wanted: string) => string {
  const taken = new Map<string, number>();
  return (wanted) => {
    const n = (taken.get(wanted) ?? 0) + 1;
    taken.set(wanted, n);
    return own(n === 1 ? wanted : `${wanted}${String(n)}`);
  };
}
