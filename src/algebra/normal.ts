/**
 * The normal form of a scalar expression: a sum of terms, each Σ over plates of coefficient × atoms.
 *
 * Products are multiplied out, sums distributed, logarithms of products opened, scales pulled out of quadratic forms
 * and determinants. A quadratic form itself stays whole: it is the one atom that a mean and a scale both read.
 * `normalForm` is idempotent: `normalForm(toExpr(normalForm(e)))` gives the same terms (a property test).
 */
import {
  add,
  apply,
  circle,
  identity,
  isNumber,
  log,
  multiply,
  negate,
  number,
  ONE,
  power,
  quadratic,
  shapeOf,
  sums,
} from './build.js';
import { inverted, logDeterminant, pullScale } from './matrix.js';
import { printKey } from './print.js';
import { boundRanges, dependsOn, reindex, some } from './traverse.js';
import type { Expr, Index, NormalForm, Range, Term } from './types.js';

export const term = (
  coefficient: number,
  factors: readonly Expr[],
  ranges: readonly Range[],
  line: number,
): Term => ({
  coefficient,
  sums: ranges,
  factors: sortFactors(factors),
  line,
});

/** Indicators, posteriors and weights first, then data, statistics, constants, parameters: as one writes on paper. */
function rank(e: Expr): number {
  if (e.kind === 'indicator' || e.kind === 'condition') return 0;
  if (e.kind === 'symbol') {
    const order = { responsibility: 1, weight: 2, data: 4, statistic: 3, constant: 5, parameter: 6 } as const;
    return order[e.role];
  }
  if (e.kind === 'size') return 3.5;
  if (e.kind === 'power') return rank(e.base);
  if (e.kind === 'quadratic') return 9;
  return 8;
}

const sortFactors = (factors: readonly Expr[]): readonly Expr[] =>
  factors
    .map((f) => ({ f, r: rank(f), key: printKey(f) }))
    .sort((a, b) => a.r - b.r || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ f }) => f);

/** Multiplies factors with equal bases into one power. */
function mergePowers(factors: readonly Expr[]): readonly Expr[] {
  const merged = new Map<string, { base: Expr; exponent: number }>();
  for (const f of factors) {
    const base = f.kind === 'power' ? f.base : f;
    const exponent = f.kind === 'power' ? f.exponent : 1;
    const key = printKey(base);
    const seen = merged.get(key);
    // [z = k]² = [z = k]: it is 0 or 1
    if (seen)
      seen.exponent = base.kind === 'indicator' || base.kind === 'condition' ? 1 : seen.exponent + exponent;
    else merged.set(key, { base, exponent });
  }
  return [...merged.values()].filter((m) => m.exponent !== 0).map((m) => power(m.base, m.exponent));
}

function times(a: Term, b: Term): Term {
  const right = apart(b, a);
  const left = apart(a, right);
  return term(
    left.coefficient * right.coefficient,
    mergePowers([...left.factors, ...right.factors]),
    [...left.sums, ...right.sums],
    left.line,
  );
}

/** The same term, its sums over indices that the other one does not have: a plate may be called as a coordinate is. */
export function apart(t: Term, other: Pick<Term, 'factors' | 'sums'>): Term {
  const has = (of: Pick<Term, 'factors' | 'sums'>, index: string): boolean =>
    of.sums.some((r) => r.index === index) || of.factors.some((f) => mentions(f, index));
  return t.sums.reduce((own, { index }) => {
    if (!has(other, index)) return own;
    const to = freshIndex((name) => has(other, name) || has(own, name));
    return {
      ...own,
      sums: own.sums.map((r) => (r.index === index ? { ...r, index: to } : r)),
      factors: sortFactors(own.factors.map((f) => reindex(f, index, { kind: 'running', index: to }))),
    };
  }, t);
}

/** The index stands in the expression, free or as what a sum runs over. */
const mentions = (e: Expr, index: string): boolean =>
  dependsOn(e, index) || some(e, (part) => boundRanges(part).some((r) => r.index === index));

const atom = (e: Expr, line: number): NormalForm => [term(1, [e], [], line)];

/** The terms of a scalar expression. `line` marks where they came from. */
export function normalForm(e: Expr, line: number): NormalForm {
  return collectLike(expand(e, line));
}

function expand(e: Expr, line: number): NormalForm {
  switch (e.kind) {
    case 'number':
      return e.value === 0 ? [] : [term(e.value, [], [], line)];
    case 'add':
      return e.terms.flatMap((t) => expand(t, line));
    case 'multiply':
      return e.factors.reduce<NormalForm>(
        (left, f) => {
          const right = isDataSum(f) && hasParameter(e) ? atom(f, line) : expand(f, line);
          return left.flatMap((a) => right.map((b) => times(a, b)));
        },
        [term(1, [], [], line)],
      );
    case 'power': {
      const base = expand(e.base, line);
      const only = base[0];
      if (base.length === 1 && only !== undefined && only.sums.length === 0)
        return [
          term(
            only.coefficient ** e.exponent,
            only.factors.map((f) => power(f, e.exponent)),
            [],
            line,
          ),
        ];
      return atom(power(toExpr(base), e.exponent), line);
    }
    case 'sum':
      return expand(e.body, line).flatMap((t) => {
        const inner = apart(t, { factors: [], sums: [e.range] });
        return sift(term(inner.coefficient, inner.factors, [e.range, ...inner.sums], line), e.range);
      });
    case 'function':
      return e.name === 'log' ? expandLog(e.argument, line) : atom(e, line);
    case 'logdet':
      return expandLogDeterminant(e, line);
    case 'quadratic':
      return expandQuadratic(e.vector, e.matrix, line);
    case 'trace': {
      const { scale, core } = pullScale(e.of);
      if (isNumber(scale, 1)) return atom(e, line);
      return expand(multiply(scale, { kind: 'trace', of: core }), line);
    }
    case 'circle':
    case 'size':
    case 'position':
    case 'symbol':
    case 'element':
    case 'indicator':
    case 'maximum':
    case 'minimum':
    case 'logsumexp':
    case 'largest':
    case 'median':
    case 'condition':
    case 'vector':
    case 'family':
    case 'fill':
    case 'identity':
    case 'diag':
    case 'diagonal':
    case 'product':
    case 'transpose':
    case 'inverse':
    case 'dot':
    case 'outer':
    case 'solve':
    case 'axes':
      return atom(e, line);
  }
}

const hasParameter = (e: Expr): boolean => some(e, (p) => p.kind === 'symbol' && p.role === 'parameter');

/**
 * A sum of data alone, (n − y[i]), beside a parameter stays one number: n log 0 − y log 0 is no number where
 * (n − y) log 0 is 0.
 */
const isDataSum = (e: Expr): boolean =>
  e.kind === 'add' &&
  some(e, (p) => p.kind === 'symbol' && p.role === 'data') &&
  !some(e, (p) => p.kind === 'symbol' && p.role !== 'data' && p.role !== 'constant');

/**
 * Σ_k [k = 1] f(k) = f(1). Conditions on k that contradict each other leave nothing; [k ≠ 1] of two values is [k = 2].
 */
function sift(t: Term, range: Range): NormalForm {
  const read = t.factors.flatMap((f) => {
    const at = entryNamed(f, range);
    return at === undefined ? [] : [{ ...at, factor: f }];
  });
  const wanted = read.find((c) => c.equal);
  if (wanted === undefined) return [t];
  if (read.some((c) => c.equal !== (c.value === wanted.value))) return [];
  const to: Index = {
    kind: 'fixed',
    value: wanted.value,
    ...(wanted.label === undefined ? {} : { label: wanted.label }),
  };
  const rest = t.factors.filter((f) => !read.some((c) => c.factor === f));
  return [
    term(
      t.coefficient,
      rest.map((f) => reindex(f, range.index, to)),
      t.sums.filter((s) => s !== range),
      t.line,
    ),
  ];
}

/** What a factor says of the index: that it is, or is not, a number. */
function entryNamed(
  e: Expr,
  range: Range,
): { readonly equal: boolean; readonly value: number; readonly label: string | undefined } | undefined {
  if (e.kind !== 'condition' || e.left.kind !== 'position' || e.left.index !== range.index) return undefined;
  if (e.right.kind !== 'number' || (e.relation !== '=' && e.relation !== '!=')) return undefined;
  const { value } = e.right;
  if (e.relation === '=') return { equal: true, value, label: e.label };
  if (range.dim !== 2) return { equal: false, value, label: undefined };
  return { equal: true, value: 3 - value, label: NEGATION[e.label ?? ''] };
}

const NEGATION: Readonly<Partial<Record<string, string>>> = { true: 'false', false: 'true' };

function expandLogDeterminant(e: Extract<Expr, { kind: 'logdet' }>, line: number): NormalForm {
  const opened = logDeterminant(e.of, freshCoordinate(e.of));
  if (opened.kind === 'logdet') return atom(opened, line);
  return expand(opened, line);
}

/** The name of the running index for Σ over coordinates; plates of the user keep theirs. */
export const freshCoordinate = (e: Expr): string => freshIndex((name) => dependsOn(e, name));

/** d, e, d_, e_, d__, …: the first that is not taken. */
function freshIndex(isTaken: (name: string) => boolean): string {
  for (let end = ''; ; end += '_') {
    const free = [`d${end}`, `e${end}`].find((name) => !isTaken(name));
    if (free !== undefined) return free;
  }
}

const isPlainConstant = (e: Expr): boolean =>
  !some(e, (p) => p.kind === 'symbol' || p.kind === 'size' || p.kind === 'element');

function expandLog(argument: Expr, line: number): NormalForm {
  if (isPlainConstant(argument)) return atom(log(argument), line);
  if (argument.kind === 'multiply') {
    const plain = argument.factors.filter(isPlainConstant);
    const rest = argument.factors.filter((f) => !isPlainConstant(f));
    return [
      ...(plain.length > 0 ? atom(log(multiply(...plain)), line) : []),
      ...rest.flatMap((f) => expandLog(f, line)),
    ];
  }
  if (argument.kind === 'power') {
    return expand(multiply(number(argument.exponent), log(argument.base)), line);
  }
  if (argument.kind === 'function' && argument.name === 'exp') return expand(argument.argument, line);
  // log σ(x) = −log(1 + e⁻ˣ), log(1 − σ(x)) = −log(1 + eˣ)
  if (argument.kind === 'function' && argument.name === 'logistic')
    return expand(negate(apply('softplus', negate(argument.argument))), line);
  const complement = oneMinusLogistic(argument);
  if (complement !== undefined) return expand(negate(apply('softplus', complement)), line);
  return atom(log(argument), line);
}

/** The x of 1 − σ(x). */
function oneMinusLogistic(e: Expr): Expr | undefined {
  if (e.kind !== 'add' || e.terms.length !== 2 || !e.terms.some((t) => isNumber(t, 1))) return undefined;
  const other = e.terms.find((t) => !isNumber(t, 1));
  if (other?.kind !== 'multiply' || other.factors.length !== 2 || !isNumber(other.factors[0], -1))
    return undefined;
  const [, f] = other.factors;
  return f.kind === 'function' && f.name === 'logistic' ? f.argument : undefined;
}

/** The summands of a vector or number: −1 × (a + b) is −a and −b. */
function summands(e: Expr): readonly Expr[] {
  if (e.kind === 'add') return e.terms.flatMap(summands);
  if (e.kind !== 'multiply') return [e];
  const sum = e.factors.find((f) => f.kind === 'add');
  if (sum?.kind !== 'add') return [e];
  const others = e.factors.filter((f) => f !== sum);
  return sum.terms.flatMap((t) => summands(multiply(...others, t)));
}

function expandQuadratic(vector: Expr, matrix: Expr, line: number): NormalForm {
  const isScalar = shapeOf(vector).length === 0;
  const { scale, core } = isScalar ? { scale: matrix, core: ONE } : pullScale(matrix);
  const atomic = quadratic(add(...summands(vector)), core);
  if (isNumber(scale, 1)) return atom(atomic, line);
  return expand(scale, line).map((t) => times(t, term(1, [atomic], [], line)));
}

/** A text that two terms share only when they are the same but for their coefficient. */
export const termKey = (t: Term): string =>
  `${t.line}|${t.sums.map((s) => `${s.index}:${s.dim}`).join(',')}|${t.factors.map(printKey).join('·')}`;

/** Adds up terms that differ only in their coefficient. */
function collectLike(terms: NormalForm): NormalForm {
  const seen = new Map<string, Term>();
  for (const t of terms) {
    const key = termKey(t);
    const before = seen.get(key);
    seen.set(key, before ? { ...before, coefficient: before.coefficient + t.coefficient } : t);
  }
  return [...seen.values()].filter((t) => t.coefficient !== 0);
}

export const termToExpr = (t: Term): Expr => sums(t.sums, multiply(number(t.coefficient), ...t.factors));

/** The expression that a normal form stands for. */
export const toExpr = (terms: NormalForm): Expr => add(...terms.map(termToExpr));

/** The checker of the normal form: what every station that matches on terms relies on. */
export function isNormal(terms: NormalForm): boolean {
  const again = terms.flatMap((t) => normalForm(termToExpr(t), t.line));
  const show = (ts: NormalForm): string =>
    ts
      .map((t) => `${t.line}:${printKey(termToExpr(t))}`)
      .sort()
      .join('\n');
  return (
    show(again) === show(terms) && terms.every((t) => t.coefficient !== 0 && Number.isFinite(t.coefficient))
  );
}

/** Matrix scale helpers that callers need beside the terms. */
export { inverted, pullScale };
export const logTwoPi: Expr = apply('log', multiply(number(2), circle));
export const identityOf = identity;
