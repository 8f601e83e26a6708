/** The logits of a component, where they are polynomials, for the rows that are under way. */
import { multiplyAdd, v128 } from '../instructions.js';
import type { Scope } from '../scope.js';
import type { Local, Value } from '../types.js';
import { parameterPlaces } from './types.js';
import type { MixtureShape } from './types.js';

type Vector = Local<'v128'>;

/** Two rows that are under way. */
export interface Part {
  /** the columns */
  readonly u: readonly Vector[];
  /** of each component up to the one at hand, u − m[k] */
  readonly d: readonly (readonly Vector[])[];
}

/** Writes the logits of component k of each part, in units of log 2. */
export function logitWriter(
  s: Scope,
  shape: MixtureShape,
  parameters: number,
  parts: readonly Part[],
): (k: number) => readonly Value<'v128'>[] {
  return (k) => polynomials(s, shape, parameters + 8 * parameterPlaces(shape).ofComponent(k), parts, k);
}

/** c + Σ_a d_a (g_a + Σ_b h_ab d_b). */
function polynomials(
  s: Scope,
  shape: MixtureShape,
  first: number,
  parts: readonly Part[],
  k: number,
): readonly Value<'v128'>[] {
  const { madd } = multiplyAdd(shape.fused);
  const { columns } = shape;
  const pairs = shape.logits.kind === 'polynomial' ? shape.logits.pairs : [];
  const read = (from: number, length: number): readonly Vector[] =>
    Array.from({ length }, (_, at) => s.let(v128.load64Splat(0, first + 8 * (from + at))));
  const [constant] = read(0, 1);
  const linear = read(1, columns);
  const quadratic = read(1 + columns, pairs.length);
  return parts.map(({ d }) =>
    d[k].reduce<Value<'v128'>>((sum, da, a) => {
      const slope = pairs.reduce<Value<'v128'>>(
        (inner, [one, other], p) => (one === a ? madd(d[k][other], quadratic[p], inner) : inner),
        linear[a],
      );
      return madd(da, slope, sum);
    }, constant),
  );
}
