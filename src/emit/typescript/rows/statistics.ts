/** Statistics as the sums over the rows that the derivation defines, each computed where it is first wanted. */
import { median, sum } from '../../../algebra/build.js';
import { boundRanges, containsSymbol, partsOf } from '../../../algebra/traverse.js';
import type { Expr, Range } from '../../../algebra/types.js';
import type { PlannedStatistic, PlannedUpdate } from '../../../plan/types.js';
import { comment, constant, name } from '../build.js';
import type { Context } from '../context.js';
import { codeOf } from '../expression.js';
import type { Scope } from '../expression.js';
import { statisticLine, unusedName } from '../statistics.js';
import type { Code, Statement } from '../tree.js';
import { hoisting } from './hoist.js';
import { overRanges } from './over.js';

/** What the code at one place may name: parameters as they are there, statistics that have been computed. */
export interface Place {
  readonly parameters: ReadonlyMap<string, Code>;
  readonly statistics: ReadonlyMap<string, Code>;
  /** statistics of the copy at hand, which stand without indices */
  readonly own: ReadonlyMap<string, Code>;
}

export interface Writer {
  readonly context: Context;
  readonly scope: (place: Place) => Scope;
  /** names that the block at hand has declared; a block inside may have them again */
  readonly declared: Set<string>;
}

export const inBlock = (writer: Writer): Writer => ({ ...writer, declared: new Set() });

export interface Made {
  readonly statements: readonly Statement[];
  readonly place: Place;
}

/** Parameters with new values; statistics that look at them are others from here on. */
export function withParameters(
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

export const expressionsOf = (u: PlannedUpdate): readonly Expr[] =>
  u.joint !== undefined
    ? [...u.joint.gradient, ...u.joint.hessian.flat(), u.joint.objective]
    : u.iteration !== undefined
      ? [u.iteration.gradient, u.iteration.hessian, u.iteration.objective]
      : [u.value, u.divisor];

/** Statistics in these expressions that the place does not have. */
export function wantedBy(
  list: readonly Expr[],
  place: Place,
  { context }: Writer,
): readonly PlannedStatistic[] {
  return context.plan.statistics.filter(
    (s) =>
      !place.statistics.has(s.name) && !place.own.has(s.name) && list.some((e) => containsSymbol(e, s.name)),
  );
}

/** They as arrays over their ranges. */
export function computed(list: readonly PlannedStatistic[], place: Place, writer: Writer): Made {
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
  const rowsOf = (): Expr => {
    if (e.kind === 'median') {
      const around = [...bound, ...e.ranges.filter((r) => r.index !== plan.rows!.index)];
      return median(e.ranges, hoist.row(e.value, around), hoist.row(e.weight, around));
    }
    return e.kind === 'sum' && e.range.index === plan.rows!.index
      ? sum(e.range, hoist.row(e.body, bound))
      : e;
  };
  const code = codeOf(rowsOf(), scope);
  return { code, before: hoist.statements(writer.scope(place)) };
}

/** Statistics of one copy, whose indices are at hand: as they stand, without arrays. */
export function computedAt(
  list: readonly PlannedStatistic[],
  expressions: readonly Expr[],
  ranges: readonly Range[],
  place: Place,
  writer: Writer,
): Made {
  const indices = new Set(ranges.map((r) => r.index));
  // an index that a sum runs through is not the one at hand
  const runs = (e: Expr): boolean =>
    boundRanges(e).some((r) => indices.has(r.index)) || partsOf(e).some(runs);
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
