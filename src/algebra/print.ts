/**
 * Expressions as one reads them. One printer, two notations: plain text with the user's own names
 * (`−½ Σ_i r[i,k] (x[i] − mu[k])²`) and LaTeX (`-\tfrac{1}{2}\sum_i r_{ik}(x_i-\mu_k)^2`).
 */
import { isNumber, shapeOf } from './build.js';
import { inlineLatexNotation, latexNotation } from './notation-latex.js';
import { textNotation } from './notation.js';
import type { Notation } from './notation.js';
import type { Dim, Expr, Index, Range } from './types.js';

/** Binding strength: an operand weaker than its place gets parentheses. */
type Strength = 0 | 1 | 2 | 3;
const SUM: Strength = 0;
const PRODUCT: Strength = 1;
const FACTOR: Strength = 2;
const ATOM: Strength = 3;

interface Piece {
  readonly text: string;
  readonly strength: Strength;
}

const piece = (text: string, strength: Strength): Piece => ({ text, strength });

function render(e: Expr, n: Notation): Piece {
  const at = (part: Expr, strength: Strength): string => {
    const p = render(part, n);
    return p.strength < strength ? n.parentheses(p.text) : p.text;
  };
  const index = (i: Index): string =>
    i.kind === 'running'
      ? n.index(i.index)
      : i.kind === 'fixed'
        ? i.label === undefined
          ? String(i.value)
          : n.word(i.label)
        : n.symbol(i.name, 'data', [n.index(i.at)]);
  const range = (r: Range): string => n.index(r.index);
  switch (e.kind) {
    case 'number':
      return e.value < 0
        ? piece(`${n.minus.trim()}${n.number(-e.value)}`, PRODUCT)
        : piece(n.number(e.value), ATOM);
    case 'circle':
      return piece(n.circle, ATOM);
    case 'position':
      return piece(n.index(e.index), ATOM);
    case 'size':
      return piece(typeof e.dim === 'number' ? String(e.dim) : n.size(e.dim), ATOM);
    case 'symbol':
      return piece(n.symbol(e.name, e.role, e.indices.map(index)), ATOM);
    case 'element': {
      const coordinates = e.coordinates.map(index);
      if (e.of.kind === 'symbol')
        return piece(n.symbol(e.of.name, e.of.role, e.of.indices.map(index), coordinates), ATOM);
      return piece(`${at(e.of, FACTOR)}[${coordinates.join(',')}]`, ATOM);
    }
    case 'indicator':
      return piece(n.indicator(n.symbol(e.symbol, 'data', e.at.map(index)), index(e.value)), ATOM);
    case 'condition':
      return piece(
        n.condition(
          render(e.left, n).text,
          e.relation,
          e.label === undefined ? render(e.right, n).text : n.word(e.label),
        ),
        ATOM,
      );
    case 'add':
      return renderSum(e.terms, n);
    case 'multiply':
      return renderProduct(e.factors, n);
    case 'power':
      if (e.exponent < 0) return renderProduct([e], n);
      if (e.exponent === 0.5) return piece(n.root(render(e.base, n).text), ATOM);
      return piece(n.power(at(e.base, ATOM), String(e.exponent)), FACTOR);
    case 'function':
      if (e.name === 'abs') return piece(n.absolute(render(e.argument, n).text), ATOM);
      return piece(n.call(e.name, render(e.argument, n).text, isSimple(e.argument)), FACTOR);
    case 'sum': {
      const { negative, body: positive } = signOf(e);
      if (negative) return piece(`${n.minus.trim()}${at(positive, PRODUCT)}`, PRODUCT);
      return piece(
        `${n.sum(range(e.range))}${e.body.kind === 'add' ? n.parentheses(` ${render(e.body, n).text} `.trim()) : at(e.body, PRODUCT)}`,
        PRODUCT,
      );
    }
    case 'maximum':
      return piece(n.call('max', `${render(e.left, n).text}, ${render(e.right, n).text}`, false), ATOM);
    case 'minimum':
      return piece(n.call('min', `${render(e.left, n).text}, ${render(e.right, n).text}`, false), ATOM);
    case 'logsumexp':
      return piece(
        n.call(
          'log',
          `${n.sum(range(e.range))}${n.call('exp', render(e.body, n).text, isSimple(e.body))}`,
          false,
        ),
        FACTOR,
      );
    case 'largest':
      return piece(n.over('max', range(e.range), render(e.body, n).text), FACTOR);
    case 'median':
      return piece(
        n.over(
          'median',
          e.ranges.map(range).join(','),
          isNumber(e.weight)
            ? render(e.value, n).text
            : `${render(e.value, n).text}; ${render(e.weight, n).text}`,
        ),
        FACTOR,
      );
    case 'vector':
      return piece(n.list(e.elements.map((x) => render(x, n).text)), ATOM);
    case 'family':
      return piece(n.family(render(e.body, n).text, range(e.range)), ATOM);
    case 'fill':
      return render(e.value, n);
    case 'identity':
      return piece('I', ATOM);
    case 'diag':
      return piece(`${n.operator('diag')}${n.parentheses(render(e.of, n).text)}`, ATOM);
    case 'diagonal':
      return piece(`${n.operator('diagonal')}${n.parentheses(render(e.of, n).text)}`, ATOM);
    case 'product':
      return piece(e.factors.map((x) => at(x, FACTOR)).join(n.space), PRODUCT);
    case 'transpose':
      return piece(n.transpose(at(e.of, ATOM)), FACTOR);
    case 'inverse':
      return piece(n.inverse(at(e.of, ATOM)), FACTOR);
    case 'logdet':
      return piece(n.determinant(render(e.of, n).text), FACTOR);
    case 'trace':
      return piece(`${n.operator('tr')}${n.parentheses(render(e.of, n).text)}`, ATOM);
    case 'dot':
      return piece(`${n.transpose(at(e.left, ATOM))}${n.space}${at(e.right, FACTOR)}`, PRODUCT);
    case 'outer':
      return piece(`${at(e.left, ATOM)}${n.space}${n.transpose(at(e.right, ATOM))}`, PRODUCT);
    case 'quadratic': {
      if (shapeOf(e.vector).length === 0) {
        const squared = n.power(at(e.vector, ATOM), '2');
        return isNumber(e.matrix, 1)
          ? piece(squared, FACTOR)
          : piece(`${squared}${n.space}${at(e.matrix, FACTOR)}`, PRODUCT);
      }
      if (e.matrix.kind === 'identity') return piece(n.norm(render(e.vector, n).text), ATOM);
      return piece(
        `${n.transpose(at(e.vector, ATOM))}${n.space}${at(e.matrix, FACTOR)}${n.space}${at(e.vector, ATOM)}`,
        PRODUCT,
      );
    }
    case 'axes': {
      const inside = `${e.range === undefined ? '' : n.sum(range(e.range))}${at(e.matrix, FACTOR)}`;
      if (e.range === undefined) return piece(n.call('eigenvectors', inside, false), ATOM);
      return piece(
        n.over('axes', range(e.range), `${render(e.matrix, n).text}, ${render(e.weights, n).text}`),
        ATOM,
      );
    }
    case 'solve':
      return piece(`${n.inverse(at(e.matrix, ATOM))}${n.space}${at(e.right, FACTOR)}`, PRODUCT);
  }
}

/** One symbol, entry or number. */
const isSimple = (e: Expr): boolean =>
  (e.kind === 'element' && isSimple(e.of)) ||
  (e.kind === 'number' && e.value >= 0) ||
  e.kind === 'symbol' ||
  e.kind === 'size' ||
  e.kind === 'position' ||
  e.kind === 'circle';

/** The sign of a term and the term without it. */
export function signOf(e: Expr): { readonly negative: boolean; readonly body: Expr } {
  if (e.kind === 'number' && e.value < 0)
    return { negative: true, body: { kind: 'number', value: -e.value } };
  if (e.kind === 'multiply') {
    const first = e.factors[0];
    if (first.kind === 'number' && first.value < 0) {
      const rest = e.factors.slice(1);
      const factors = first.value === -1 ? rest : [{ kind: 'number' as const, value: -first.value }, ...rest];
      return { negative: true, body: factors.length === 1 ? factors[0] : { kind: 'multiply', factors } };
    }
  }
  if (e.kind === 'sum') {
    const inner = signOf(e.body);
    if (inner.negative) return { negative: true, body: { ...e, body: inner.body } };
  }
  return { negative: false, body: e };
}

function renderSum(terms: readonly Expr[], n: Notation): Piece {
  let text = '';
  terms.forEach((t, at) => {
    const { negative, body } = signOf(t);
    const p = render(body, n);
    const shown = p.strength < PRODUCT ? n.parentheses(p.text) : p.text;
    text += at === 0 ? (negative ? n.minus.trim() : '') : negative ? n.minus : n.plus;
    text += shown;
  });
  return piece(text, terms.length === 1 ? PRODUCT : SUM);
}

function renderProduct(factors: readonly Expr[], n: Notation): Piece {
  const whole: Expr = { kind: 'multiply', factors };
  const { negative, body } = signOf(whole);
  const parts = body.kind === 'multiply' ? body.factors : [body];
  const top: Expr[] = [];
  const bottom: Expr[] = [];
  for (const f of parts)
    if (f.kind === 'power' && f.exponent < 0)
      bottom.push(f.exponent === -1 ? f.base : { ...f, exponent: -f.exponent });
    else top.push(f);
  // ½ a / b is written a / (2 b)
  const first = top[0];
  if (
    bottom.length > 0 &&
    first?.kind === 'number' &&
    first.value !== 0 &&
    Number.isInteger(1 / first.value) &&
    first.value !== 1
  ) {
    top.shift();
    bottom.unshift({ kind: 'number', value: 1 / first.value });
  }
  const join = (list: readonly Expr[]): string =>
    list
      .map((f) => {
        const p = render(f, n);
        // a sum stands last without parentheses; elsewhere it needs them
        return p.strength < FACTOR &&
          list.length > 1 &&
          !(f.kind === 'sum' && f === list[list.length - 1]) &&
          f.kind !== 'quadratic' &&
          f.kind !== 'outer'
          ? n.parentheses(p.text)
          : p.text;
      })
      .reduce(
        (text, next) =>
          text === '' ? next : `${text}${next === n.circle && /\d$/.test(text) ? '' : n.space}${next}`,
        '',
      );
  const sign = negative ? n.minus.trim() : '';
  if (bottom.length === 0) {
    const only = top.length === 1 ? render(top[0], n) : undefined;
    return piece(
      sign +
        (only ? (negative && only.strength < PRODUCT ? n.parentheses(only.text) : only.text) : join(top)),
      negative || !only ? PRODUCT : only.strength,
    );
  }
  const topText =
    top.length === 0
      ? '1'
      : top.length === 1 &&
          (render(top[0], n).strength === SUM || top[0].kind === 'sum') &&
          n.needsParentheses
        ? n.parentheses(render(top[0], n).text)
        : join(top);
  const simple = bottom.length === 1 && render(bottom[0], n).strength >= FACTOR;
  return piece(sign + n.fraction(topText, join(bottom), simple), PRODUCT);
}

/** One line of plain text in the user's names. */
export const printText = (e: Expr): string => render(e, textNotation).text;
/** LaTeX, for use inside mathematics mode (amsmath). */
export const printLatex = (e: Expr): string => render(e, latexNotation).text;
/** LaTeX for a line of prose. */
export const printLatexInline = (e: Expr): string => render(e, inlineLatexNotation).text;
/** A text that two expressions share only when they are the same; used for ordering and for finding like terms. */
export const printKey = (e: Expr): string => printText(e);
export const printRange = (range: Range): string => range.index;
export const dimText = (dim: Dim): string => String(dim);
