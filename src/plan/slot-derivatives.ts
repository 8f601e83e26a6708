/**
 * How the numbers that a row body reads change with the parameters: forward-mode automatic differentiation of the
 * expressions as they stand, in float64.
 */
import { evaluate } from '../algebra/evaluate.js';
import type { Environment, Tensor } from '../algebra/evaluate.js';
import { duals } from '../algebra/fields.js';
import type { Dual } from '../algebra/fields.js';
import { symbolsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import { cholesky, inverseLower } from '../linear-algebra/cholesky.js';
import { product, transposed } from '../linear-algebra/square.js';
import type { SymbolName } from '../model/types.js';
import { setComponent, setStratum } from './program.js';
import type { RowBody, Source } from './row-body.js';
import type { ParameterArray, Parameters, Program } from './types.js';

/** How the parameters change: what is not named stands still. */
export type Direction = ReadonlyMap<SymbolName, Float64Array>;

/** Expressions of the parameters as dual numbers at a point, along a direction. */
export interface Along {
  readonly values: (e: Expr) => Tensor<Dual>;
  readonly indices: Record<string, number>;
  /** whether an expression changes along the direction */
  readonly moves: (e: Expr) => boolean;
}

const parametersIn = new WeakMap<Expr, ReadonlySet<string>>();

function parametersOf(e: Expr): ReadonlySet<string> {
  const known = parametersIn.get(e);
  if (known !== undefined) return known;
  const names = new Set(symbolsOf(e).flatMap((s) => (s.role === 'parameter' ? [s.name] : [])));
  parametersIn.set(e, names);
  return names;
}

export function along(program: Program, parameters: Parameters, direction: Direction): Along {
  const tensors = new Map<string, Tensor<Dual>>();
  const indices: Record<string, number> = {};
  const environment: Environment<Dual> = {
    field: duals,
    sizes: program.sizes,
    indices,
    indicators: () => {
      throw new Error('a latent in an expression of the parameters');
    },
    values: (name) => {
      const known = tensors.get(name);
      if (known !== undefined) return known;
      const array: ParameterArray | undefined =
        parameters.get(name as SymbolName) ?? program.constants.get(name);
      if (array === undefined) throw new Error(`${name} has no value`);
      const change = direction.get(name as SymbolName);
      const data = Array.from(array.data, (value, n): Dual => ({ value, derivative: change?.[n] ?? 0 }));
      const tensor = { shape: array.shape, data };
      tensors.set(name, tensor);
      return tensor;
    },
  };
  const moving = [...direction.keys()];
  return {
    indices,
    values: (e) => evaluate(e, environment),
    moves: (e) => moving.some((name) => parametersOf(e).has(name)),
  };
}

/** Σ over the slots of `adjoint` × the derivative of the slot along the direction. */
export function slotsAlong(body: RowBody, program: Program, adjoint: Float64Array, a: Along): number {
  let total = 0;
  body.sources.forEach((source, n) => {
    const of = source.kind === 'total' ? source.of : [source.of];
    if (!of.some(a.moves)) return;
    const combinations = program.strataSizes[source.stratum];
    const components = source.isShared ? 1 : program.components;
    for (let k = 0; k < components; k++)
      for (let combination = 0; combination < combinations; combination++) {
        const place = (e: number): number =>
          body.starts[n] + (k * source.length + e) * combinations + combination;
        if (Array.from({ length: source.length }, (_, e) => adjoint[place(e)]).every((x) => x === 0))
          continue;
        setComponent(program, a.indices, k);
        if (source.stratum > 0) setStratum(program, a.indices, source.stratum, combination);
        Object.assign(a.indices, source.at);
        derivativesOf(source, a).forEach((slope, e) => {
          const x = adjoint[place(e)] * slope;
          // at the edge, as where a probability is 0, nothing moves
          if (Number.isFinite(x)) total += x;
        });
      }
    for (const index of Object.keys(source.at)) delete a.indices[index];
  });
  return total;
}

function derivativesOf(source: Source, a: Along): readonly number[] {
  switch (source.kind) {
    case 'value':
      return a.values(source.of).data.map((d) => d.derivative);
    case 'total':
      return [source.of.filter(a.moves).reduce((s, e) => s + a.values(e).data[0].derivative, 0)];
    case 'whitening': {
      if (a.values(source.unless).data[0].value === 0) return Array<number>(source.length).fill(0);
      const matrix = a.values(source.of).data;
      const change = Float64Array.from(matrix, (d) => d.derivative);
      return whiteningChange(
        Float64Array.from(matrix, (d) => d.value),
        change,
        source.size,
        source.isInverse,
      );
    }
  }
}

/**
 * M = L Lᵀ changes by dM, so dL = L Φ with Φ the lower triangle of L⁻¹ dM L⁻ᵀ, its diagonal halved, and
 * d(L⁻¹) = −Φ L⁻¹. Source: Murray: Differentiation of the Cholesky decomposition (2016), eq. 8.
 */
function whiteningChange(
  matrix: Float64Array,
  change: Float64Array,
  n: number,
  isInverse: boolean,
): readonly number[] {
  const l = cholesky(matrix, n);
  if (l === undefined) throw new Error('a scale is not positive definite');
  const w = inverseLower(l, n);
  const middle = product(product(w, change, n), transposed(w, n), n);
  const phi = middle.map((x, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i > j ? x : i === j ? x / 2 : 0;
  });
  const packed: number[] = [];
  if (isInverse) {
    const d = product(phi, w, n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) packed.push(-d[i * n + j]);
  } else {
    const d = product(l, phi, n);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) packed.push(d[j * n + i]);
  }
  return packed;
}
