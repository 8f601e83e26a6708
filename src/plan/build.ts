/**
 * From a Derivation to a Plan: which columns, which logits, which moments, which updates. The mathematics is that of the
 * derivation's own expressions; here it is only decided in what shape they are computed. `basePlan` leaves nothing out: each
 * term has columns of its own, and all products of all columns are summed. What can be saved is found by passes.
 */
import {
  add,
  exp,
  family,
  isNumber,
  isSupport,
  isZero,
  multiply,
  number,
  ONE,
  shapeOf,
  sums,
  ZERO,
} from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { dependsOn, symbolsOf } from '../algebra/traverse.js';
import type { Expr, Index, Range, Term } from '../algebra/types.js';
import { normalForm } from '../algebra/normal.js';
import { observedSelectors } from '../derive/joint.js';
import type { Derivation, Logits, Posterior, Statistic, Update } from '../derive/types.js';
import type { SymbolName } from '../model/types.js';
import { affine, columnsOf, isDataOnly } from './affine.js';
import type { Columns } from './affine.js';
import { afterPass, passes } from './passes/passes.js';
import type {
  AffineForm,
  Axis,
  LogitTerm,
  MomentReading,
  Plan,
  PlannedStatistic,
  StatisticReading,
  Stratum,
} from './types.js';

export const plan = (derivation: Derivation): Plan => passes.reduce(afterPass, basePlan(derivation));

/** The plan as it is before all passes: engines can run it, at the price of work that a pass would save. */
export function basePlan(derivation: Derivation): Plan {
  const { model, posterior, rows } = derivation;
  const place: Place = {
    rows: rows?.index ?? '',
    groups: posterior?.grouping?.range.index,
    columns: columnsOf(model),
    strata: [[]],
    supports: [],
  };
  const axes = posterior === undefined ? [] : axesOf(posterior);
  const logits = logitTerms(derivation, place);
  const statistics = derivation.statistics.map((s) => planned(s, place));
  const component = axes.length === 1 ? axes[0].value : undefined;
  const priors = derivation.factors.filter((f) => f.role === 'prior');
  const logPrior =
    derivation.limit === undefined ? add(...priors.map((f) => sums(f.ranges, f.density))) : ZERO;
  const updates = derivation.updates.map((u) => ({
    parameter: u.parameter,
    // emitted code has no joint steps: it repeats such updates until they settle
    cycle: u.cycle ?? jointCycle(u),
    ranges: u.ranges,
    entry: u.entry,
    value: u.value,
    iteration: u.iteration,
    joint: u.joint,
    minorised: u.minorised,
    held: u.held,
    ties: u.ties,
    divisor: u.divisor,
    centred: undefined,
  }));
  return {
    model,
    derivation,
    rows,
    axes,
    grouping: posterior?.grouping,
    component,
    latent: axes.length === 1 ? axes[0].latent : undefined,
    strata: place.strata.map((symbols) => ({ symbols, pairs: 'all' })),
    supports: place.supports,
    assignment: posterior?.assignment ?? 'soft',
    groups: place.columns.groups,
    pairs: { statistics: 'all', logits: 'all' },
    pooledScatter: false,
    sharedQuadratic: false,
    logits,
    logPrior,
    hasPrior: priors.length > 0 && derivation.limit === undefined,
    statistics,
    updates,
    notes: [],
  };
}

/** Parameters that are solved together, numbered apart from cycles. */
function jointCycle(u: Update): number | undefined {
  return u.joint === undefined ? undefined : 1e6 + u.joint.parameters.map(String).join().length;
}

/** All expressions of a term of the logits. */
export function expressionsOf(t: LogitTerm): readonly Expr[] {
  switch (t.kind) {
    case 'constant':
    case 'general':
      return [t.value];
    case 'linear':
      return [t.coefficient];
    case 'quadratic':
      return [t.coefficient, t.matrix, t.residual.offset, ...t.residual.parts.map((p) => p.coefficient)];
    case 'support':
      return [t.when];
  }
}

/** What planning gathers on its way. */
interface Place {
  /** running indices of the rows and of their groups */
  readonly rows: string;
  readonly groups: string | undefined;
  readonly columns: Columns;
  readonly strata: Stratum['symbols'][];
  readonly supports: Expr[];
}

const axesOf = (p: Posterior): readonly Axis[] =>
  p.latents.map((h) => ({
    latent: h.latent,
    value: h.value,
    per: h.at.index === p.rows.index ? 'row' : 'group',
  }));

/** The number of the rows told apart by these symbols, and their values as the expression writes them. */
function stratumOf(
  factors: readonly Expr[],
  ranges: readonly Range[],
  place: Place,
): { readonly stratum: number; readonly observed: readonly Index[] } {
  const found = factors
    .flatMap((f) => (f.kind === 'indicator' && f.role === 'data' ? [f] : []))
    .map((f) => {
      const { value } = f;
      const range = value.kind === 'running' ? ranges.find((r) => r.index === value.index) : undefined;
      return { symbol: f.symbol as SymbolName, value, range };
    });
  if (found.length === 0) return { stratum: 0, observed: [] };
  const symbols = found.map(({ symbol, value, range }) => {
    if (value.kind !== 'running' || range === undefined)
      throw new Error(`the value of ${symbol} has no range`);
    return { symbol, value: range };
  });
  const key = (list: Stratum['symbols']): string => list.map((x) => `${x.symbol} ${x.value.index}`).join();
  let stratum = place.strata.findIndex((s) => key(s) === key(symbols));
  if (stratum < 0) stratum = place.strata.push(symbols) - 1;
  return { stratum, observed: found.map((f) => f.value) };
}

const isObserved = (f: Expr): boolean => f.kind === 'indicator' && f.role === 'data';

// ------------------------------------------------------------------------------------------------ logits

function logitTerms(derivation: Derivation, place: Place): readonly LogitTerm[] {
  const logits: readonly Logits[] =
    derivation.posterior !== undefined
      ? derivation.posterior.logits
      : derivation.factors
          .filter((f) => f.role === 'data')
          .map((f) => ({ line: f.line, per: 'row', terms: normalForm(observedSelectors(f), f.line) }));
  return logits.flatMap((l) => l.terms.map((t) => logitTerm(t, l, place)));
}

function logitTerm(t: Term, { line, per }: Logits, place: Place): LogitTerm {
  const { rows, columns } = place;
  const { stratum } = stratumOf(t.factors, t.sums, place);
  const observed = new Set<string>(place.strata[stratum].map((x) => x.value.index));
  const ranges = t.sums.filter((r) => !observed.has(r.index));
  const factors = t.factors.filter((f) => !isObserved(f));
  const base = { line, per, stratum } as const;
  const whole = sums(ranges, multiply(number(t.coefficient), ...factors));
  if (!dependsOn(whole, rows)) return { ...base, kind: 'constant', value: whole };
  const varying = factors.filter((f) => dependsOn(f, rows));
  const others = multiply(number(t.coefficient), ...factors.filter((f) => !dependsOn(f, rows)));
  const only = varying[0];
  if (varying.length === 1 && isSupport(only))
    return {
      ...base,
      kind: 'support',
      support: place.supports.push(exp(sums(ranges, only))) - 1,
      when: others,
    };
  if (
    ranges.length === 0 &&
    varying.length === 1 &&
    only.kind === 'quadratic' &&
    !dependsOn(only.matrix, rows)
  ) {
    const residual = affine(only.vector, rows, columns);
    if (residual !== undefined)
      return { ...base, kind: 'quadratic', coefficient: others, residual, matrix: only.matrix };
  }
  if (varying.every((f) => shapeOf(f).length === 0)) {
    const of = multiply(...varying);
    if (ranges.length === 0 && isDataOnly(of))
      return { ...base, kind: 'linear', group: columns.of(of), coefficient: others };
    const form = affine(ranges.length === 0 ? of : sums(ranges, of), rows, columns);
    const isOne = form?.parts.length === 1 && form.parts[0].kind === 'scaled' && isZero(form.offset);
    if (isOne && !ranges.some((r) => dependsOn(others, r.index)))
      return {
        ...base,
        kind: 'linear',
        group: form.parts[0].group,
        coefficient: multiply(others, form.parts[0].coefficient),
      };
  }
  const linear = linearInVector(factors, ranges, t.coefficient, base, place);
  if (linear !== undefined) return linear;
  readColumns(whole, columns);
  return { ...base, kind: 'general', value: whole };
}

/** Makes columns of all data in an expression that is evaluated row by row. */
function readColumns(e: Expr, columns: Columns): void {
  for (const s of symbolsOf(e)) if (s.role === 'data') columns.of(s);
}

/** Σ_c x[i,c] g(c): a coefficient for each coordinate. */
function linearInVector(
  factors: readonly Expr[],
  ranges: readonly Range[],
  coefficient: number,
  base: Pick<LogitTerm, 'line' | 'per' | 'stratum'>,
  place: Place,
): LogitTerm | undefined {
  const [range, ...more] = ranges;
  const [entry, ...others] = factors.filter((f) => dependsOn(f, place.rows));
  if (more.length > 0 || others.length > 0 || entry.kind !== 'element') return undefined;
  const [at, ...rest] = entry.coordinates;
  if (rest.length > 0 || at.kind !== 'running' || at.index !== range.index) return undefined;
  const form = affine(entry.of, place.rows, place.columns);
  if (form?.parts.length !== 1 || form.parts[0].kind !== 'scaled' || !isNumber(form.parts[0].coefficient, 1))
    return undefined;
  const g = multiply(number(coefficient), ...factors.filter((f) => f !== entry));
  return { ...base, kind: 'linear', group: form.parts[0].group, coefficient: family(range, g) };
}

// ------------------------------------------------------------------------------------------------ statistics

function planned(s: Statistic, place: Place): PlannedStatistic {
  const { definition } = s;
  if (definition.kind === 'median') return plannedMedian(s, definition, place);
  if (definition.kind !== 'sum') throw new Error(`not a sum over rows: ${printText(definition)}`);
  const factors = definition.body.kind === 'multiply' ? definition.body.factors : [definition.body];
  const { r, content } = apart(factors);
  return {
    name: s.name,
    ranges: s.ranges,
    definition,
    reading: reading(content, place),
    per: definition.range.index === place.groups ? 'group' : 'row',
    hidden: r?.kind === 'symbol' ? r.indices.slice(1) : undefined,
    ...stratumOf(factors, s.ranges, place),
  };
}

/** A median asks for points: the value in each row, with w r times the rest of the weight. */
function plannedMedian(
  s: Statistic,
  definition: Extract<Expr, { kind: 'median' }>,
  place: Place,
): PlannedStatistic {
  const { ranges, value, weight } = definition;
  const factors = weight.kind === 'multiply' ? weight.factors : [weight];
  const { r, content } = apart(factors);
  readColumns(multiply(value, ...content), place.columns);
  const further = ranges.filter((range) => range.index !== place.rows);
  return {
    name: s.name,
    ranges: s.ranges,
    definition,
    reading: { kind: 'median', ranges: further, value, weight: multiply(...content) },
    per: 'row',
    hidden: r?.kind === 'symbol' ? r.indices.slice(1) : undefined,
    ...stratumOf(factors, [...s.ranges, ...further], place),
  };
}

/** The responsibility among the factors, and what is neither it nor the row weight nor says which rows are meant. */
function apart(factors: readonly Expr[]): {
  readonly r: Expr | undefined;
  readonly content: readonly Expr[];
} {
  return {
    r: factors.find((f) => f.kind === 'symbol' && f.role === 'responsibility'),
    content: factors.filter(
      (f) => !isObserved(f) && !(f.kind === 'symbol' && (f.role === 'responsibility' || f.role === 'weight')),
    ),
  };
}

/** How Σ_i w r (…) is read off the moments. */
function reading(content: readonly Expr[], place: Place): StatisticReading {
  const found = momentReading(content, place);
  if (found !== undefined) return found;
  const body = multiply(...content);
  readColumns(body, place.columns);
  return { kind: 'general', body };
}

function momentReading(content: readonly Expr[], { rows, columns }: Place): MomentReading | undefined {
  if (content.length === 0) return { kind: 'weight' };
  const form = (e: Expr): AffineForm | undefined => affine(e, rows, columns);
  const only = content[0];
  if (content.length === 1) {
    if (only.kind === 'outer') {
      const left = form(only.left);
      const right = form(only.right);
      return left === undefined || right === undefined
        ? undefined
        : { kind: 'second', left, right, as: 'matrix' };
    }
    if (only.kind === 'quadratic') {
      const vector = form(only.vector);
      return vector === undefined
        ? undefined
        : { kind: 'second', left: vector, right: vector, as: 'trace', matrix: only.matrix };
    }
    if (only.kind === 'power' && only.exponent === 2) {
      const base = form(only.base);
      if (base === undefined) return undefined;
      return shapeOf(only.base).length === 1
        ? { kind: 'second', left: base, right: base, as: 'diagonal' }
        : { kind: 'second', left: base, right: base, as: 'trace', matrix: ONE };
    }
    const first = form(only);
    return first === undefined ? undefined : { kind: 'first', form: first };
  }
  const varying = content.filter((f) => dependsOn(f, rows));
  if (varying.length === 2 && varying.length === content.length) {
    const [a, b] = varying as [Expr, Expr];
    const [left, right] = (shapeOf(a).length >= shapeOf(b).length ? [a, b] : [b, a]).map(form);
    if (left !== undefined && right !== undefined)
      return left.shape.length === 0
        ? { kind: 'second', left, right, as: 'trace', matrix: ONE }
        : { kind: 'second', left, right, as: 'matrix' };
  }
  const first = form(multiply(...content));
  return first === undefined ? undefined : { kind: 'first', form: first };
}
