/** Degrees of freedom: the dimension of the set that the parameters can move in, less what constraints hold. */
import { add, divide, multiply, number, shapeOf, size, subtract } from '../algebra/build.js';
import type { Dim, Expr } from '../algebra/types.js';
import type { Model, Parameter, SymbolName } from '../model/types.js';
import type { ParameterConstraints } from './constraints.js';
import { plateDim, shapeDims } from './translate.js';
import type { LinearConstraint } from './types.js';

export function degreesOfFreedom(
  model: Model,
  constraints: ReadonlyMap<SymbolName, ParameterConstraints>,
  centred: ReadonlySet<SymbolName>,
  equations: readonly LinearConstraint[],
): Expr {
  return subtract(
    add(
      ...model.parameters.map((p) => {
        // of parameters whose mean is kept at zero one copy follows from the others
        const held = (constraints.get(p.name)?.held.length ?? 0) + (centred.has(p.name) ? 1 : 0);
        return parameterDegrees(p, model, held);
      }),
    ),
    add(...equations.map((c) => multiply(...[...c.ranges.map((r) => r.dim), ...shapeOf(c.value)].map(size)))),
  );
}

function parameterDegrees(parameter: Parameter, model: Model, held: number): Expr {
  const copies = multiply(...parameter.plates.map((plate) => size(plateDim(plate, model))));
  const each = dimension(parameter, shapeDims(parameter.type, model));
  // a held entry of a simplex is one degree; a held component is all of its own
  const lost = parameter.type.domain === 'simplex' ? number(held) : multiply(number(held), each);
  return held === 0 ? multiply(copies, each) : subtract(multiply(copies, each), lost);
}

function dimension(parameter: Parameter, shape: readonly Dim[]): Expr {
  const d = size(shape[0] ?? 1);
  switch (parameter.type.domain) {
    case 'simplex':
    case 'shape':
      return subtract(d, number(1));
    case 'covariance':
      return divide(multiply(d, add(d, number(1))), number(2));
    case 'orthogonal':
      return divide(multiply(d, subtract(d, number(1))), number(2));
    case 'real':
    case 'positive':
    case 'unit':
    case 'count':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return multiply(...shape.map(size));
  }
}
