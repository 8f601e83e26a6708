/**
 * Small matrices written out as numbers with names: the lines of a function body, each `const v7 = v3 * v5;`. Equal lines are
 * one. What is known when the text is made (zeros, ones, sizes) leaves no line. Sums and products are in the order in which
 * `evaluate-float64.ts` does them, so that the numbers are the same to the last bit.
 */

/** A number in code: a literal, the name of a line, an entry of an array. */
export type Atom = string;

/** A number (shape []), a vector or a row-major matrix of atoms. */
export interface Scalars {
  readonly shape: readonly number[];
  readonly entries: readonly Atom[];
}

/** More than this is run by the interpreter: it is not what a step waits for then. */
const LINES = 2500;
/** Matrices up to this size are factorised line by line. */
const UNROLLED = 4;

/** What cannot be written out, or is too long to be. */
export class NotWritten extends Error {}

export interface ScalarCode {
  readonly lines: readonly string[];
  readonly put: (code: string) => Atom;
  /** a line that gives no number: an array, a truth value */
  readonly declare: (code: string) => string;
  /** the truth values, in code, of what must not be: a matrix that is not positive definite */
  readonly failed: (condition: string) => void;
  /** what has failed since the last call */
  readonly takeFailures: () => readonly string[];
}

export function scalarCode(): ScalarCode {
  const lines: string[] = [];
  const known = new Map<string, string>();
  let failures = new Set<string>();
  const declare = (code: string): string => {
    const found = known.get(code);
    if (found !== undefined) return found;
    if (lines.length >= LINES) throw new NotWritten('too long');
    const name = `v${String(lines.length)}`;
    lines.push(`const ${name} = ${code};`);
    known.set(code, name);
    return name;
  };
  return {
    lines,
    put: declare,
    declare,
    failed: (condition) => failures.add(condition),
    takeFailures: () => {
      const taken = [...failures];
      failures = new Set();
      return taken;
    },
  };
}

export const literal = (x: number): Atom =>
  x < 0 || Object.is(x, -0) ? `(${Object.is(x, -0) ? '-0' : String(x)})` : String(x);

/** The value of a literal; undefined for a name. */
export function known(a: Atom): number | undefined {
  if (!/^[(\d-]|^Infinity|^NaN/.test(a)) return undefined;
  return Number(a.replace(/[()]/g, ''));
}

export const scalar = (entry: Atom): Scalars => ({ shape: [], entries: [entry] });

/** What is left of an array at these places of its first axes. */
export function entriesAt({ shape, entries }: Scalars, places: readonly number[]): Scalars {
  let [offset, length] = [0, entries.length];
  for (const [axis, place] of places.entries()) {
    length /= shape[axis];
    offset += place * length;
  }
  return { shape: shape.slice(places.length), entries: entries.slice(offset, offset + length) };
}

// ------------------------------------------------------------------------------------------------ arithmetic

export function sumOf(code: ScalarCode, a: Atom, b: Atom): Atom {
  const [x, y] = [known(a), known(b)];
  if (x !== undefined && y !== undefined) return literal(x + y);
  if (x === 0) return b;
  return y === 0 ? a : code.put(`${a} + ${b}`);
}

export function productOf(code: ScalarCode, a: Atom, b: Atom): Atom {
  const [x, y] = [known(a), known(b)];
  if (x !== undefined && y !== undefined) return literal(x * y);
  if (x === 1) return b;
  return y === 1 ? a : code.put(`${a} * ${b}`);
}

export const differenceOf = (code: ScalarCode, a: Atom, b: Atom): Atom => code.put(`${a} - ${b}`);

export const total = (code: ScalarCode, atoms: readonly Atom[]): Atom =>
  atoms.reduce((s, x) => sumOf(code, s, x), '0');

export function elementwise(a: Scalars, b: Scalars, f: (x: Atom, y: Atom) => Atom): Scalars {
  if (a.shape.length === 0 && b.shape.length > 0)
    return { shape: b.shape, entries: b.entries.map((y) => f(a.entries[0], y)) };
  if (b.shape.length === 0) return { shape: a.shape, entries: a.entries.map((x) => f(x, b.entries[0])) };
  return { shape: a.shape, entries: a.entries.map((x, i) => f(x, b.entries[i])) };
}

export function matrixProduct(code: ScalarCode, a: Scalars, b: Scalars): Scalars {
  if (a.shape.length === 0 || b.shape.length === 0) return elementwise(a, b, (x, y) => productOf(code, x, y));
  const [rows = 1, inner = 1] = a.shape;
  const columns = b.shape[1] ?? 1;
  const entries = Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    // a zero leaves nothing of its row
    const terms = Array.from({ length: inner }, (__, t) => t).filter(
      (t) => known(a.entries[i * inner + t]) !== 0,
    );
    return total(
      code,
      terms.map((t) => productOf(code, a.entries[i * inner + t], b.entries[t * columns + j])),
    );
  });
  return { shape: b.shape.length === 1 ? [rows] : [rows, columns], entries };
}

// ------------------------------------------------------------------------------------------------ factors

export interface Factor {
  /** entry (i, j) of the lower triangle, j <= i */
  readonly at: (i: number, j: number) => Atom;
  /** the array in code, where the triangle is not written out */
  readonly array: string | undefined;
  /** true, in code, where the matrix is not positive definite */
  readonly failed: string;
}

/** L of A = L Lᵀ, as `linear-algebra/cholesky.ts` computes it. */
export function factorOf(code: ScalarCode, a: readonly Atom[], n: number): Factor {
  if (n > UNROLLED) {
    const array = code.declare(`cholesky([${a.join(', ')}], ${String(n)})`);
    const failed = code.declare(`${array} === undefined`);
    return { array, failed, at: (i, j) => `${array}[${String(i * n + j)}]` };
  }
  const l: Atom[] = [];
  const bad: string[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let s = a[i * n + j];
      for (let t = 0; t < j; t++) s = differenceOf(code, s, code.put(`${l[i * n + t]} * ${l[j * n + t]}`));
      if (i > j) l[i * n + j] = code.put(`${s} / ${l[j * n + j]}`);
      else {
        bad.push(`!(${s} > 0 && ${s} < Infinity)`);
        l[i * n + i] = code.put(`Math.sqrt(${s})`);
      }
    }
  return { array: undefined, failed: code.declare(bad.join(' || ')), at: (i, j) => l[i * n + j] };
}

/** L⁻¹, entry (i, j) with j <= i. */
export function inverseLower(code: ScalarCode, l: Factor, n: number): (i: number, j: number) => Atom {
  if (l.array !== undefined) {
    const w = code.declare(`${l.failed} ? none : inverseLower(${l.array}, ${String(n)})`);
    return (i, j) => `${w}[${String(i * n + j)}]`;
  }
  const w: Atom[] = [];
  for (let j = 0; j < n; j++) {
    w[j * n + j] = code.put(`1 / ${l.at(j, j)}`);
    for (let i = j + 1; i < n; i++) {
      let s = '0';
      for (let t = j; t < i; t++) s = differenceOf(code, s, code.put(`${l.at(i, t)} * ${w[t * n + j]}`));
      w[i * n + j] = code.put(`${s} / ${l.at(i, i)}`);
    }
  }
  return (i, j) => w[i * n + j];
}

/** A⁻¹ = L⁻ᵀ L⁻¹. */
export function inverseOf(code: ScalarCode, a: readonly Atom[], n: number): readonly Atom[] {
  const l = factorOf(code, a, n);
  code.failed(l.failed);
  if (l.array !== undefined) {
    const inverse = code.declare(`${l.failed} ? none : inverseCholesky(${l.array}, ${String(n)})`);
    return a.map((_, at) => `${inverse}[${String(at)}]`);
  }
  const w = inverseLower(code, l, n);
  return a.map((_, at) => {
    const [i, j] = [Math.max(Math.floor(at / n), at % n), Math.min(Math.floor(at / n), at % n)];
    const terms = Array.from({ length: n - i }, (__, t) => code.put(`${w(i + t, i)} * ${w(i + t, j)}`));
    return total(code, terms);
  });
}

/** log|A| = 2 Σ log L_ii. */
export function logDeterminantOf(code: ScalarCode, a: readonly Atom[], n: number): Atom {
  const l = factorOf(code, a, n);
  code.failed(l.failed);
  const logs = Array.from({ length: n }, (_, i) =>
    code.put(`${l.array === undefined ? '' : `${l.failed} ? 0 : `}Math.log(${l.at(i, i)})`),
  );
  return code.put(`2 * ${logs.length === 1 ? logs[0] : total(code, logs)}`);
}

/** The x of A x = b, [n, m]. */
export function solutionOf(
  code: ScalarCode,
  a: readonly Atom[],
  n: number,
  b: readonly Atom[],
  m: number,
): readonly Atom[] {
  const of = (list: readonly Atom[]): string => `Float64Array.of(${list.join(', ')})`;
  const x = code.declare(`solveSymmetric(${of(a)}, ${String(n)}, ${of(b)}, ${String(m)})`);
  const failed = code.declare(`${x} === undefined`);
  code.failed(failed);
  const read = code.declare(`${failed} ? none : ${x}`);
  return b.map((_, at) => `${read}[${String(at)}]`);
}
