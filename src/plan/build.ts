/**
 * From a Derivation to a Plan: which columns, which logits, which moments, which updates. The mathematics is that of the
 * derivation's own expressions; here it is only decided in what shape they are computed.
 */
import { add, isNumber, multiply, number, ONE, shapeOf, sums, ZERO } from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { dependsOn, partsOf } from '../algebra/traverse.js';
import type { Expr, NormalForm, Range, Term } from '../algebra/types.js';
import { normalForm } from '../algebra/normal.js';
import type { Derivation, Statistic, Update } from '../derive/types.js';
import { affine, columnsOf, isPlain } from './affine.js';
import type { Columns } from './affine.js';
import type { AffineForm, LogitTerm, Pairs, Plan, PlannedStatistic, StatisticReading } from './types.js';

export function plan(derivation: Derivation): Plan {
  const { model, posterior, rows } = derivation;
  const columns = columnsOf(model);
  const rowIndex = rows?.index ?? '';
  const logits = logitTerms(derivation, rowIndex, columns);
  const statistics = derivation.statistics.map((s) => planned(s, rowIndex, columns));
  const component = posterior?.component;
  const priors = derivation.factors.filter((f) => f.role === 'prior');
  const logPrior =
    derivation.limit === undefined ? add(...priors.map((f) => sums(f.ranges, f.density))) : ZERO;
  const updates = derivation.updates.map((u) => ({
    parameter: u.parameter,
    cycle: u.cycle,
    ranges: u.ranges,
    value: u.value,
    held: u.held,
    divisor: u.divisor,
  }));
  return {
    model,
    derivation,
    rows,
    component,
    latent: posterior?.latent,
    assignment: posterior?.assignment ?? 'soft',
    groups: columns.groups,
    pairs: { statistics: pairsOfStatistics(statistics), logits: pairsOfLogits(logits) },
    pooledScatter: component !== undefined && isPooled(statistics, derivation.updates, component),
    sharedQuadratic:
      component !== undefined &&
      logits.every((t) => t.kind !== 'quadratic' || !variesWith(t, component.index)),
    logits,
    logPrior,
    hasPrior: priors.length > 0 && derivation.limit === undefined,
    statistics,
    updates,
  };
}

// ------------------------------------------------------------------------------------------------ logits

function logitTerms(derivation: Derivation, rows: string, columns: Columns): readonly LogitTerm[] {
  const terms: NormalForm =
    derivation.posterior !== undefined
      ? derivation.posterior.logits.flatMap((l) => l.terms)
      : derivation.factors.filter((f) => f.role === 'data').flatMap((f) => normalForm(f.density, f.line));
  return terms.map((t) => logitTerm(t, derivation, rows, columns));
}

function logitTerm(t: Term, derivation: Derivation, rows: string, columns: Columns): LogitTerm {
  const line = derivation.model.factors.find((f) => f.line === t.line)!.line;
  const whole = sums(t.sums, multiply(number(t.coefficient), ...t.factors));
  if (!dependsOn(whole, rows)) return { kind: 'constant', line, value: whole };
  const varying = t.factors.filter((f) => dependsOn(f, rows));
  const others = multiply(number(t.coefficient), ...t.factors.filter((f) => !dependsOn(f, rows)));
  const only = varying[0];
  if (
    t.sums.length === 0 &&
    varying.length === 1 &&
    only.kind === 'quadratic' &&
    !dependsOn(only.matrix, rows)
  )
    return {
      kind: 'quadratic',
      line,
      coefficient: others,
      residual: affine(only.vector, rows, columns),
      matrix: only.matrix,
    };
  if (t.sums.length === 0 && varying.every((f) => shapeOf(f).length === 0)) {
    const form = affine(multiply(...varying), rows, columns);
    if (form.parts.length === 1 && form.parts[0].kind === 'scaled')
      return {
        kind: 'linear',
        line,
        group: form.parts[0].group,
        coefficient: multiply(others, form.parts[0].coefficient),
      };
  }
  throw new Error(`no plan for the term ${printText(whole)}`);
}

const variesWith = (t: Extract<LogitTerm, { kind: 'quadratic' }>, index: string): boolean =>
  dependsOn(t.coefficient, index) ||
  dependsOn(t.matrix, index) ||
  t.residual.parts.some((p) => dependsOn(p.coefficient, index));

function pairsOfLogits(logits: readonly LogitTerm[]): Pairs {
  const forms = logits.flatMap((t) => (t.kind === 'quadratic' ? [t] : []));
  if (forms.length === 0) return 'none';
  return forms.every(
    (t) =>
      isSquares(t.residual) &&
      (isNumber(t.matrix) || t.matrix.kind === 'identity' || t.matrix.kind === 'diag'),
  )
    ? 'squares'
    : 'all';
}

/** Only squares of single columns are needed: every coordinate of the form reads one column. */
const isSquares = (form: AffineForm): boolean => isPlain(form) && form.parts.length === 1;

// ------------------------------------------------------------------------------------------------ statistics

function planned(s: Statistic, rows: string, columns: Columns): PlannedStatistic {
  return {
    name: s.name,
    ranges: s.ranges,
    definition: s.definition,
    reading: reading(s.definition, rows, columns),
  };
}

/** How Σ_i w r (…) is read off the moments. */
function reading(definition: Expr, rows: string, columns: Columns): StatisticReading {
  if (definition.kind !== 'sum') throw new Error(`not a sum over rows: ${printText(definition)}`);
  const factors = definition.body.kind === 'multiply' ? definition.body.factors : [definition.body];
  const content = factors.filter(
    (f) => !(f.kind === 'symbol' && (f.role === 'responsibility' || f.role === 'weight')),
  );
  const form = (e: Expr): AffineForm => affine(e, rows, columns);
  const only = content[0];
  if (only === undefined) return { kind: 'weight' };
  if (content.length === 1) {
    if (only.kind === 'outer') {
      const left = form(only.left);
      // the same object for both sides tells the parameter stage that the matrix is symmetric
      const right = printText(only.left) === printText(only.right) ? left : form(only.right);
      return { kind: 'second', left, right, as: 'matrix' };
    }
    if (only.kind === 'quadratic') {
      const vector = form(only.vector);
      return { kind: 'second', left: vector, right: vector, as: 'trace', matrix: only.matrix };
    }
    if (only.kind === 'power' && only.exponent === 2) {
      const base = form(only.base);
      return shapeOf(only.base).length === 1
        ? { kind: 'second', left: base, right: base, as: 'diagonal' }
        : { kind: 'second', left: base, right: base, as: 'trace', matrix: ONE };
    }
    return { kind: 'first', form: form(only) };
  }
  const varying = content.filter((f) => dependsOn(f, rows));
  if (varying.length === 2 && varying.length === content.length) {
    const [a, b] = varying as [Expr, Expr];
    const [left, right] = shapeOf(a).length >= shapeOf(b).length ? [a, b] : [b, a];
    const isScalar = shapeOf(left).length === 0;
    return isScalar
      ? { kind: 'second', left: form(left), right: form(right), as: 'trace', matrix: ONE }
      : { kind: 'second', left: form(left), right: form(right), as: 'matrix' };
  }
  return { kind: 'first', form: form(multiply(...content)) };
}

function pairsOfStatistics(statistics: readonly PlannedStatistic[]): Pairs {
  const seconds = statistics.flatMap((s) => (s.reading.kind === 'second' ? [s.reading] : []));
  if (seconds.length === 0) return 'none';
  const squares = seconds.every(
    (r) =>
      isSquares(r.left) &&
      isSquares(r.right) &&
      r.left.parts[0].group === r.right.parts[0].group &&
      (r.as === 'diagonal' ||
        (r.as === 'trace' &&
          (isNumber(r.matrix) || r.matrix.kind === 'identity' || r.matrix.kind === 'diag'))),
  );
  return squares ? 'squares' : 'all';
}

/** Every second-moment statistic stands under Σ_k only, with coefficients of the columns that do not vary with k. */
function isPooled(
  statistics: readonly PlannedStatistic[],
  updates: readonly Update[],
  component: Range,
): boolean {
  const seconds = statistics.filter(
    (s) => s.reading.kind === 'second' && s.ranges.some((r) => r.index === component.index),
  );
  const coefficientsFixed = seconds.every(
    (s) =>
      s.reading.kind === 'second' &&
      [...s.reading.left.parts, ...s.reading.right.parts].every(
        (p) => !dependsOn(p.coefficient, component.index),
      ) &&
      (s.reading.as !== 'trace' || !dependsOn(s.reading.matrix, component.index)),
  );
  const names = new Set(seconds.map((s) => s.name));
  return coefficientsFixed && updates.every((u) => !standsOutsideSum(u.value, names, component.index));
}

/** A statistic that is used by itself, not as the whole body of Σ_k. */
function standsOutsideSum(e: Expr, names: ReadonlySet<string>, index: string): boolean {
  if (e.kind === 'symbol') return names.has(e.name);
  if (e.kind === 'sum' && e.range.index === index && e.body.kind === 'symbol' && names.has(e.body.name))
    return false;
  return partsOf(e).some((part) => standsOutsideSum(part, names, index));
}
