/** What `constrain` lines ask of the M-step: values held for one component, and floors. The rest is refused by name. */
import { printText } from '../algebra/print.js';
import { subtract } from '../algebra/build.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { Constraint, Expression, Model, SymbolName } from '../model/types.js';
import { alone, plateRange, translate } from './translate.js';
import type { DeriveProblem, HeldValue, LinearConstraint } from './types.js';

export interface ParameterConstraints {
  readonly held: readonly HeldValue[];
  readonly floors: readonly { readonly value: Expr; readonly constraint: Constraint }[];
}

export function constraintsOf(model: Model): {
  readonly byParameter: ReadonlyMap<SymbolName, ParameterConstraints>;
  readonly linear: readonly LinearConstraint[];
  readonly problems: readonly DeriveProblem[];
} {
  const linear: LinearConstraint[] = [];
  const problems: DeriveProblem[] = [];
  const byParameter = new Map<
    SymbolName,
    { held: HeldValue[]; floors: { value: Expr; constraint: Constraint }[] }
  >();
  const entry = (
    name: SymbolName,
  ): { held: HeldValue[]; floors: { value: Expr; constraint: Constraint }[] } => {
    const found = byParameter.get(name) ?? { held: [], floors: [] };
    byParameter.set(name, found);
    return found;
  };
  for (const constraint of model.constraints) {
    const read = readConstraint(constraint, model, problems);
    if (read === undefined) continue;
    if (read.kind === 'held')
      entry(read.parameter).held.push({ at: read.at, value: read.value, span: constraint.span });
    else if (read.kind === 'linear') linear.push(read.constraint);
    else entry(read.parameter).floors.push({ value: read.value, constraint });
  }
  return { byParameter, linear, problems };
}

type Read =
  | {
      readonly kind: 'held';
      readonly parameter: SymbolName;
      readonly at: readonly number[];
      readonly value: Expr;
    }
  | { readonly kind: 'floor'; readonly parameter: SymbolName; readonly value: Expr }
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
  const refuse = (reason: string): Read | undefined => {
    const text = `${printText(translate(constraint.left, t))} ${constraint.relation} ${printText(translate(constraint.right, t))}`;
    problems.push({ kind: 'constraint-not-solved', text, reason, span: constraint.span });
    return undefined;
  };
  if (constraint.relation === '=') {
    const linear = isSingleValue(constraint, model) ? undefined : linearConstraint(constraint, model);
    if (linear !== undefined) return linear;
    const [side, other] = isParameter(constraint.left, model)
      ? [constraint.left, constraint.right]
      : [constraint.right, constraint.left];
    if (!isParameter(side, model) || side.kind !== 'symbol')
      return refuse('neither side is a parameter alone');
    if (hasParameter(other, model)) return refuse('both sides hold parameters');
    const indices = [...side.indices, ...side.coordinates];
    const parameter = model.parameters.find((p) => p.name === side.name)!;
    const isSimplexEntry =
      parameter.type.domain === 'simplex' && indices.length === parameter.plates.length + 1;
    if (!isSimplexEntry && side.coordinates.length > 0)
      return refuse('it holds one coordinate of a vector or matrix');
    if (parameter.type.domain === 'simplex' && !isSimplexEntry)
      return refuse('it holds a whole simplex; write a constant in its place');
    const fixed = indices.flatMap((i) => (i.kind === 'number' ? [i.value] : []));
    if (fixed.length !== indices.length)
      return refuse('it holds every component; write a constant in the place of the parameter');
    return { kind: 'held', parameter: side.name, at: fixed, value: translate(other, t) };
  }
  if (
    isParameter(constraint.right, model) &&
    !hasParameter(constraint.left, model) &&
    constraint.right.kind === 'symbol'
  ) {
    const parameter = model.parameters.find(
      (p) => p.name === (constraint.right as Extract<Expression, { kind: 'symbol' }>).name,
    )!;
    if (constraint.right.coordinates.length > 0 || constraint.right.indices.some((i) => i.kind !== 'plate'))
      return refuse('a floor is solved when it holds for every component and coordinate');
    const value = translate(constraint.left, t);
    return { kind: 'floor', parameter: parameter.name, value: value.kind === 'fill' ? value.value : value };
  }
  return refuse('only a constant floor under a parameter is solved');
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
