/**
 * What does not vary with the row is computed before the rows are gone through: `Sigma[k]⁻¹` once for each k. And a sum in
 * which the data says which term is meant is that term: Σ_c [colour[i] = c] f(c) = f(colour[i]).
 */
import { add, multiply, ONE, running, shapeOf, symbol } from '../../../algebra/build.js';
import { printKey, printText } from '../../../algebra/print.js';
import { boundRanges, dependsOn, mapParts, partsOf, reindex, some } from '../../../algebra/traverse.js';
import type { Expr, Range } from '../../../algebra/types.js';
import { comment, constant } from '../build.js';
import { codeOf } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Statement } from '../tree.js';
import { overRanges } from './over.js';

export interface Hoist {
  /** the expression of a row, with what is the same for all rows as constants; `bound` are the indices around it */
  readonly row: (e: Expr, bound: readonly Range[]) => Expr;
  /** declarations of the constants that were made since the last call */
  readonly statements: (scope: Scope) => readonly Statement[];
  /** the name of a constant in the code */
  readonly name: (symbol: string) => string | undefined;
  /** whether a factor of a row's expression may be infinite: a logarithm, or a constant with one in it */
  readonly isInfinite: (e: Expr) => boolean;
}

interface Constant {
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly value: Expr;
}

/** `unused` gives a name that nothing else has. */
export function hoisting(rows: string, unused: (wanted: string) => string): Hoist {
  const known = new Map<string, Expr>();
  const names = new Map<string, string>();
  const values = new Map<string, Expr>();
  let fresh: Constant[] = [];

  const constantOf = (e: Expr, bound: readonly Range[]): Expr => {
    const ranges = bound.filter((r) => dependsOn(e, r.index));
    const key = `${ranges.map((r) => r.index).join()} ${printKey(e)}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const id = ` constant ${String(known.size)}`;
    const name = unused('constant');
    const made = symbol(
      id,
      'statistic',
      ranges.map((r) => running(r.index)),
      shapeOf(e),
    );
    known.set(key, made);
    names.set(id, name);
    values.set(id, e);
    fresh.push({ name, ranges, value: e });
    return made;
  };

  const hoisted = (e: Expr, bound: readonly Range[]): Expr => {
    const go = (part: Expr): Expr => hoisted(part, bound);
    if (!dependsOn(e, rows)) return isDear(e) ? constantOf(e, bound) : e;
    if (e.kind === 'add' || e.kind === 'multiply') {
      const parts = e.kind === 'add' ? e.terms : e.factors;
      const join = (list: readonly Expr[]): Expr => (e.kind === 'add' ? add(...list) : multiply(...list));
      // conditions on indices stay where they are seen
      const isStill = (p: Expr): boolean => !dependsOn(p, rows) && p.kind !== 'condition';
      const still = parts.filter(isStill);
      if (!still.some(isDear)) return join(parts.map(go));
      return join([constantOf(join(still), bound), ...parts.filter((p) => !isStill(p)).map(go)]);
    }
    return mapParts(e, (part) => hoisted(part, [...bound, ...boundRanges(e)]));
  };

  return {
    row: (e, bound) => selected(hoisted(e, bound)),
    statements: (scope) => {
      const list = fresh;
      fresh = [];
      return list.flatMap(({ name, ranges, value }) => [
        comment(printText(value)),
        constant(name, overRanges(ranges, codeOf(value, scope), scope)),
      ]);
    },
    name: (id) => names.get(id),
    isInfinite: (e) =>
      some(e, (p) => isLogarithm(p) || (p.kind === 'symbol' && some(values.get(p.name) ?? ONE, isLogarithm))),
  };
}

const isLogarithm = (e: Expr): boolean =>
  e.kind === 'function' && e.name === 'log' && e.argument.kind !== 'number';

const DEAR: ReadonlySet<Expr['kind']> = new Set([
  'function',
  'inverse',
  'logdet',
  'product',
  'solve',
  'sum',
  'quadratic',
  'dot',
  'trace',
  'logsumexp',
]);

/** More than a few operations on numbers. */
const isDear = (e: Expr): boolean => some(e, (p) => DEAR.has(p.kind));

/** Σ_c [colour[i] = c] f(c) as f(colour[i]). */
function selected(e: Expr): Expr {
  const inside = mapParts(e, selected);
  if (inside.kind !== 'sum') return inside;
  const { range, body } = inside;
  const factors = body.kind === 'multiply' ? body.factors : [body];
  const chosen = factors.find(
    (f) =>
      f.kind === 'indicator' &&
      f.role === 'data' &&
      f.value.kind === 'running' &&
      f.value.index === range.index &&
      f.at.length === 1 &&
      f.at[0].kind === 'running',
  );
  if (chosen?.kind !== 'indicator' || chosen.at[0].kind !== 'running') return inside;
  const rest = multiply(...factors.filter((f) => f !== chosen));
  if (!canSelect(rest, range.index)) return inside;
  return reindex(rest, range.index, { kind: 'data', name: chosen.symbol, at: chosen.at[0].index });
}

/** The index chooses entries only: as a number it counts from 1, and a sum over it is its own. */
const canSelect = (e: Expr, index: string): boolean =>
  e.kind !== 'position' &&
  !(e.kind === 'indicator' && e.value.kind === 'running' && e.value.index === index) &&
  !boundRanges(e).some((r) => r.index === index) &&
  partsOf(e).every((part) => canSelect(part, index));
