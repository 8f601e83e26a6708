/** `maximisation`: the M-step, each update as the derivation has it, with the derivation's own lines as its comments. */
import { isNumber, shapeOf } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import { containsSymbol, dependsOn, partsOf } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import { placesText } from '../../derive/copies.js';
import type { Step } from '../../derive/types.js';
import { sideText } from '../../derive/words.js';
import type { PlannedUpdate } from '../../plan/types.js';
import {
  argument,
  arrow,
  at,
  binary,
  blank,
  call,
  comment,
  conditional,
  constant,
  give,
  literal,
  member,
  name,
  object,
  parts,
  property,
} from './build.js';
import { dimsOf, scopeOf } from './context.js';
import type { Context, FunctionScope } from './context.js';
import { choose, codeOf, dimCode, eachCode } from './expression.js';
import type { Scope } from './expression.js';
import { isMoment, weightName } from './moments.js';
import { AT_MEAN, momentBlock, statisticLine, statisticStatements, unusedName } from './statistics.js';
import type { Code, FunctionDeclaration, Statement } from './tree.js';

/** The M-step; where updates contain each other, one round of them and the function that repeats it until they settle. */
export function maximisationFunctions(context: Context): {
  readonly maximisation: FunctionDeclaration;
  readonly helpers: readonly FunctionDeclaration[];
} {
  const round = maximisationFunction(context);
  if (!context.plan.derivation.conditional) return { maximisation: round, helpers: [] };
  const [statistics, previous, held] = ['statistics', 'previous', 'held'].map((n) => context.names.own(n));
  const repeated = arrow([held], call('maximisationRound', name(statistics), name(held)));
  const maximisation: FunctionDeclaration = {
    ...round,
    documentation: [
      'The M-step. Solutions contain each other: they are repeated until they settle, each a conditional maximisation.',
    ].join('\n'),
    arguments: [argument(statistics, 'Statistics'), argument(previous, 'Parameters')],
    body: [give(call('settle', name(previous), repeated))],
  };
  return {
    maximisation,
    helpers: [{ ...round, name: 'maximisationRound', isExported: false }],
  };
}

function maximisationFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  /** what has been computed, and its name in the code */
  const done = new Map<string, string>();
  const declared = new Set<string>();
  const previous = names.own('previous');
  const moments = new Map<string, Code>();
  const momentStatements: Statement[] = [];
  const scope: FunctionScope = scopeOf(context, name(previous), (e) => {
    if (e.role === 'parameter')
      return done.has(e.name) ? name(done.get(e.name)!) : member(name(previous), e.name);
    if (e.name === AT_MEAN) return name(done.get(AT_MEAN)!);
    if (e.name === weightName)
      return plan.component === undefined
        ? at(name(names.own('weight')), literal(0))
        : name(names.own('weight'));
    if (isMoment(e.name)) return moment(e.name);
    return e.role === 'statistic' ? name(done.get(e.name)!) : undefined;
  });
  const moment = (wanted: string): Code => {
    const known = moments.get(wanted);
    if (known !== undefined) return known;
    const { code, statements } = momentBlock(wanted, context, scope);
    momentStatements[wanted.startsWith('mean') ? 'unshift' : 'push'](...statements);
    moments.set(wanted, code);
    return code;
  };

  const body: Statement[] = [];
  for (const update of plan.updates) {
    const wanted = plan.statistics.filter((s) =>
      [update.value, update.divisor].some((e) => containsSymbol(e, s.name)),
    );
    const fresh = wanted.filter((s) => !done.has(s.name));
    body.push(blank);
    for (const statistic of fresh) {
      const id = unusedName(names.of(statistic.name), declared);
      body.push(
        comment(statisticLine(statistic)),
        ...statisticStatements(statistic, id, context, scope, done, declared),
      );
      done.set(statistic.name, id);
    }
    body.push(...updateLines(update, context).map(comment));
    body.push(constant(names.of(update.parameter), updateCode(update, context, scope, previous)));
    done.set(update.parameter, names.of(update.parameter));
    // a statistic that looks at this parameter is another one from here on
    for (const s of plan.statistics) if (containsSymbol(s.definition, update.parameter)) done.delete(s.name);
  }
  const kept = plan.model.parameters.map((p) =>
    property(p.name, done.has(p.name) ? name(done.get(p.name)!) : member(name(previous), p.name)),
  );
  if (momentStatements.length > 0)
    momentStatements.unshift(comment('the moments of the columns, block by block'));
  const statements = [
    ...momentStatements,
    ...(momentStatements.length === 0 ? body.slice(1) : body),
    blank,
    give(object(...kept)),
  ];
  const sizes = scope.sizes();
  const all = [
    ...sizes,
    ...(sizes.length > 0 && momentStatements.length === 0 ? [blank] : []),
    ...statements,
  ];
  const readsPrevious = mentions(all, previous);
  return {
    kind: 'function',
    documentation: [
      `The M-step: ${plan.updates.map((u) => u.parameter).join(', then ')}, in float64.`,
      ...(plan.derivation.conditional ? ['One round: each solution holds the others where they are.'] : []),
      ...(readsPrevious ? ['What a solution holds, and what no row tells, is taken from `previous`.'] : []),
    ].join('\n'),
    name: 'maximisation',
    isExported: true,
    isAsync: false,
    arguments: [
      argument(parts(...readFields(all, context)), 'Statistics'),
      ...(readsPrevious ? [argument(previous, 'Parameters')] : []),
    ],
    returns: 'Parameters',
    body: all,
  };
}

/** The fields of the statistics that the code mentions. */
function readFields(
  code: readonly Statement[],
  { names, rows }: Context,
): readonly (readonly [string, string])[] {
  const fields = [
    [rows, names.of(rows)] as const,
    ...['weight', 'mean', 'scatter'].map((f) => [f, names.own(f)] as const),
  ];
  return fields.filter(([, local]) => mentions(code, local));
}

const mentions = (code: readonly Statement[], local: string): boolean =>
  JSON.stringify(code).includes(`{"kind":"name","name":"${local}"}`);

// ------------------------------------------------------------------------------------------------ updates

/** The stationarity equation and the update, as the derivation prints them. */
export function updateLines(update: PlannedUpdate, { plan }: Context): readonly string[] {
  const steps = plan.derivation.sections
    .filter((s) => s.id === 'm-step')
    .flatMap((s) => s.blocks)
    .flatMap((b) => (b.kind === 'steps' ? b.steps : []))
    .filter((s) => s.parameter === update.parameter);
  const line = (s: Step): string =>
    `${s.left === undefined ? '' : sideText(s.left.expr)} ${s.left?.sign ?? ''} ${printText(s.after)}`;
  const stationary = steps.filter((s) => s.rule === 'differentiate').map(line);
  const solutions = steps.filter((s) => s.left?.sign === '←').map(line);
  const held = update.held.map(
    (h) => `${update.parameter}[${placesText(h.at, indicesOf(update))}] = ${printText(h.value)} is held`,
  );
  const weights = (steps.find((s) => s.weights !== undefined)?.weights ?? []).map(
    (w) => `${w.name}[${w.ranges.map((r) => r.index).join(',')}] = 1 / (${printText(w.of)})`,
  );
  return [...weights, ...stationary, ...solutions.slice(-1), ...held];
}

const indicesOf = (update: PlannedUpdate): readonly string[] => update.ranges.map((r) => r.index);

export function updateCode(update: PlannedUpdate, context: Context, scope: Scope, previous: string): Code {
  const { plan, names } = context;
  const declared = plan.model.parameters.find((p) => p.name === update.parameter)!;
  const dims = dimsOf(declared, plan);
  const isSimplex = declared.type.domain === 'simplex';
  const ranges: readonly Range[] = isSimplex
    ? [...update.ranges, { index: freeIndex(update), dim: dims[dims.length - 1] }]
    : update.ranges;
  const own = dims.slice(ranges.length);
  const whole = (e: Expr): Code =>
    shapeOf(e).length < own.length ? filled(e, own, scope) : codeOf(e, scope);
  const indices = ranges.map((r) => name(names.index(r.index)));
  const before = indices.reduce((of, index) => at(of, index), member(name(previous), update.parameter));
  const isGuarded =
    shapeOf(update.divisor).length === 0 && ranges.some((r) => dependsOn(update.divisor, r.index));
  const solved = whole(update.value);
  const guarded =
    isGuarded && !isNumber(update.divisor)
      ? conditional(binary(codeOf(update.divisor, scope), '>', literal(0)), solved, before)
      : solved;
  const cases = update.held.map((h) => ({
    test: h.at
      .flatMap((place, axis) => (place === 'every' ? [] : [binary(indices[axis], '===', literal(place - 1))]))
      .reduce((a, b) => binary(a, '&&', b)),
    value: whole(h.value),
  }));
  return ranges.reduceRight<Code>(
    (body, r) => eachCode(dimCode(r.dim, scope), names.index(r.index), body),
    choose(cases, guarded),
  );
}

/** A number standing in every entry. */
function filled(e: Expr, dims: readonly (string | number)[], scope: Scope): Code {
  const value = codeOf(e, scope);
  return dims.reduceRight<Code>(
    (body, d, axis) =>
      axis === dims.length - 1
        ? call('fill', dimCode(d, scope), body)
        : call('each', dimCode(d, scope), arrow([], body)),
    value,
  );
}

/** The index of a simplex's entries, as its update uses it. */
function freeIndex(update: PlannedUpdate): string {
  const named = (e: Expr): readonly string[] => [
    ...(e.kind === 'symbol' ? e.indices : e.kind === 'element' ? e.coordinates : []).flatMap((i) =>
      i.kind === 'running' ? [i.index] : [],
    ),
    ...partsOf(e).flatMap(named),
  ];
  const taken = new Set(update.ranges.map((r) => r.index));
  return named(update.value).find((index) => !taken.has(index) && dependsOn(update.value, index)) ?? 'k';
}
