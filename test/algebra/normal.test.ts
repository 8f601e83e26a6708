import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as a from '../../src/algebra/build.js';
import { evaluate } from '../../src/algebra/evaluate.js';
import { float64 } from '../../src/algebra/fields.js';
import { isNormal, normalForm, toExpr } from '../../src/algebra/normal.js';
import { printLatex, printText } from '../../src/algebra/print.js';
import { Sigma, environmentIn, mu, s2, scalarExpr, summed, v, x } from './expressions.js';

const env = environmentIn(float64, (_, value) => value);
const show = (e: Parameters<typeof normalForm>[0]): readonly string[] =>
  normalForm(e, 0).map((t) => printText(toExpr([t])));

describe('the normal form', () => {
  it('has the value of the expression', () => {
    fc.assert(
      fc.property(scalarExpr, (e) => {
        const whole = summed(e);
        const before = evaluate(whole, env).data[0];
        const after = evaluate(toExpr(normalForm(whole, 0)), env).data[0];
        expect(Math.abs(before - after)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(before)));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('is idempotent and passes its own checker', () => {
    fc.assert(
      fc.property(scalarExpr, (e) => {
        expect(isNormal(normalForm(summed(e), 0))).toBe(true);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('opens the determinant of a scaled matrix', () => {
    expect(show(a.logdet(a.multiply(a.number(2), s2, Sigma)))).toEqual([
      'D log 2',
      'D log s2',
      'log|Sigma[k]|',
    ]);
  });

  it('reads a diagonal scale coordinate by coordinate', () => {
    expect(show(a.logdet(a.diag(v)))).toEqual(['Σ_d log v[k,d]']);
  });

  it('pulls a number out of a quadratic form and keeps the form whole', () => {
    const form = a.quadratic(a.subtract(x, mu), a.inverse(a.multiply(s2, a.identity('D'))));
    expect(show(form)).toEqual(['‖x[i] − mu[k]‖² / s2']);
  });

  it('knows that an orthogonal matrix has determinant one and is inverted by transposing', () => {
    const Q = a.symbol('Q', 'parameter', [], ['D', 'D'], 'orthogonal');
    const A = a.symbol('A', 'parameter', [], ['D'], 'unit-product');
    const scale = a.product(a.multiply(s2, Q), a.diag(A), a.transpose(Q));
    expect(show(a.logdet(scale))).toEqual(['D log s2']);
    expect(show(a.quadratic(a.subtract(x, mu), a.inverse(scale)))).toEqual([
      '(x[i] − mu[k])ᵀ (Q diag(1 / A) Qᵀ) (x[i] − mu[k]) / s2',
    ]);
  });

  it('adds up like terms', () => {
    expect(show(a.add(s2, a.multiply(a.number(2), s2)))).toEqual(['3 s2']);
    expect(normalForm(a.add(s2, a.negate(s2)), 0)).toEqual([]);
  });
});

describe('printing', () => {
  it('writes fractions, signs and powers as on paper', () => {
    expect(printText(a.multiply(a.number(-0.5), a.power(s2, -1)))).toBe('−1 / (2 s2)');
    expect(printText(a.subtract(s2, a.add(s2, a.ONE)))).toBe('s2 − (s2 + 1)');
    expect(printText(a.power(a.add(s2, a.ONE), 2))).toBe('(s2 + 1)²');
    expect(printText(a.divide(a.sum({ index: 'k', dim: 'K' }, s2), a.size('N')))).toBe('(Σ_k s2) / N');
  });

  it('writes LaTeX with Greek names and indices below', () => {
    expect(printLatex(a.subtract(x, mu))).toBe('x_{i} - \\mu_{k}');
    expect(printLatex(a.logdet(Sigma))).toBe('\\log\\lvert \\Sigma_{k}\\rvert');
    // s2 is a name, no s with an index
    expect(printLatex(a.divide(s2, a.size('N')))).toBe('\\frac{s\\mathrm{2}}{N}');
  });
});
