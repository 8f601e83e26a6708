/**
 * The M-step, row by row as on paper: statistics are the sums that the derivation defines, updates its solutions. What has no
 * closed form takes Newton steps, whose derivatives are the derivation's too.
 */
import { containsSymbol } from '../../../algebra/traverse.js';
import type { SymbolExpr } from '../../../algebra/types.js';
import { cyclesOf, ROUNDS, unitsOf } from '../../../plan/parameter-stage.js';
import type { PlannedUpdate } from '../../../plan/types.js';
import { argument, arrow, blank, call, comment, constant, give } from '../build.js';
import { literal, member, name, object, parts, property } from '../build.js';
import type { Context } from '../context.js';
import { declared } from '../declare.js';
import { updateCode, updateLines } from '../maximisation.js';
import type { Code, FunctionDeclaration, Property, Statement } from '../tree.js';
import { rowFunction } from './function.js';
import { jointStatements, newtonStatements } from './iterations.js';
import { mentions } from './over.js';
import { responsibilityNames } from './posterior.js';
import { computed, expressionsOf, inBlock, wantedBy, withParameters } from './statistics.js';
import type { Made, Place, Writer } from './statistics.js';

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
