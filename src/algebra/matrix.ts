/**
 * Identities of matrices that let a scale be seen for what it is made of. Each is exact:
 *
 *     (c M)⁻¹ = c⁻¹ M⁻¹        log|c M| = D log c + log|M|        log|diag(v)| = Σ_d log v[d]
 *     diag(v)⁻¹ = diag(v⁻¹)    (A B)⁻¹ = B⁻¹ A⁻¹                  Q⁻¹ = Qᵀ, log|Q| = 0 for orthogonal Q
 *
 * so that `s2 * I`, `diag(v)`, `Sigma / kappa` and `lambda * Q * diag(A) * Q'` need no rule of their own.
 */
import {
  add,
  diag,
  element,
  identity,
  inverse,
  log,
  logdet,
  multiply,
  number,
  ONE,
  power,
  product,
  running,
} from './build.js';
import { shapeOf, size, sum, transpose, ZERO } from './build.js';
import type { Dim, Expr } from './types.js';

/** `M = scale × core` with every number pulled out of the matrix. */
export interface Scaled {
  readonly scale: Expr;
  readonly core: Expr;
}

const scaled = (scale: Expr, core: Expr): Scaled => ({ scale, core });

/** Pulls the scalars out of a matrix (or vector) expression. */
export function pullScale(m: Expr): Scaled {
  if (m.kind === 'multiply') {
    const tensor = m.factors.find((f) => shapeOf(f).length > 0);
    if (tensor === undefined) return scaled(m, ONE);
    const inner = pullScale(tensor);
    return scaled(multiply(...m.factors.filter((f) => f !== tensor), inner.scale), inner.core);
  }
  if (m.kind === 'product') {
    const parts = m.factors.map(pullScale);
    return scaled(multiply(...parts.map((p) => p.scale)), product(...parts.map((p) => p.core)));
  }
  if (m.kind === 'diag') {
    if (m.of.kind === 'fill') return scaled(m.of.value, identity(m.of.dim));
    const inner = pullScale(m.of);
    return scaled(inner.scale, inner.core === m.of ? m : diag(inner.core));
  }
  if (m.kind === 'power') {
    const inner = pullScale(m.base);
    return scaled(power(inner.scale, m.exponent), power(inner.core, m.exponent));
  }
  if (m.kind === 'transpose') {
    const inner = pullScale(m.of);
    return scaled(inner.scale, transposed(inner.core));
  }
  if (m.kind === 'inverse') {
    return inverted(m.of);
  }
  return scaled(ONE, m);
}

/** Mᵀ, with the transposes that symmetry makes needless left out. */
export function transposed(m: Expr): Expr {
  if (m.kind === 'diag' || m.kind === 'identity') return m;
  if (m.kind === 'symbol' && m.fact === 'symmetric-positive') return m;
  if (m.kind === 'inverse') return inverse(transposed(m.of));
  if (m.kind === 'product') return product(...[...m.factors].reverse().map(transposed));
  return transpose(m);
}

/** M⁻¹ as scale × core. */
export function inverted(m: Expr): Scaled {
  const { scale, core } = pullScale(m);
  return scaled(power(scale, -1), invertedCore(core));
}

function invertedCore(core: Expr): Expr {
  if (core.kind === 'identity') return core;
  if (core.kind === 'diag') return diag(power(core.of, -1));
  if (core.kind === 'inverse') return core.of;
  if (core.kind === 'product') return product(...[...core.factors].reverse().map(invertedCore));
  if (core.kind === 'symbol' && core.fact === 'orthogonal') return transpose(core);
  if (core.kind === 'transpose' && isOrthogonal(core.of)) return core.of;
  return inverse(core);
}

const isOrthogonal = (m: Expr): boolean => m.kind === 'symbol' && m.fact === 'orthogonal';

/** log|M| as a sum of scalars; `coordinate` is the running index used for Σ_d. */
export function logDeterminant(m: Expr, coordinate: string): Expr {
  const { scale, core } = pullScale(m);
  const dim: Dim = shapeOf(core)[0] ?? 1;
  return add(multiply(size(dim), log(scale)), coreLogDeterminant(core, coordinate, dim));
}

function coreLogDeterminant(core: Expr, coordinate: string, dim: Dim): Expr {
  if (core.kind === 'identity' || isOrthogonal(core)) return ZERO;
  if (core.kind === 'transpose') return coreLogDeterminant(core.of, coordinate, dim);
  if (core.kind === 'inverse') return multiply(number(-1), coreLogDeterminant(core.of, coordinate, dim));
  if (core.kind === 'product') return add(...core.factors.map((f) => coreLogDeterminant(f, coordinate, dim)));
  if (core.kind === 'diag') {
    const base = core.of.kind === 'power' ? core.of.base : core.of;
    const exponent = core.of.kind === 'power' ? core.of.exponent : 1;
    if (base.kind === 'symbol' && base.fact === 'unit-product') return ZERO;
    return sum(
      { index: coordinate, dim },
      multiply(number(exponent), log(element(base, [running(coordinate)]))),
    );
  }
  return logdet(core);
}
