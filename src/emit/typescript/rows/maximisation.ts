/**
 * The M-step, row by row as on paper: statistics are the sums that the derivation defines, updates its solutions. What has no
 * closed form takes Newton steps, whose derivatives are the derivation's too.
 */
import { running, shapeOf, subtract, sum, symbol } from '../../../algebra/build.js';
import { printText } from '../../../algebra/print.js';
import { containsSymbol, partsOf } from '../../../algebra/traverse.js';
import type { Expr, Range, SymbolExpr } from '../../../algebra/types.js';
import type { Iteration, JointIteration } from '../../../derive/types.js';
import { cyclesOf, ROUNDS, unitsOf } from '../../../plan/parameter-stage.js';
import type { PlannedStatistic, PlannedUpdate } from '../../../plan/types.js';
import {
  argument,
  array,
  arrow,
  blank,
  call,
  comment,
  constant,
  give,
  literal,
  member,
  name,
  object,
  parts,
  property,
  text,
} from '../build.js';
import { dimsOf } from '../context.js';
import type { Context } from '../context.js';
import { declared } from '../declare.js';
import { codeOf } from '../expression.js';
import type { Scope } from '../expression.js';
import { updateCode, updateLines } from '../maximisation.js';
import { statisticLine, unusedName } from '../statistics.js';
import type { Code, FunctionDeclaration, Property, Statement } from '../tree.js';
import { rowFunction } from './function.js';
import { hoisting } from './hoist.js';
import { mentions, overRanges, takingParts } from './over.js';
import { responsibilityNames } from './posterior.js';

/** What the code at one place may name: parameters as they are there, statistics that have been computed. */
interface Place {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly statistics: ReadonlyMap<string, Code>;
  /** statistics of the copy at hand, which stand without indices */
  readonly own: ReadonlyMap<string, Code>;
}

interface Writer {
  readonly context: Context;
  readonly scope: (place: Place) => Scope;
  /** names that the block at hand has declared; a block inside may have them again */
  readonly declared: Set<string>;
}

const inBlock = (writer: Writer): Writer => ({ ...writer, declared: new Set() });

export function rowMaximisationFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const [data, previous] = ['data', 'previous'].map(names.own);
  const responsibilities = Object.values(responsibilityNames(context)).filter((n) => n !== undefined);
  const local = (e: SymbolExpr): Code | undefined =>
    e.role === 'responsibility' ? name(names.of(e.name)) : undefined;
  const own = rowFunction(context, { data, parameters: previous, local });
  const writer: Writer = {
    context,
    declared: new Set(),
    scope: (place) => ({
      ...own.scope,
      symbol: (e) =>
        (e.role === 'parameter' ? place.parameters.get(e.name) : place.statistics.get(e.name)) ??
        own.scope.symbol(e),
      atIndices: (e) => place.own.get(e.name),
    }),
  };
  const before = new Map(
    plan.model.parameters.map((p): [string, Code] => [p.name, member(name(previous), p.name)]),
  );
  let place: Place = { parameters: before, statistics: new Map(), own: new Map() };
  const body: Statement[] = [];
  for (const group of cyclesOf(plan.updates)) {
    const made = cycleStatements(group, place, writer, previous);
    body.push(blank, ...made.statements);
    place = made.place;
  }
  const result = object(...plan.model.parameters.map((p) => property(p.name, place.parameters.get(p.name)!)));
  const whole = [...own.head(), ...body, blank, give(result)];
  const taken = [...new Set(responsibilities)].filter((r) => mentions(whole, names.of(r)));
  return declared(
    'maximisation',
    `The M-step: ${plan.updates.map((u) => u.parameter).join(', then ')}.`,
    [
      argument(data, 'Data'),
      argument(parts(...taken.map((r): readonly [string, string] => [r, names.of(r)])), 'Posterior'),
      ...(mentions(whole, previous) ? [argument(previous, 'Parameters')] : []),
    ],
    'Parameters',
    whole,
  );
}

interface Made {
  readonly statements: readonly Statement[];
  readonly place: Place;
}

/** Updates that contain each other are repeated until they settle; one alone is done once. */
function cycleStatements(
  group: readonly PlannedUpdate[],
  place: Place,
  writer: Writer,
  previous: string,
): Made {
  const { names, plan } = writer.context;
  const units = unitsOf(group);
  if (units.length === 1) return unitStatements(units[0], place, writer, previous);
  const isOpen = units.some(([u]) =>
    u.joint === undefined ? u.iteration !== undefined : !u.joint.isQuadratic,
  );
  const moved = [...new Set(group.map((u) => u.parameter as string))];
  // what does not look at the parameters of the cycle is computed once
  const outside = computed(
    wantedBy(group.flatMap(expressionsOf), place, writer).filter(
      (s) => !moved.some((p) => containsSymbol(s.definition, p)),
    ),
    place,
    writer,
  );
  const held = names.own('held');
  const inner = withParameters(
    outside.place,
    moved.map((p) => [p, member(name(held), p)]),
    plan.statistics,
  );
  let at = inner;
  const block = inBlock(writer);
  const body: Statement[] = [];
  for (const unit of units) {
    const made = unitStatements(unit, at, block, held);
    body.push(...(body.length === 0 ? [] : [blank]), ...made.statements);
    at = made.place;
  }
  const start = object(...moved.map((p): Property => property(p, place.parameters.get(p)!)));
  const round = arrow(
    [held],
    [...body, give(object(...moved.map((p) => property(p, at.parameters.get(p)!))))],
  );
  const rounds = isOpen ? ROUNDS.mixed : ROUNDS.cycle;
  return {
    statements: [
      ...outside.statements,
      comment(`${moved.join(', ')} contain each other: by turns until they settle`),
      constant(
        parts(...moved.map((p): readonly [string, string] => [p, names.of(p)])),
        call('settle', start, round, literal(rounds)),
      ),
    ],
    place: withParameters(
      outside.place,
      moved.map((p) => [p, name(names.of(p))]),
      plan.statistics,
    ),
  };
}

/** Parameters with new values; statistics that look at them are others from here on. */
function withParameters(
  place: Place,
  moved: readonly (readonly [string, Code])[],
  statistics: readonly PlannedStatistic[],
): Place {
  const stale = new Set(
    statistics.filter((s) => moved.some(([p]) => containsSymbol(s.definition, p))).map((s) => s.name),
  );
  const keep = (list: ReadonlyMap<string, Code>) => new Map([...list].filter(([s]) => !stale.has(s)));
  return {
    parameters: new Map([...place.parameters, ...moved]),
    statistics: keep(place.statistics),
    own: keep(place.own),
  };
}

function unitStatements(
  unit: readonly PlannedUpdate[],
  place: Place,
  writer: Writer,
  previous: string,
): Made {
  const [update] = unit;
  const made =
    update.joint !== undefined
      ? jointStatements(unit, update.joint, place, writer)
      : update.iteration !== undefined
        ? newtonStatements(update, update.iteration, place, writer)
        : closedStatements(update, place, writer, previous);
  const { names, plan } = writer.context;
  return {
    statements: made.statements,
    place: withParameters(
      made.place,
      unit.map((u) => [u.parameter, name(names.of(u.parameter))]),
      plan.statistics,
    ),
  };
}

// ------------------------------------------------------------------------------------------------ statistics

const expressionsOf = (u: PlannedUpdate): readonly Expr[] =>
  u.joint !== undefined
    ? [...u.joint.gradient, ...u.joint.hessian.flat(), u.joint.objective]
    : u.iteration !== undefined
      ? [u.iteration.gradient, u.iteration.hessian, u.iteration.objective]
      : [u.value, u.divisor];

/** Statistics in these expressions that the place does not have. */
function wantedBy(list: readonly Expr[], place: Place, { context }: Writer): readonly PlannedStatistic[] {
  return context.plan.statistics.filter(
    (s) =>
      !place.statistics.has(s.name) && !place.own.has(s.name) && list.some((e) => containsSymbol(e, s.name)),
  );
}

/** They as arrays over their ranges. */
function computed(list: readonly PlannedStatistic[], place: Place, writer: Writer): Made {
  const statements: Statement[] = [];
  let at = place;
  for (const s of list) {
    const id = unusedName(writer.context.names.of(s.name), writer.declared);
    const scope = writer.scope(at);
    const { code, before } = statisticCode(s, s.ranges, at, writer);
    statements.push(...before, comment(statisticLine(s)), constant(id, overRanges(s.ranges, code, scope)));
    at = { ...at, statistics: new Map([...at.statistics, [s.name, name(id)]]) };
  }
  return { statements, place: at };
}

function statisticCode(
  s: PlannedStatistic,
  bound: readonly Range[],
  place: Place,
  writer: Writer,
): { readonly code: Code; readonly before: readonly Statement[] } {
  const { names, plan } = writer.context;
  const hoist = hoisting(plan.rows!.index, (wanted) => unusedName(names.own(wanted), writer.declared));
  const scope: Scope = {
    ...writer.scope(place),
    isInfinite: hoist.isInfinite,
    symbol: (e) => {
      const constant = hoist.name(e.name);
      return constant === undefined ? writer.scope(place).symbol(e) : name(constant);
    },
  };
  const { definition: e } = s;
  const isOfRows = e.kind === 'sum' && e.range.index === plan.rows!.index;
  const code = codeOf(isOfRows ? sum(e.range, hoist.row(e.body, bound)) : e, scope);
  return { code, before: hoist.statements(writer.scope(place)) };
}

/** Statistics of one copy, whose indices are at hand: as they stand, without arrays. */
function computedAt(
  list: readonly PlannedStatistic[],
  expressions: readonly Expr[],
  ranges: readonly Range[],
  place: Place,
  writer: Writer,
): Made {
  const indices = new Set(ranges.map((r) => r.index));
  // an index that a sum runs through is not the one at hand
  const runs = (e: Expr): boolean =>
    ('range' in e && e.range !== undefined && indices.has(e.range.index)) || partsOf(e).some(runs);
  const isOwn = (s: PlannedStatistic): boolean =>
    s.ranges.length > 0 && s.ranges.every((r) => indices.has(r.index)) && !expressions.some(runs);
  const statements: Statement[] = [];
  const own = new Map(place.own);
  for (const s of list.filter(isOwn)) {
    const id = unusedName(writer.context.names.of(s.name), writer.declared);
    const { code, before } = statisticCode(s, [], place, writer);
    statements.push(...before, comment(statisticLine(s)), constant(id, code));
    own.set(s.name, name(id));
  }
  const rest = computed(
    list.filter((s) => !isOwn(s)),
    { ...place, own },
    writer,
  );
  return { statements: [...statements, ...rest.statements], place: rest.place };
}

// ------------------------------------------------------------------------------------------------ updates

function closedStatements(update: PlannedUpdate, place: Place, writer: Writer, previous: string): Made {
  const { context } = writer;
  const made = computed(wantedBy(expressionsOf(update), place, writer), place, writer);
  const scope = writer.scope(made.place);
  return {
    statements: [
      ...made.statements,
      ...updateLines(update, context).map(comment),
      constant(context.names.of(update.parameter), updateCode(update, context, scope, previous)),
    ],
    place: made.place,
  };
}

/** Newton's method, copy by copy. */
function newtonStatements(update: PlannedUpdate, iteration: Iteration, place: Place, writer: Writer): Made {
  const { context } = writer;
  const { names, plan } = context;
  const own = names.of(update.parameter);
  const expressions = expressionsOf(update);
  const outside = computed(
    wantedBy(expressions, place, writer).filter((s) => !containsSymbol(s.definition, update.parameter)),
    place,
    writer,
  );
  const moving = withParameters(outside.place, [[update.parameter, name(own)]], plan.statistics);
  const at = update.ranges.map((r) => names.index(r.index));
  const derivatives = [iteration.gradient, iteration.hessian];
  const there = computedAt(wantedBy(derivatives, moving, writer), derivatives, update.ranges, moving, writer);
  const objective = computed(wantedBy([iteration.objective], moving, writer), moving, writer);
  const code = (e: Expr, p: Place): Code => codeOf(e, writer.scope(p));
  const heldAt = update.held.map((h) =>
    object(property('at', placesCode(h.at)), property('value', code(h.value, moving))),
  );
  const options = object(
    property('scale', text(iteration.scale)),
    property('plates', literal(at.length)),
    property('rounds', literal(ROUNDS.newton)),
    ...(iteration.coupled ? [property('coupled', name('true'))] : []),
    ...(iteration.centred ? [property('centred', name('true'))] : []),
    ...(heldAt.length > 0 ? [property('held', array(...heldAt))] : []),
    ...(update.ties.length > 0
      ? [property('ties', array(...update.ties.map((t) => array(...t.map(placesCode)))))]
      : []),
    property(
      'derivatives',
      positional(
        [own, ...at],
        [
          ...there.statements,
          give(
            object(
              property('gradient', code(iteration.gradient, there.place)),
              property('hessian', code(iteration.hessian, there.place)),
            ),
          ),
        ],
      ),
    ),
    property(
      'objective',
      arrow(
        [own],
        objective.statements.length === 0
          ? code(iteration.objective, objective.place)
          : [...objective.statements, give(code(iteration.objective, objective.place))],
      ),
    ),
  );
  return {
    statements: [
      ...outside.statements,
      comment(`no closed form: Newton steps, halved until Q rises; Q′ = ${printText(iteration.gradient)}`),
      constant(own, call('newton', place.parameters.get(update.parameter)!, options)),
    ],
    place: outside.place,
  };
}

/** A function without the last of its arguments that it does not read. */
function positional(list: readonly string[], body: readonly Statement[]): Code {
  const read = list.map((local) => mentions(body, local)).lastIndexOf(true) + 1;
  return arrow(list.slice(0, read), body);
}

const placesCode = (places: readonly (number | 'every')[]): Code =>
  array(...places.map((p) => (p === 'every' ? text(p) : literal(p))));

/** Several parameters as one vector, with the equations between them. */
function jointStatements(
  unit: readonly PlannedUpdate[],
  joint: JointIteration,
  place: Place,
  writer: Writer,
): Made {
  const { context } = writer;
  const { names, plan } = context;
  const list = joint.parameters;
  const expressions = unit.flatMap(expressionsOf);
  const outside = computed(
    wantedBy(expressions, place, writer).filter((s) => !list.some((p) => containsSymbol(s.definition, p))),
    place,
    writer,
  );
  const moving = withParameters(
    outside.place,
    list.map((p) => [p, name(names.of(p))]),
    plan.statistics,
  );
  const moved = list.map((p): readonly [string, string] => [p, names.of(p)]);
  const scopeOf = (p: Place): Scope => writer.scope(p);
  const withStatistics = (wanted: readonly Expr[], make: (scope: Scope) => Code): Code => {
    const made = computed(wantedBy(wanted, moving, writer), moving, inBlock(writer));
    const value = make(scopeOf(made.place));
    return takingParts(moved, made.statements.length === 0 ? value : [...made.statements, give(value)]);
  };
  const gradient = withStatistics(joint.gradient, (scope) =>
    array(...joint.gradient.map((g, n) => overRanges(joint.ranges[n], codeOf(g, scope), scope))),
  );
  const hessian = withStatistics(joint.hessian.flat(), (scope) =>
    array(
      ...joint.hessian.flatMap((row, i) =>
        row.flatMap((block, j) => {
          const own = joint.ranges[i];
          const all = [...own, ...joint.ranges[j].filter((r) => !own.some((o) => o.index === r.index))];
          return [
            object(
              property('of', array(literal(i), literal(j))),
              property('over', array(...all.map((r) => text(r.index)))),
              property('value', overRanges(all, codeOf(block, scope), scope)),
            ),
          ];
        }),
      ),
    ),
  );
  const scope = scopeOf(moving);
  const equations = [
    ...joint.constraints.map((c) => ({
      text: `${printText(c.value)} = 0`,
      code: overRanges(c.ranges, codeOf(c.value, scope), scope),
    })),
    ...joint.held.flatMap((held, n) => held.map((h) => heldEquation(joint, n, h, context, scope))),
  ];
  const options = object(
    property('scales', array(...joint.scales.map((s) => text(s)))),
    property('plates', array(...joint.ranges.map((r) => array(...r.map((x) => text(x.index)))))),
    property('isQuadratic', name(String(joint.isQuadratic))),
    property('rounds', literal(ROUNDS.newton)),
    property('gradient', gradient),
    property('hessian', hessian),
    property(
      'objective',
      withStatistics([joint.objective], (s) => codeOf(joint.objective, s)),
    ),
    ...(equations.length === 0
      ? []
      : [property('equations', takingParts(moved, array(...equations.map((e) => e.code))))]),
  );
  const how = joint.isQuadratic ? 'Q is quadratic in them: one Newton step solves' : 'Newton steps';
  return {
    statements: [
      ...outside.statements,
      comment(`${list.join(', ')} together, all copies in one vector; ${how}`),
      ...equations.map((e) => comment(`held: ${e.text}`)),
      constant(
        parts(...moved),
        call('together', object(...list.map((p) => property(p, place.parameters.get(p)!))), options),
      ),
    ],
    place: outside.place,
  };
}

/** mu[2] − value, which is 0. */
function heldEquation(
  joint: JointIteration,
  n: number,
  held: JointIteration['held'][number][number],
  context: Context,
  scope: Scope,
): { readonly text: string; readonly code: Code } {
  const parameter = context.plan.model.parameters.find((p) => p.name === joint.parameters[n])!;
  const own = dimsOf(parameter, context.plan).slice(parameter.plates.length);
  const indices = joint.ranges[n].map((r, axis) => {
    const place = held.at[axis];
    return place === 'every' ? running(r.index) : { kind: 'fixed' as const, value: place };
  });
  const copy = symbol(parameter.name, 'parameter', indices, own);
  const value: Expr =
    own.length > 0 && shapeOf(held.value).length === 0
      ? { kind: 'fill', value: held.value, dim: own[0] }
      : held.value;
  const left = subtract(copy, value);
  const every = joint.ranges[n].filter((_, axis) => held.at[axis] === 'every');
  const code = overRanges(every, codeOf(left, scope), scope);
  return { text: `${printText(copy)} = ${printText(held.value)}`, code };
}
