/**
 * Expressions as one reads them. One printer, two notations: plain text with the user's own names
 * (`−½ Σ_i r[i,k] (x[i] − mu[k])²`) and LaTeX (`-\tfrac{1}{2}\sum_i r_{ik}(x_i-\mu_k)^2`).
 */
import { isNumber, shapeOf } from './build.js';
import type { Dim, Expr, Index, Range, Relation } from './types.js';

/** What differs between notations. */
interface Notation {
  readonly symbol: (name: string, indices: readonly string[]) => string;
  readonly size: (name: string) => string;
  readonly number: (value: number) => string;
  readonly circle: string;
  readonly minus: string;
  readonly plus: string;
  readonly space: string;
  readonly fraction: (top: string, bottom: string, simpleBottom: boolean) => string;
  readonly power: (base: string, exponent: string) => string;
  readonly root: (body: string) => string;
  readonly sum: (range: string) => string;
  readonly call: (name: string, argument: string) => string;
  readonly determinant: (body: string) => string;
  readonly norm: (body: string) => string;
  readonly transpose: (body: string) => string;
  readonly inverse: (body: string) => string;
  readonly parentheses: (body: string) => string;
  readonly indicator: (latent: string, value: string) => string;
  readonly condition: (left: string, relation: Relation, right: string) => string;
  readonly list: (elements: readonly string[]) => string;
  readonly over: (operator: string, range: string, body: string) => string;
}

const TEXT_RELATIONS: Readonly<Record<Relation, string>> = {
  '=': '=',
  '!=': '≠',
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
};
const LATEX_RELATIONS: Readonly<Record<Relation, string>> = {
  '=': '=',
  '!=': '\\neq',
  '<': '<',
  '<=': '\\leq',
  '>': '>',
  '>=': '\\geq',
};

const FRACTIONS: ReadonlyMap<number, string> = new Map([
  [0.5, '½'],
  [0.25, '¼'],
  [1.5, '3/2'],
]);
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const superscript = (text: string): string =>
  /^-?\d+$/.test(text)
    ? [...text].map((c) => (c === '-' ? '⁻' : SUPERSCRIPTS[Number(c)])).join('')
    : `^(${text})`;

const textNotation: Notation = {
  symbol: (name, indices) => (indices.length > 0 ? `${name}[${indices.join(',')}]` : name),
  size: (name) => name,
  number: (value) => FRACTIONS.get(value) ?? String(value),
  circle: 'π',
  minus: ' − ',
  plus: ' + ',
  space: ' ',
  fraction: (top, bottom, simple) => `${top} / ${simple ? bottom : `(${bottom})`}`,
  power: (base, exponent) => `${base}${superscript(exponent)}`,
  root: (body) => `√(${body})`,
  sum: (range) => `Σ_${range} `,
  call: (name, argument) =>
    /^[\p{L}_][\p{L}\d_]*(\[[^\]]*\])?$/u.test(argument) || /^[\d.]*π?$/.test(argument)
      ? `${name} ${argument}`
      : `${name}(${argument})`,
  determinant: (body) => `log|${body}|`,
  norm: (body) => `‖${body}‖²`,
  transpose: (body) => `${body}ᵀ`,
  inverse: (body) => `${body}⁻¹`,
  parentheses: (body) => `(${body})`,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  condition: (left, relation, right) => `[${left} ${TEXT_RELATIONS[relation]} ${right}]`,
  list: (elements) => `[${elements.join(', ')}]`,
  over: (operator, range, body) => `${operator}_${range}(${body})`,
};

const GREEK =
  /^(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)$/;

function latexName(name: string): string {
  if (GREEK.test(name)) return `\\${name}`;
  if (name === 'eps') return '\\varepsilon';
  if (/^\p{L}$/u.test(name)) return name;
  const numbered = /^([A-Za-z]+)(\d+)$/.exec(name);
  if (numbered !== null) return `${latexName(numbered[1])}_{${numbered[2]}}`;
  return `\\mathit{${name.replaceAll('_', '\\_')}}`;
}

const latexNotation: Notation = {
  symbol: (name, indices) => {
    if (indices.length === 0) return latexName(name);
    const base = latexName(name);
    const subscript = indices.every((i) => i.length === 1) ? indices.join('') : indices.join(',');
    return `${base.includes('_{') ? `{${base}}` : base}_{${subscript}}`;
  },
  size: latexName,
  number: (value) =>
    value === 0.5
      ? '\\tfrac{1}{2}'
      : value === 0.25
        ? '\\tfrac{1}{4}'
        : value === 1.5
          ? '\\tfrac{3}{2}'
          : String(value),
  circle: '\\pi',
  minus: ' - ',
  plus: ' + ',
  space: '\\,',
  fraction: (top, bottom) => `\\frac{${top}}{${bottom}}`,
  power: (base, exponent) =>
    `${/^\{?\\?[A-Za-z]+\}?$/.test(base) || base.endsWith(')') || base.endsWith('|') ? base : `{${base}}`}^{${exponent}}`,
  root: (body) => `\\sqrt{${body}}`,
  sum: (range) => `\\sum_{${range}} `,
  call: (name, argument) =>
    `${name === 'log' || name === 'exp' ? `\\${name}` : `\\operatorname{${name}}`}${/^[^+\s]*$/.test(argument) && !argument.startsWith('-') ? `{${argument}}` : `\\left(${argument}\\right)`}`,
  determinant: (body) => `\\log\\lvert ${body}\\rvert`,
  norm: (body) => `\\lVert ${body}\\rVert^{2}`,
  transpose: (body) => `{${body}}^{\\top}`,
  inverse: (body) => `{${body}}^{-1}`,
  parentheses: (body) => `\\left(${body}\\right)`,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  condition: (left, relation, right) => `[${left} ${LATEX_RELATIONS[relation]} ${right}]`,
  list: (elements) => `\\begin{bmatrix}${elements.join(' & ')}\\end{bmatrix}`,
  over: (operator, range, body) => `\\operatorname{${operator}}_{${range}}\\left(${body}\\right)`,
};

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
      ? i.index
      : i.kind === 'fixed'
        ? (i.label ?? String(i.value))
        : n.symbol(i.name, [i.at]);
  switch (e.kind) {
    case 'number':
      return e.value < 0
        ? piece(`${n.minus.trim()}${n.number(-e.value)}`, PRODUCT)
        : piece(n.number(e.value), ATOM);
    case 'circle':
      return piece(n.circle, ATOM);
    case 'position':
      return piece(e.index, ATOM);
    case 'size':
      return piece(typeof e.dim === 'number' ? String(e.dim) : n.size(e.dim), ATOM);
    case 'symbol':
      return piece(n.symbol(e.name, e.indices.map(index)), ATOM);
    case 'element': {
      const coordinates = e.coordinates.map(index);
      if (e.of.kind === 'symbol')
        return piece(n.symbol(e.of.name, [...e.of.indices.map(index), ...coordinates]), ATOM);
      return piece(`${at(e.of, FACTOR)}[${coordinates.join(',')}]`, ATOM);
    }
    case 'indicator':
      return piece(n.indicator(n.symbol(e.symbol, e.at.map(index)), index(e.value)), ATOM);
    case 'condition':
      return piece(n.condition(render(e.left, n).text, e.relation, e.label ?? render(e.right, n).text), ATOM);
    case 'add':
      return renderSum(e.terms, n);
    case 'multiply':
      return renderProduct(e.factors, n);
    case 'power':
      if (e.exponent < 0) return renderProduct([e], n);
      if (e.exponent === 0.5) return piece(n.root(render(e.base, n).text), ATOM);
      return piece(n.power(at(e.base, ATOM), String(e.exponent)), FACTOR);
    case 'function':
      return piece(n.call(e.name, render(e.argument, n).text), FACTOR);
    case 'sum':
      return piece(
        `${n.sum(rangeText(e.range))}${e.body.kind === 'add' ? n.parentheses(` ${render(e.body, n).text} `.trim()) : at(e.body, PRODUCT)}`,
        PRODUCT,
      );
    case 'maximum':
      return piece(n.call('max', `${render(e.left, n).text}, ${render(e.right, n).text}`), ATOM);
    case 'logsumexp':
      return piece(
        n.call('log', `${n.sum(rangeText(e.range))}${n.call('exp', render(e.body, n).text)}`),
        FACTOR,
      );
    case 'largest':
      return piece(n.over('max', rangeText(e.range), render(e.body, n).text), FACTOR);
    case 'vector':
      return piece(n.list(e.elements.map((x) => render(x, n).text)), ATOM);
    case 'family':
      return piece(n.list([`${render(e.body, n).text} | ${rangeText(e.range)}`]), ATOM);
    case 'fill':
      return render(e.value, n);
    case 'identity':
      return piece('I', ATOM);
    case 'diag':
      return piece(
        `${n === latexNotation ? '\\operatorname{diag}' : 'diag'}${n.parentheses(render(e.of, n).text)}`,
        ATOM,
      );
    case 'diagonal':
      return piece(
        `${n === latexNotation ? '\\operatorname{diagonal}' : 'diagonal'}${n.parentheses(render(e.of, n).text)}`,
        ATOM,
      );
    case 'product':
      return piece(e.factors.map((x) => at(x, FACTOR)).join(n.space), PRODUCT);
    case 'transpose':
      return piece(n.transpose(at(e.of, ATOM)), FACTOR);
    case 'inverse':
      return piece(n.inverse(at(e.of, ATOM)), FACTOR);
    case 'logdet':
      return piece(n.determinant(render(e.of, n).text), FACTOR);
    case 'trace':
      return piece(
        `${n === latexNotation ? '\\operatorname{tr}' : 'tr'}${n.parentheses(render(e.of, n).text)}`,
        ATOM,
      );
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
      const inside = `${e.range === undefined ? '' : n.sum(rangeText(e.range))}${at(e.matrix, FACTOR)}`;
      if (e.range === undefined) return piece(n.call('eigenvectors', inside), ATOM);
      return piece(
        n.over('axes', rangeText(e.range), `${render(e.matrix, n).text}, ${render(e.weights, n).text}`),
        ATOM,
      );
    }
    case 'solve':
      return piece(`${n.inverse(at(e.matrix, ATOM))}${n.space}${at(e.right, FACTOR)}`, PRODUCT);
  }
}

const rangeText = (range: Range): string => range.index;

/** The sign of a term and the term without it. */
function signOf(e: Expr): { readonly negative: boolean; readonly body: Expr } {
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
          text === '' ? next : `${text}${next === 'π' && /\d$/.test(text) ? '' : n.space}${next}`,
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
          n === textNotation
        ? n.parentheses(render(top[0], n).text)
        : join(top);
  const simple = bottom.length === 1 && render(bottom[0], n).strength >= FACTOR;
  return piece(sign + n.fraction(topText, join(bottom), simple), PRODUCT);
}

/** One line of plain text in the user's names. */
export const printText = (e: Expr): string => render(e, textNotation).text;
/** LaTeX, for use inside mathematics mode (amsmath). */
export const printLatex = (e: Expr): string => render(e, latexNotation).text;
/** A text that two expressions share only when they are the same; used for ordering and for finding like terms. */
export const printKey = (e: Expr): string => printText(e);
export const printRange = (range: Range): string => range.index;
export const dimText = (dim: Dim): string => String(dim);
