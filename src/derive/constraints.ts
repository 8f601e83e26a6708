/**
 * What `constrain` lines ask of the M-step: values that are held, copies that are one, floors and caps, and equations that
 * are linear in real numbers. The rest is refused by name.
 */
import { printText } from '../algebra/print.js';
import { subtract } from '../algebra/build.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { Constraint, Expression, Model, SpanId, SymbolName } from '../model/types.js';
import type { Place, Tie } from './copies.js';
import { alone, plateRange, translate } from './translate.js';
import type { DeriveProblem, HeldValue, LinearConstraint } from './types.js';

export interface ParameterConstraints {
  readonly held: readonly HeldValue[];
  readonly ties: readonly Tie[];
  readonly bounds: readonly Bound[];
}

/** A constant that every number of a parameter, or of some of its copies, stays above or below. */
export interface Bound {
  /** one for each plate of the parameter */
  readonly at: readonly Place[];
  readonly side: 'floor' | 'cap';
  readonly value: Expr;
  readonly span: SpanId;
}

/** Two copies, or two entries of a simplex, that are equal. */
interface Pair {
  readonly pair: readonly [readonly Place[], readonly Place[]];
  readonly text: string;
  readonly span: SpanId;
}

export function constraintsOf(model: Model): {
  readonly byParameter: ReadonlyMap<SymbolName, ParameterConstraints>;
  readonly linear: readonly LinearConstraint[];
  readonly problems: readonly DeriveProblem[];
} {
  const linear: LinearConstraint[] = [];
  const problems: DeriveProblem[] = [];
  const found = new Map<SymbolName, { held: HeldValue[]; pairs: Pair[]; bounds: Bound[] }>();
  const entry = (name: SymbolName): { held: HeldValue[]; pairs: Pair[]; bounds: Bound[] } => {
    const own = found.get(name) ?? { held: [], pairs: [], bounds: [] };
    found.set(name, own);
    return own;
  };
  for (const constraint of model.constraints) {
    const read = readConstraint(constraint, model, problems);
    if (read === undefined) continue;
    const { span } = constraint;
    if (read.kind === 'held') entry(read.parameter).held.push({ at: read.at, value: read.value, span });
    else if (read.kind === 'linear') linear.push(read.constraint);
    else if (read.kind === 'tie')
      entry(read.parameter).pairs.push({ pair: read.pair, text: read.text, span });
    else entry(read.parameter).bounds.push({ at: read.at, side: read.side, value: read.value, span });
  }
  const byParameter = new Map(
    [...found].map(([name, { held, pairs, bounds }]) => [
      name,
      { bounds, ...heldAndTied(held, pairs, problems) },
    ]),
  );
  for (const [name, { bounds, ties }] of byParameter)
    for (const b of bounds)
      if (ties.length > 0 && b.at.some((p) => p !== 'every'))
        problems.push({
          kind: 'constraint-not-solved',
          text: `${name} ${b.side === 'floor' ? '>=' : '<='} ${printText(b.value)}`,
          reason: 'beside copies that are tied, a floor or a cap is solved when it holds for all of them',
          span: b.span,
        });
  return { byParameter, linear, problems };
}

/** Pairs joined to classes; a copy that is tied to one that is held is held as well. */
function heldAndTied(
  held: readonly HeldValue[],
  pairs: readonly Pair[],
  problems: DeriveProblem[],
): { readonly held: readonly HeldValue[]; readonly ties: readonly Tie[] } {
  const key = (places: readonly Place[]): string => places.join(',');
  const pattern = (places: readonly Place[]): string =>
    places.map((p) => (p === 'every' ? p : '#')).join(',');
  const refuse = ({ text, span }: Pair, reason: string): void => {
    problems.push({ kind: 'constraint-not-solved', text, reason, span });
  };
  const [first] = pairs;
  let classes: (readonly Place[])[][] = [];
  for (const p of pairs) {
    if (pattern(p.pair[0]) !== pattern(first.pair[0])) {
      refuse(p, `beside \`${first.text}\` it ties the parameter in another way`);
      continue;
    }
    const touched = classes.filter((c) => c.some((at) => p.pair.some((q) => key(q) === key(at))));
    const joined = new Map([...touched.flat(), ...p.pair].map((at) => [key(at), at]));
    classes = [...classes.filter((c) => !touched.includes(c)), [...joined.values()]];
  }
  const extra: HeldValue[] = [];
  const ties = classes.filter((c) => {
    const values = held.filter((h) => c.some((at) => key(at) === key(h.at)));
    if (values.length === 0) return true;
    const other = values.find((h) => printText(h.value) !== printText(values[0].value));
    const pair = pairs.find((p) => c.includes(p.pair[0]) || c.includes(p.pair[1])) ?? first;
    if (other !== undefined) refuse(pair, 'the two are held at different values');
    extra.push(
      ...c
        .filter((at) => !values.some((h) => key(h.at) === key(at)))
        .map((at) => ({ at, value: values[0].value, span: pair.span })),
    );
    return false;
  });
  return { held: [...held, ...extra], ties };
}

type Read =
  | {
      readonly kind: 'held';
      readonly parameter: SymbolName;
      readonly at: readonly Place[];
      readonly value: Expr;
    }
  | ({ readonly kind: 'bound'; readonly parameter: SymbolName } & Omit<Bound, 'span'>)
  | ({ readonly kind: 'tie'; readonly parameter: SymbolName } & Omit<Pair, 'span'>)
  | { readonly kind: 'linear'; readonly constraint: LinearConstraint };

/** An equation that is linear in parameters of real numbers; undefined where it is not. */
function linearConstraint(constraint: Constraint, model: Model): Read | undefined {
  const t = alone(model);
  const value = subtract(translate(constraint.left, t), translate(constraint.right, t));
  const names = [
    ...new Set(symbolsOf(value).flatMap((s) => (s.role === 'parameter' ? [s.name as SymbolName] : []))),
  ];
  const isReal = names.every((name) => {
    const { type } = model.parameters.find((p) => p.name === name)!;
    return type.domain === 'real' && type.shape.length <= 1;
  });
  if (t.problems.length > 0 || names.length === 0 || !isReal || !isAffine(value)) return undefined;
  return {
    kind: 'linear',
    constraint: {
      parameters: names,
      ranges: constraint.plates.map((plate) => plateRange(plate, model)),
      value,
      span: constraint.span,
    },
  };
}

/** Linear in parameters, with coefficients that hold none. */
function isAffine(e: Expr): boolean {
  const isFree = (part: Expr): boolean => !symbolsOf(part).some((s) => s.role === 'parameter');
  if (isFree(e) || e.kind === 'symbol') return true;
  if (e.kind === 'element') return isAffine(e.of);
  if (e.kind === 'add') return e.terms.every(isAffine);
  if (e.kind === 'multiply' || e.kind === 'product') {
    const own = e.factors.filter((f) => !isFree(f));
    return own.length === 1 && isAffine(own[0]);
  }
  if (e.kind === 'sum') return isAffine(e.body);
  if (e.kind === 'dot') return isFree(e.left) ? isAffine(e.right) : isFree(e.right) && isAffine(e.left);
  if (e.kind === 'vector') return e.elements.every(isAffine);
  return e.kind === 'fill' && isAffine(e.value);
}

function readConstraint(constraint: Constraint, model: Model, problems: DeriveProblem[]): Read | undefined {
  const t = alone(model, problems);
  const text = `${printText(translate(constraint.left, t))} ${constraint.relation} ${printText(translate(constraint.right, t))}`;
  const refuse = (reason: string): Read | undefined => {
    problems.push({ kind: 'constraint-not-solved', text, reason, span: constraint.span });
    return undefined;
  };
  if (constraint.relation === '=') {
    const linear = isSingleValue(constraint, model) ? undefined : linearConstraint(constraint, model);
    if (linear !== undefined) return linear;
    const { left, right } = constraint;
    if (left.kind === 'symbol' && right.kind === 'symbol' && left.name === right.name) {
      const pair = tieOf(left, right, model);
      return typeof pair === 'string' ? refuse(pair) : { kind: 'tie', parameter: left.name, pair, text };
    }
    const [side, other] = isParameter(constraint.left, model)
      ? [constraint.left, constraint.right]
      : [constraint.right, constraint.left];
    if (!isParameter(side, model) || side.kind !== 'symbol')
      return refuse('neither side is a parameter alone');
    if (hasParameter(other, model))
      return refuse(
        'parameters of one domain are tied when each side is one of them alone; other equations are solved for real numbers',
      );
    const indices = [...side.indices, ...side.coordinates];
    const parameter = model.parameters.find((p) => p.name === side.name)!;
    const isSimplexEntry =
      parameter.type.domain === 'simplex' && indices.length === parameter.plates.length + 1;
    if (!isSimplexEntry && side.coordinates.length > 0)
      return refuse('it holds one coordinate of a vector or matrix');
    if (parameter.type.domain === 'simplex' && !isSimplexEntry)
      return refuse('it holds a whole simplex; write a constant in its place');
    const at = placesOf(side);
    if (at === undefined) return refuse('an index is neither a number nor a plate');
    // the entry of a simplex is a number; the simplexes it stands in may be all of a plate
    if (at.every((p) => p === 'every') || (isSimplexEntry && at.at(-1) === 'every'))
      return refuse('it holds every component; write a constant in the place of the parameter');
    return { kind: 'held', parameter: side.name, at, value: translate(other, t) };
  }
  const isCap = isParameter(constraint.left, model);
  const [side, bound] = isCap ? [constraint.left, constraint.right] : [constraint.right, constraint.left];
  if (!isParameter(side, model) || side.kind !== 'symbol' || hasParameter(bound, model))
    return refuse('only a constant floor under a parameter, or a cap over it, is solved');
  if (model.parameters.find((p) => p.name === side.name)?.type.domain === 'simplex')
    return refuse('the entries of a simplex can be held or tied; a floor or a cap on them is not solved');
  if (side.coordinates.length > 0)
    return refuse('a floor or a cap is solved when it holds for every coordinate');
  const at = placesOf(side);
  if (at === undefined) return refuse('an index is neither a number nor a plate');
  const value = translate(bound, t);
  return {
    kind: 'bound',
    parameter: side.name,
    at,
    side: isCap ? 'cap' : 'floor',
    value: value.kind === 'fill' ? value.value : value,
  };
}

type SymbolExpression = Extract<Expression, { kind: 'symbol' }>;

/** The places of a symbol's indices and coordinates; undefined where one is neither a number nor a plate. */
function placesOf(e: SymbolExpression): readonly Place[] | undefined {
  const places = [...e.indices, ...e.coordinates].map((i): Place | undefined =>
    i.kind === 'number' ? i.value : i.kind === 'plate' ? 'every' : undefined,
  );
  return places.includes(undefined) ? undefined : (places as readonly Place[]);
}

/** `s2[1] = s2[2]`, `pi[1] = pi[2]`, `A[1, j] = A[2, j]`; or why it is not solved. */
function tieOf(left: SymbolExpression, right: SymbolExpression, model: Model): Pair['pair'] | string {
  const parameter = model.parameters.find((p) => p.name === left.name);
  if (parameter === undefined) return 'neither side is a parameter alone';
  const [a, b] = [placesOf(left), placesOf(right)];
  if (a === undefined || b === undefined || a.length !== b.length)
    return 'an index is neither a number nor a plate';
  const isEntry = a.length > parameter.plates.length;
  if (isEntry && parameter.type.domain !== 'simplex') return 'it ties one coordinate of a vector or matrix';
  const plates = (e: SymbolExpression): string =>
    [...e.indices, ...e.coordinates].map((i) => (i.kind === 'plate' ? i.plate : '#')).join(',');
  if (plates(left) !== plates(right) || (isEntry && a.at(-1) === 'every'))
    return 'it ties every component; leave the index off the parameter';
  if (a.every((p, n) => p === b[n])) return 'both sides are the same';
  return [a, b];
}

/** One component of a parameter is given a value: `mu[1] = 0`, which needs no multiplier. */
function isSingleValue(c: Constraint, model: Model): boolean {
  const [side, other] = isParameter(c.left, model) ? [c.left, c.right] : [c.right, c.left];
  return (
    side.kind === 'symbol' &&
    isParameter(side, model) &&
    !hasParameter(other, model) &&
    side.coordinates.length === 0 &&
    side.indices.every((i) => i.kind === 'number')
  );
}

const isParameter = (e: Expression, model: Model): boolean =>
  e.kind === 'symbol' && model.parameters.some((p) => p.name === e.name);

const hasParameter = (e: Expression, model: Model): boolean =>
  symbolsOf(translate(e, alone(model))).some((s) => s.role === 'parameter');
