/**
 * `limit eps -> 0+`: keep the leading order in eps.
 *
 * r[i,k] = softmax_k((g + eps h) / eps) tends to the indicator of argmax_k g, ties to the lowest k; log pi[k] is of the
 * order eps beside g and drops out of the E-step; −2 eps × log joint tends to −2 Σ g, the inertia. In the M-step each
 * parameter keeps the terms of the lowest power of eps that it stands in; that power is a common factor.
 */
import { power, symbol } from '../algebra/build.js';
import { containsSymbol } from '../algebra/traverse.js';
import type { NormalForm, Term } from '../algebra/types.js';

/** The power of the constant in a term; undefined where it stands in another way (log eps, eps + 1). */
export function orderOf(t: Term, constant: string): number | undefined {
  let order = 0;
  for (const factor of t.factors) {
    if (!containsSymbol(factor, constant)) continue;
    if (factor.kind === 'symbol') order += 1;
    else if (factor.kind === 'power' && factor.base.kind === 'symbol') order += factor.exponent;
    else return undefined;
  }
  return order;
}

/** log eps is of lower order than any negative power, and has no parameter and no k in it. */
export const isLogOf = (t: Term, constant: string): boolean =>
  t.factors.some((f) => f.kind === 'function' && f.name === 'log' && containsSymbol(f, constant));

/** A term without its powers of the constant. */
export const withoutConstant = (t: Term, constant: string): Term => ({
  ...t,
  factors: t.factors.filter((f) => !containsSymbol(f, constant)),
});

/** The terms of the lowest power of the constant, and whether others were left behind. */
export function leadingTerms(
  terms: NormalForm,
  constant: string,
): { readonly leading: NormalForm; readonly order: number; readonly dropped: NormalForm } | undefined {
  const orders = terms.map((t) => (isLogOf(t, constant) ? 0 : orderOf(t, constant)));
  if (orders.some((o) => o === undefined)) return undefined;
  const order = Math.min(...(orders as number[]));
  const isLeading = (n: number): boolean => orders[n] === order && !isLogOf(terms[n], constant);
  return {
    leading: terms.filter((_, n) => isLeading(n)).map((t) => withoutConstant(t, constant)),
    order,
    dropped: terms.filter((_, n) => !isLeading(n)),
  };
}

export const powerOfConstant = (constant: string, exponent: number) =>
  power(symbol(constant, 'constant', [], [], 'positive'), exponent);
