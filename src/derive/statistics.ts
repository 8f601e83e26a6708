/** Station 4: sums over rows get names. `Σ_i r[i,k] x[i]` becomes `s[k]`, and each name stands for one definition. */
import { element, multiply, running, shapeOf, sum, symbol } from '../algebra/build.js';
import { printKey } from '../algebra/print.js';
import { dependsOn, boundRanges, replace, some, symbolsOf } from '../algebra/traverse.js';
import type { Expr, Index, Range } from '../algebra/types.js';
import { freshName } from './joint.js';
import type { Statistic } from './types.js';

export interface StatisticNames {
  /** `shown`: for the document, not only for the judgement of a step */
  readonly name: (e: Expr, shown?: boolean) => Expr;
  readonly all: () => readonly Statistic[];
}

/**
 * Gives names to sums over rows (or over groups, of their responsibilities); the same sum gets the same name wherever it
 * stands. `component` is the value of the only latent, `plates` are the ranges that a sum may be free in.
 */
export function statisticNames(
  rows: readonly Range[],
  component: Range | undefined,
  plates: readonly Range[],
  taken: ReadonlySet<string>,
): StatisticNames {
  const known = new Map<string, Statistic>();
  const used = new Set(taken);
  const nameOf = (whole: Expr, shown: boolean): Expr => {
    const coordinate = coordinateOf(whole, plates);
    if (coordinate !== undefined) return element(nameOf(coordinate.vector, shown), coordinate.at);
    // Σ_i r[i,1] is n[1], one value of n[k]
    const fixed = component === undefined ? undefined : fixedComponent(whole);
    const definition = fixed === undefined ? whole : generalised(whole, fixed, component!);
    const key = printKey(definition);
    let statistic = known.get(key);
    if (statistic === undefined) {
      const ranges = plates.filter((p) => dependsOn(definition, p.index));
      const name = freshName(wantedNames(definition), used);
      used.add(name);
      statistic = { name, ranges, definition, shape: shapeOf(definition), shown };
      known.set(key, statistic);
    } else if (shown && !statistic.shown) {
      statistic = { ...statistic, shown };
      known.set(key, statistic);
    }
    return symbol(
      statistic.name,
      'statistic',
      statistic.ranges.map((r) =>
        fixed !== undefined && r.index === component?.index ? fixed : running(r.index),
      ),
      statistic.shape,
    );
  };
  return {
    name: (e, shown = true) =>
      replace(e, (part) =>
        (part.kind === 'sum' || part.kind === 'median') &&
        boundRanges(part).some((own) => rows.some((r) => r.index === own.index)) &&
        isOfData(part)
          ? nameOf(part, shown)
          : undefined,
      ),
    all: () => [...known.values()],
  };
}

/** Σ_i r[i] x[i,c] is entry c of Σ_i r[i] x[i], where c is a coordinate and no plate. */
function coordinateOf(
  e: Expr,
  plates: readonly Range[],
): { readonly vector: Expr; readonly at: readonly Index[] } | undefined {
  if (e.kind !== 'sum') return undefined;
  const factors = e.body.kind === 'multiply' ? e.body.factors : [e.body];
  const entry = factors.find((f) => f.kind === 'element');
  const [only, ...others] = entry?.coordinates ?? [];
  if (entry === undefined || only.kind !== 'running' || others.length > 0) return undefined;
  if (plates.some((p) => p.index === only.index) && shapeOf(entry.of)[0] === undefined) return undefined;
  if (factors.some((f) => f !== entry && dependsOn(f, only.index))) return undefined;
  const vector = sum(e.range, multiply(...factors.map((f) => (f === entry ? entry.of : f))));
  return { vector, at: [only] };
}

/** It has data in it, or responsibilities: not Σ_g a[g] of a parameter. */
const isOfData = (e: Expr): boolean =>
  some(
    e,
    (p) =>
      p.kind === 'indicator' ||
      (p.kind === 'symbol' && (p.role === 'responsibility' || p.role === 'data' || p.role === 'weight')),
  );

/** The component that a sum is of, where it is written as a number. */
function fixedComponent(e: Expr): Index | undefined {
  const r = symbolsOf(e).find((s) => s.role === 'responsibility');
  const index = r?.indices[r.indices.length - 1];
  return index?.kind === 'fixed' ? index : undefined;
}

/** The same sum with the number replaced by the running index, wherever a component is meant. */
function generalised(e: Expr, fixed: Index, component: Range): Expr {
  return replace(e, (part) =>
    part.kind === 'symbol' && part.role !== 'data'
      ? {
          ...part,
          indices: part.indices.map((i) =>
            i.kind === 'fixed' && fixed.kind === 'fixed' && i.value === fixed.value
              ? running(component.index)
              : i,
          ),
        }
      : undefined,
  );
}

/** n for a weight, s for a first moment, S for a scatter, m for a median; with the name of the data where one letter is taken. */
function wantedNames(definition: Expr): readonly string[] {
  const data = [
    ...new Set(
      symbolsOf(definition)
        .filter((s) => s.role === 'data')
        .map((s) => s.name),
    ),
  ];
  const suffix = data.join('_');
  if (definition.kind === 'median') return ['m', `m_${suffix}`];
  const body = definition.kind === 'sum' ? definition.body : definition;
  const factors = body.kind === 'multiply' ? body.factors : [body];
  const content = factors.filter(
    (f) => !(f.kind === 'symbol' && (f.role === 'responsibility' || f.role === 'weight')),
  );
  if (content.length === 0)
    return factors.every((f) => f.kind === 'symbol' && f.role === 'weight') ? ['W', 'n'] : ['n'];
  const isSecond =
    content.some((f) => f.kind === 'outer' || f.kind === 'quadratic' || f.kind === 'power') ||
    content.length > 1;
  return isSecond ? ['S', `S_${suffix}`, `T_${suffix}`] : ['s', `s_${suffix}`];
}
