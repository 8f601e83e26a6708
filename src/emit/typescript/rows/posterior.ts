/** The E-step, row by row as on paper: log densities, the posterior that they make, and the log-likelihood. */
import { add, isNumber, multiply, number, running, sum } from '../../../algebra/build.js';
import { dependsOn } from '../../../algebra/traverse.js';
import { toExpr } from '../../../algebra/normal.js';
import { printText } from '../../../algebra/print.js';
import type { Expr, Range, Term } from '../../../algebra/types.js';
import type { JointFactor } from '../../../derive/types.js';
import { isSupport } from '../../../plan/build.js';
import type { Axis } from '../../../plan/types.js';
import {
  argument,
  arrow,
  at,
  binary,
  call,
  conditional,
  constant,
  give,
  literal,
  member,
  method,
  name,
  object,
  parts,
  property,
} from '../build.js';
import type { Context } from '../context.js';
import { declared } from '../declare.js';
import { codeOf, dimCode } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, Declaration, FunctionDeclaration, Statement } from '../tree.js';
import { labelledAxes } from './data.js';
import { rowFunction } from './function.js';
import { hoisting } from './hoist.js';
import { overRanges } from './over.js';

const TYPES = ['number', 'Vector', 'Matrix', 'readonly Matrix[]', 'readonly (readonly Matrix[])[]'];
export const arrayType = (depth: number): string => TYPES[depth] ?? 'never';

/** Nested over the values of latents. */
const nestedOver = (axes: readonly Axis[], scope: Scope, body: Code): Code =>
  overRanges(
    axes.map((a) => a.value),
    body,
    scope,
  );

const axesPer = ({ plan }: Context, per: Axis['per']): readonly Axis[] =>
  plan.axes.filter((a) => a.per === per);

const rowsOf = ({ plan }: Context): Range => {
  if (plan.rows === undefined) throw new Error(`${plan.model.name} has no rows`);
  return plan.rows;
};

// ------------------------------------------------------------------------------------------------ log densities

/**
 * The summands of a row's log density; of a group's, where `per` says so. Where a row is outside of what a distribution can
 * give is said apart from them (`masked`): beside −∞ they need be no numbers.
 */
function summands(context: Context, per: 'row' | 'group'): readonly Expr[] {
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

const dataSymbol = (symbol: string) => ({
  kind: 'symbol' as const,
  name: symbol,
  role: 'data' as const,
  indices: [],
  shape: [],
  fact: undefined,
});

/** Names that are numbered from the second on. */
export function unusedNames(own: (wanted: string) => string): (wanted: string) => string {
  const taken = new Map<string, number>();
  return (wanted) => {
    const n = (taken.get(wanted) ?? 0) + 1;
    taken.set(wanted, n);
    return own(n === 1 ? wanted : `${wanted}${String(n)}`);
  };
}

// ------------------------------------------------------------------------------------------------ posterior

/** Names of the responsibilities: of the rows, and of the groups. */
export function responsibilityNames({ plan }: Context): {
  readonly row: string | undefined;
  readonly group: string | undefined;
} {
  const { posterior } = plan.derivation;
  if (posterior === undefined) return { row: undefined, group: undefined };
  const hasGroups = plan.axes.some((a) => a.per === 'group');
  const hasRows = plan.axes.some((a) => a.per === 'row');
  return {
    row: hasRows ? posterior.name : undefined,
    group: hasGroups ? posterior.groupName : undefined,
  };
}

export function posteriorInterface(context: Context): Declaration {
  const { plan } = context;
  const { row, group } = responsibilityNames(context);
  const sizes = (axes: readonly Axis[]): string => axes.map((a) => String(a.value.dim)).join(', ');
  const latents = (axes: readonly Axis[]): string => axes.map((a) => a.latent).join(', ');
  const groups = axesPer(context, 'group');
  const grouped = plan.grouping !== undefined && groups.length > 0;
  const field = (documentation: string, wanted: string, type: string) => ({
    documentation,
    name: wanted,
    isOptional: false,
    type,
  });
  return {
    kind: 'interface',
    documentation: 'The E-step.',
    name: 'Posterior',
    members: [
      ...(group === undefined
        ? []
        : [
            field(
              `[${String(plan.grouping!.range.dim)}, ${sizes(groups)}] the probabilities of ${latents(groups)} of each group`,
              group,
              arrayType(1 + groups.length),
            ),
          ]),
      ...(row === undefined
        ? []
        : [
            field(
              `[${context.rows}, ${sizes(plan.axes)}] the probabilities of ${latents(plan.axes)} of each row`,
              row,
              arrayType(1 + plan.axes.length),
            ),
          ]),
      field(
        plan.assignment === 'hard'
          ? `[${context.rows}] the largest log density`
          : grouped
            ? `[${String(plan.grouping.range.dim)}] log p of the rows of each group`
            : `[${context.rows}] log p of the row`,
        'logDensity',
        'Vector',
      ),
    ],
  };
}

export function posteriorFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const [data, parameters, logits] = ['data', 'parameters', 'logits'].map(names.own);
  const own = rowFunction(context, { data, parameters, local: () => undefined });
  const densities = call('logDensities', name(data), name(parameters));
  const body =
    plan.axes.length === 0
      ? [give(object(property('logDensity', densities)))]
      : [
          constant(logits, densities),
          ...(axesPer(context, 'group').length > 0
            ? groupedStatements(context, own.scope, logits)
            : rowStatements(context, logits)),
        ];
  return declared(
    'posterior',
    plan.axes.length === 0
      ? 'The densities of the rows; nothing is hidden.'
      : plan.assignment === 'hard'
        ? 'Each row belongs to what has the largest log density, the first of equal ones.'
        : 'The posterior: exp of the log densities over their sum, the largest taken out first.',
    [argument(data, 'Data'), argument(parameters, 'Parameters')],
    'Posterior',
    [...own.head(), ...body],
  );
}

const normaliser = ({ plan }: Context): string => (plan.assignment === 'hard' ? 'assign' : 'normalise');

function rowStatements(context: Context, logits: string): readonly Statement[] {
  const { names } = context;
  const [rows, row] = ['rows', 'row'].map(names.own);
  const field = (of: string): Code => method(name(rows), 'map', arrow([row], member(name(row), of)));
  return [
    constant(rows, method(name(logits), 'map', arrow([row], call(normaliser(context), name(row))))),
    give(
      object(
        property(responsibilityNames(context).row!, field('shares')),
        property('logDensity', field('logTotal')),
      ),
    ),
  ];
}

/**
 * The latents of a group see all of its rows: the log densities of the rows, with the rows' own latents summed out, are
 * added up.
 */
function groupedStatements(context: Context, scope: Scope, logits: string): readonly Statement[] {
  const { plan, names } = context;
  const grouping = plan.grouping!;
  const rows = rowsOf(context);
  const groups = axesPer(context, 'group');
  const ofRows = axesPer(context, 'row');
  const [within, members, group, member_, shares] = ['within', 'members', 'group', 'row', 'shares'].map(
    names.own,
  );
  const i = names.index(rows.index);
  const g = names.index(grouping.range.index);
  const groupDim = dimCode(grouping.range.dim, scope);
  const codes = scope.symbol(dataSymbol(grouping.symbol));
  const atIndices = (of: Code, axes: readonly Axis[]): Code =>
    axes.reduce((code, a) => at(code, name(names.index(a.value.index))), of);
  const hasOwn = ofRows.length > 0;
  const weight = plan.model.data.find((d) => d.as === 'weight');
  const evidence = (row: Code): Code => {
    const value = atIndices(at(name(hasOwn ? within : logits), row), groups);
    const total = hasOwn ? member(value, 'logTotal') : value;
    return weight === undefined
      ? total
      : call('times', at(scope.symbol(dataSymbol(weight.name)), row), total);
  };
  const prior = codeOf(add(...summands(context, 'group'), number(0)), scope);
  const together = call(
    'normalise',
    nestedOver(
      groups,
      scope,
      binary(
        prior,
        '+',
        call('totalOf', at(name(members), name(g)), arrow([member_], evidence(name(member_)))),
      ),
    ),
  );
  const { row, group: ofGroup } = responsibilityNames(context);
  const product = (): Code =>
    overRanges(
      [rows, ...plan.axes.map((a) => a.value)],
      binary(
        atIndices(at(name(shares), binary(at(codes, name(i)), '-', literal(1))), groups),
        '*',
        atIndices(member(atIndices(at(name(within), name(i)), groups), 'shares'), ofRows),
      ),
      scope,
    );
  return [
    ...(hasOwn
      ? [
          constant(
            within,
            call(
              'each',
              dimCode(rows.dim, scope),
              arrow(
                [i],
                nestedOver(
                  groups,
                  scope,
                  call(normaliser(context), atIndices(at(name(logits), name(i)), groups)),
                ),
              ),
            ),
          ),
        ]
      : []),
    constant(members, call('membersOf', codes, groupDim)),
    constant(names.own('groups'), call('each', groupDim, arrow([g], together))),
    constant(shares, method(name(names.own('groups')), 'map', arrow([group], member(name(group), 'shares')))),
    give(
      object(
        property(ofGroup!, name(shares)),
        ...(row === undefined ? [] : [property(row, product())]),
        property(
          'logDensity',
          method(name(names.own('groups')), 'map', arrow([group], member(name(group), 'logTotal'))),
        ),
      ),
    ),
  ];
}

// ------------------------------------------------------------------------------------------------ log-likelihood

export function logLikelihoodFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const data = names.own('data');
  const weight = plan.model.data.find((d) => d.as === 'weight');
  const isGrouped = plan.axes.some((a) => a.per === 'group');
  const density = name('logDensity');
  const n = names.own('row');
  const value = at(density, name(n));
  const isWeighted = weight !== undefined && !isGrouped;
  return declared(
    'logLikelihood',
    plan.assignment === 'hard' ? 'Σ of the largest log densities.' : 'log p of all rows together.',
    [...(isWeighted ? [argument(data, 'Data')] : []), argument(parts('logDensity'), 'Posterior')],
    'number',
    [
      give(
        call(
          'sum',
          member(density, 'length'),
          arrow([n], isWeighted ? call('times', at(member(name(data), weight.name), name(n)), value) : value),
        ),
      ),
    ],
  );
}
