/** The E-step of the log densities: the posterior that they make, and the log-likelihood. */
import { add, number } from '../../../algebra/build.js';
import type { Axis } from '../../../plan/types.js';
import { argument, arrow, at, binary, call, constant, give, literal } from '../build.js';
import { member, method, name, object, parts, property } from '../build.js';
import type { Context } from '../context.js';
import { arrayType, declared } from '../declare.js';
import { codeOf, dataSymbol, dimCode } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, Declaration, FunctionDeclaration, Statement } from '../tree.js';
import { rowFunction } from './function.js';
import { axesPer, nestedOver, rowsOf, summands } from './log-densities.js';
import { overRanges } from './over.js';

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
