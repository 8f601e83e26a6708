/** Random scalar expressions and values for their symbols, for property tests. */
import fc from 'fast-check';
import * as a from '../../src/algebra/build.js';
import type { Environment, Field, Tensor } from '../../src/algebra/evaluate.js';
import type { Expr } from '../../src/algebra/types.js';

const i = a.running('i');
const k = a.running('k');
export const x = a.symbol('x', 'data', [i], ['D']);
export const mu = a.symbol('mu', 'parameter', [k], ['D']);
export const Sigma = a.symbol('Sigma', 'parameter', [k], ['D', 'D'], 'symmetric-positive');
export const v = a.symbol('v', 'parameter', [k], ['D'], 'positive');
export const s2 = a.symbol('s2', 'parameter', [], [], 'positive');
export const pi = a.symbol('pi', 'parameter', [], ['K'], 'simplex');
export const r = a.symbol('r', 'responsibility', [i, k]);
export const t = a.symbol('t', 'data', [i], [], 'positive');

const residual = a.subtract(x, mu);
const leaf: fc.Arbitrary<Expr> = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((n) => a.number(n / 2)),
  fc.constantFrom<Expr>(s2, r, t, a.size('D'), a.element(pi, [k])),
);
const scale: fc.Arbitrary<Expr> = fc.constantFrom<Expr>(
  Sigma,
  a.diag(v),
  a.multiply(s2, a.identity('D')),
  a.multiply(a.number(2), s2, Sigma),
  a.diag(a.power(v, 2)),
);

/** Sums, products and powers of leaves, logarithms, determinants and quadratic forms; free in i and k. */
export const scalarExpr: fc.Arbitrary<Expr> = fc.letrec<{ e: Expr }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('e'), tie('e')).map(([p, q]) => a.add(p, q)),
    fc.tuple(leaf, tie('e')).map(([p, q]) => a.multiply(p, q)),
    fc.constantFrom<Expr>(s2, t).map((e) => a.log(a.multiply(a.number(2), a.circle, e))),
    fc.constantFrom(-2, -1, 2).map((n) => a.power(s2, n)),
    scale.map((m) => a.logdet(m)),
    scale.map((m) => a.quadratic(residual, a.inverse(m))),
  ),
})).e;

/** Σ_i Σ_k of it. */
export const summed = (e: Expr): Expr => a.sum({ index: 'i', dim: 'N' }, a.sum({ index: 'k', dim: 'K' }, e));

const SIZES = { N: 3, K: 2, D: 2 };
const VALUES: Readonly<Record<string, Tensor<number>>> = {
  x: { shape: [3, 2], data: [0.3, -1.2, 0.7, 2.1, -0.4, 0.9] },
  t: { shape: [3], data: [0.6, 1.7, 2.2] },
  mu: { shape: [2, 2], data: [0.1, 0.5, -0.8, 1.4] },
  Sigma: { shape: [2, 2, 2], data: [1.5, 0.4, 0.4, 0.9, 2.2, -0.6, -0.6, 1.1] },
  v: { shape: [2, 2], data: [0.7, 1.9, 1.2, 0.4] },
  s2: { shape: [], data: [1.3] },
  pi: { shape: [2], data: [0.35, 0.65] },
  r: { shape: [3, 2], data: [0.2, 0.8, 0.55, 0.45, 0.9, 0.1] },
};

export const environmentIn = <S>(
  field: Field<S>,
  change: (name: string, value: Tensor<number>) => Tensor<S>,
): Environment<S> => ({
  field,
  sizes: SIZES,
  indices: {},
  values: (name) => change(name, VALUES[name]),
  indicators: () => 1,
});
