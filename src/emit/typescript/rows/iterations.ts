/** Updates without closed form: Newton's method, of one parameter copy by copy, or of several as one vector. */
import { running, shapeOf, subtract, symbol } from '../../../algebra/build.js';
import { printText } from '../../../algebra/print.js';
import { containsSymbol } from '../../../algebra/traverse.js';
import type { Expr } from '../../../algebra/types.js';
import type { Iteration, JointIteration } from '../../../derive/types.js';
import { ROUNDS } from '../../../plan/parameter-stage.js';
import type { PlannedUpdate } from '../../../plan/types.js';
import { array, arrow, call, comment, constant, give, literal } from '../build.js';
import { name, object, parts, property, text } from '../build.js';
import { dimsOf } from '../context.js';
import type { Context } from '../context.js';
import { codeOf } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, Statement } from '../tree.js';
import { mentions, overRanges, takingParts } from './over.js';
import { computed, computedAt, expressionsOf, inBlock, wantedBy, withParameters } from './statistics.js';
import type { Made, Place, Writer } from './statistics.js';

/** Newton's method, copy by copy. */
export function newtonStatements(
  update: PlannedUpdate,
  iteration: Iteration,
  place: Place,
  writer: Writer,
): Made {
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
export function jointStatements(
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
