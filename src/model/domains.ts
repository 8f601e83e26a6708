/**
 * What is known of numbers, and of scales.
 *
 * A scale kind is a unit: an sd has the unit of the data to the power 1, a variance 2, a precision −2. Products add,
 * quotients subtract, powers multiply; so `s^2`, `sqrt(v)` and `1 / v` become what they should, and a ratio of two
 * variances is a plain number.
 */
import type { Domain, ScaleKind, ValueType } from './types.js';

const UNITS: Readonly<Record<ScaleKind, number>> = { sd: 1, variance: 2, precision: -2 };

export const unitOf = (kind: ScaleKind | undefined): number => (kind === undefined ? 0 : UNITS[kind]);

export function kindOf(unit: number): ScaleKind | undefined {
  return unit === 1 ? 'sd' : unit === 2 ? 'variance' : unit === -2 ? 'precision' : undefined;
}

/** The type with this scale kind, or with none. */
export function withScale(type: ValueType, scale: ScaleKind | undefined): ValueType {
  const { scale: _dropped, ...rest } = type;
  return scale === undefined ? rest : { ...rest, scale };
}

const NUMERIC: ReadonlySet<Domain> = new Set([
  'real',
  'positive',
  'unit',
  'count',
  'simplex',
  'shape',
  'covariance',
  'orthogonal',
]);
const NOT_NEGATIVE: ReadonlySet<Domain> = new Set(['positive', 'unit', 'count', 'simplex', 'shape']);

export const isNumeric = (domain: Domain): boolean => NUMERIC.has(domain);
export const isNotNegative = (domain: Domain): boolean => NOT_NEGATIVE.has(domain);

/** Zero and one count as probabilities; a whole number above one as a count. */
export function literalDomain(value: number): Domain {
  if (value < 0) return 'real';
  if (value <= 1) return 'unit';
  return Number.isInteger(value) ? 'count' : 'positive';
}

/** What holds both: the domain of `[a, b]` and of `if … then a else b`. */
export function join(a: Domain, b: Domain): Domain {
  if (a === 'unknown' || b === 'unknown') return 'unknown';
  if (a === b) return a;
  return isNotNegative(a) && isNotNegative(b) ? 'positive' : 'real';
}

export function sumDomain(a: Domain, b: Domain): Domain {
  if (a === 'count' && b === 'count') return 'count';
  if (a === 'covariance' && b === 'covariance') return 'covariance';
  return isNotNegative(a) && isNotNegative(b) ? 'positive' : 'real';
}

/** A number times anything. */
export function scaledDomain(factor: Domain, of: Domain, rank: number): Domain {
  if (!isNotNegative(factor)) return 'real';
  if (rank === 2) return of === 'covariance' ? 'covariance' : 'real';
  if (!isNotNegative(of)) return 'real';
  if (factor === 'unit' && (of === 'unit' || of === 'simplex')) return 'unit';
  return factor === 'count' && of === 'count' ? 'count' : 'positive';
}

export function powerDomain(base: Domain, exponent: number | undefined): Domain {
  if (base === 'unit' && exponent !== undefined && exponent >= 0) return 'unit';
  if (base === 'count' && exponent !== undefined && exponent >= 0 && Number.isInteger(exponent))
    return 'count';
  if (isNotNegative(base)) return 'positive';
  return exponent !== undefined && exponent % 2 === 0 ? 'positive' : 'real';
}

/** One number out of a vector or matrix. */
export function entryType(type: ValueType, isDiagonal: boolean): ValueType {
  const entry = (domain: Domain): ValueType => ({ domain, shape: [] });
  switch (type.domain) {
    case 'simplex':
      return entry('unit');
    case 'shape':
      return entry('positive');
    case 'covariance':
      return isDiagonal
        ? withScale(entry('positive'), type.scale === 'variance' ? 'variance' : undefined)
        : entry('real');
    case 'orthogonal':
      return entry('real');
    case 'real':
    case 'positive':
    case 'unit':
    case 'count':
    case 'boolean':
    case 'category':
    case 'plate':
    case 'unknown':
      return withScale(entry(type.domain), type.scale);
  }
}
