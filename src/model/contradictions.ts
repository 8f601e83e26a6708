/**
 * Constraints that cannot hold, found before anything is estimated: a value outside of its type, two that contradict
 * each other, weights that sum to more than one. Only constraints that bound one symbol by a number are looked at.
 */
import { knownEntries, knownValue } from './constant-folding.js';
import { error, operand } from './context.js';
import type { Context } from './context.js';
import { sizeValue } from './sizes.js';
import type { Constraint, Expression, SpanId } from './types.js';

/** `symbol[at] relation value`; `*` is every value of a plate. */
interface Fact {
  readonly symbol: Extract<Expression, { kind: 'symbol' }>;
  readonly at: readonly (number | '*')[];
  readonly low: number;
  readonly high: number;
  /** whether the ends are excluded */
  readonly isOpen: boolean;
  readonly span: SpanId;
  /** the side that gives the value */
  readonly given: Expression;
}

export function checkFacts(context: Context, constraints: readonly Constraint[]): void {
  const facts = constraints.flatMap((c) => factsOf(context, c));
  const isRight = facts.map((f) => isPossible(context, f));
  const good = facts.filter((_, n) => isRight[n]);
  const contradicted = new Set<Fact>();
  for (const [n, later] of good.entries()) {
    const earlier = good.slice(0, n).find((f) => areOfOne(f, later) && isEmpty(f, later));
    if (earlier === undefined) continue;
    contradicted.add(later);
    error(context, { kind: 'constraints-contradict', other: earlier.span, span: later.span });
  }
  checkSums(
    context,
    good.filter((f) => !contradicted.has(f)),
  );
  for (const c of constraints) checkVectors(context, c);
}

function factsOf(context: Context, c: Constraint): readonly Fact[] {
  const [p, q] = [knownValue(context, c.left), knownValue(context, c.right)];
  const [side, value, isLeft] = q !== undefined ? [c.left, q, true] : [c.right, p, false];
  if (value === undefined || side.kind !== 'symbol') return [];
  const at = [...side.indices, ...side.coordinates].map((i) => (i.kind === 'number' ? i.value : '*'));
  const isOpen = c.relation === '<';
  const given = isLeft ? c.right : c.left;
  const base = { symbol: side, at, isOpen, span: c.span, given };
  if (c.relation === '=') return [{ ...base, low: value, high: value }];
  return [isLeft ? { ...base, low: -Infinity, high: value } : { ...base, low: value, high: Infinity }];
}

/** The numbers that the type of one entry allows. */
function rangeOf(e: Expression): { readonly low: number; readonly high: number; readonly isOpen: boolean } {
  switch (e.type.domain) {
    case 'positive':
    case 'shape':
      return { low: 0, high: Infinity, isOpen: true };
    case 'unit':
    case 'simplex':
      return { low: 0, high: 1, isOpen: false };
    case 'count':
      return { low: 0, high: Infinity, isOpen: false };
    case 'real':
    case 'covariance':
    case 'orthogonal':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return { low: -Infinity, high: Infinity, isOpen: false };
  }
}

function isPossible(context: Context, f: Fact): boolean {
  const range = rangeOf(f.symbol);
  const isOutside = f.high < range.low || f.low > range.high || (range.isOpen && f.high <= range.low);
  if (isOutside) {
    const value = String(knownValue(context, f.given));
    error(context, { kind: 'constraint-outside', left: operand(context, f.symbol), value, span: f.span });
  }
  return !isOutside;
}

const areOfOne = (a: Fact, b: Fact): boolean =>
  a.symbol.name === b.symbol.name &&
  a.at.length === b.at.length &&
  a.at.every((x, n) => x === '*' || b.at[n] === '*' || x === b.at[n]);

function isEmpty(a: Fact, b: Fact): boolean {
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  if (low > high) return true;
  const isTouching = low === high && (a.low !== a.high || b.low !== b.high);
  return (
    isTouching &&
    ((a.isOpen && (a.low === low || a.high === high)) || (b.isOpen && (b.low === low || b.high === high)))
  );
}

/** The fixed entries of one simplex sum to at most one, and to one when all are fixed. */
function checkSums(context: Context, facts: readonly Fact[]): void {
  const groups = new Map<string, Fact[]>();
  for (const f of facts) {
    const entity = context.entities.get(f.symbol.name);
    if (
      entity?.kind !== 'variable' ||
      entity.type.domain !== 'simplex' ||
      f.symbol.coordinates.length !== 1 ||
      f.low <= 0
    )
      continue;
    const key = JSON.stringify([f.symbol.name, f.at.slice(0, -1)]);
    groups.set(key, [...(groups.get(key) ?? []).filter((g) => g.at.at(-1) !== f.at.at(-1)), f]);
  }
  for (const group of groups.values()) {
    const entity = context.entities.get(group[0].symbol.name);
    const size = entity?.kind === 'variable' ? sizeValue(context, entity.type.shape[0]) : undefined;
    const last = group.at(-1)!;
    const every = group.find((f) => f.at.at(-1) === '*');
    const sum =
      every !== undefined && size !== undefined
        ? every.low * size
        : group.reduce((total, f) => total + f.low, 0);
    const all = group.every((f) => f.low === f.high) && (every !== undefined || group.length === size);
    if (sum > 1 + 1e-9 || (all && size !== undefined && sum < 1 - 1e-9)) {
      const others = group.slice(0, -1).map((f) => f.span);
      error(context, { kind: 'constraint-sum', name: last.symbol.name, sum, all, others, span: last.span });
    }
  }
}

/** `constrain pi = [0.6, 0.6]`: all entries at once. */
function checkVectors(context: Context, c: Constraint): void {
  if (c.relation !== '=' || c.left.type.shape.length !== 1) return;
  const [side, other] = c.left.kind === 'symbol' ? [c.left, c.right] : [c.right, c.left];
  const entries =
    other.kind === 'vector' || other.kind === 'constant' ? knownEntries(context, other) : undefined;
  if (side.kind !== 'symbol' || entries?.every((x) => x !== undefined) !== true) return;
  const range = rangeOf(side);
  const outside = entries.find((x) => x < range.low || x > range.high || (range.isOpen && x <= range.low));
  const sum = entries.reduce<number>((total, x) => total + x, 0);
  if (outside !== undefined)
    error(context, {
      kind: 'constraint-outside',
      left: operand(context, side),
      value: String(outside),
      span: c.span,
    });
  else if (side.type.domain === 'simplex' && Math.abs(sum - 1) > 1e-9)
    error(context, { kind: 'constraint-sum', name: side.name, sum, all: true, others: [], span: c.span });
}
