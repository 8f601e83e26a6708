/** Degrees of freedom: the dimension of the set that the parameters can move in, less what constraints hold. */
import { add, divide, multiply, number, shapeOf, size, subtract } from '../algebra/build.js';
import type { Dim, Expr } from '../algebra/types.js';
import type { Model, Parameter, SymbolName } from '../model/types.js';
import type { Place } from './copies.js';
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
        const { held = [], ties = [] } = constraints.get(p.name) ?? {};
        const lost = [...held.map((h) => h.at), ...ties.flatMap((tie) => tie.slice(1))];
        return parameterDegrees(p, model, centred.has(p.name) ? [...lost, p.plates.map(() => 1)] : lost);
      }),
    ),
    add(...equations.map((c) => multiply(...[...c.ranges.map((r) => r.dim), ...shapeOf(c.value)].map(size)))),
  );
}

/** `lost`: the places of copies, or of entries of a simplex, that follow from others. */
function parameterDegrees(parameter: Parameter, model: Model, lost: readonly (readonly Place[])[]): Expr {
  const plates = parameter.plates.map((plate) => size(plateDim(plate, model)));
  const each = dimension(parameter, shapeDims(parameter.type, model));
  const all = multiply(...plates, each);
  if (lost.length === 0) return all;
  return subtract(
    all,
    add(
      ...lost.map((places) =>
        multiply(
          ...plates.filter((_, n) => places[n] === 'every'),
          // an entry is one degree, a copy is all of its own
          ...(places.length > plates.length ? [] : [each]),
        ),
      ),
    ),
  );
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
