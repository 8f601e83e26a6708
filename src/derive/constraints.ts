/** What `constrain` lines ask of the M-step: values held for one component, and floors. The rest is refused by name. */
import { printText } from '../algebra/print.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { Constraint, Expression, Model, SymbolName } from '../model/types.js';
import { alone, translate } from './translate.js';
import type { DeriveProblem, HeldValue } from './types.js';

export interface ParameterConstraints {
  readonly held: readonly HeldValue[];
  readonly floors: readonly { readonly value: Expr; readonly constraint: Constraint }[];
}

export function constraintsOf(model: Model): {
  readonly byParameter: ReadonlyMap<SymbolName, ParameterConstraints>;
  readonly problems: readonly DeriveProblem[];
} {
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
    else entry(read.parameter).floors.push({ value: read.value, constraint });
  }
  return { byParameter, problems };
}

type Read =
  | {
      readonly kind: 'held';
      readonly parameter: SymbolName;
      readonly at: readonly number[];
      readonly value: Expr;
    }
  | { readonly kind: 'floor'; readonly parameter: SymbolName; readonly value: Expr };

function readConstraint(constraint: Constraint, model: Model, problems: DeriveProblem[]): Read | undefined {
  const t = alone(model, problems);
  const refuse = (reason: string): Read | undefined => {
    const text = `${printText(translate(constraint.left, t))} ${constraint.relation} ${printText(translate(constraint.right, t))}`;
    problems.push({ kind: 'constraint-not-solved', text, reason, span: constraint.span });
    return undefined;
  };
  if (constraint.relation === '=') {
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

const isParameter = (e: Expression, model: Model): boolean =>
  e.kind === 'symbol' && model.parameters.some((p) => p.name === e.name);

const hasParameter = (e: Expression, model: Model): boolean =>
  symbolsOf(translate(e, alone(model))).some((s) => s.role === 'parameter');
