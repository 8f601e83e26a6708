/**
 * LaTeX, for mathematics mode with amsmath. Two names are never written alike: `x1` is x1, `x[1]` is x₁ and `x_1` keeps
 * its underscore.
 */
import type { Notation } from './notation.js';
import type { Relation } from './types.js';

const LOWER =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega';
const UPPER = 'Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega';
const GREEK: ReadonlySet<string> = new Set(`${LOWER} ${UPPER}`.split(' '));

/** Greek letters as one types them; capitals that look Latin have no command of their own. */
const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...commands('αβγδεζηθικλμνξπρστυφχψω', LOWER),
    ...commands('ΓΔΘΛΞΠΣΥΦΨΩ', UPPER),
    ε: '\\varepsilon',
    φ: '\\varphi',
    ς: '\\varsigma',
    ϑ: '\\vartheta',
    ϕ: '\\phi',
    ϵ: '\\epsilon',
    ο: 'o',
  }),
);

function commands(letters: string, names: string): Readonly<Record<string, string>> {
  const words = names.split(' ');
  return Object.fromEntries([...letters].map((letter, n) => [letter, `\\${words[n] ?? letter}`]));
}

/** A name of the user's: a letter in italics or Greek, a word upright. */
export function latexName(name: string): string {
  if (GREEK.has(name)) return `\\${name}`;
  if (name === 'eps') return '\\varepsilon';
  const greek = LETTERS.get(name);
  if (greek !== undefined) return greek;
  if (/^[A-Za-z]$/.test(name)) return name;
  if (/^[A-Za-z]+$/.test(name)) return `\\mathrm{${name}}`;
  const [, base = '', digits = ''] = /^(\p{L}+)([0-9]+)$/u.exec(name) ?? [];
  if (base !== '' && (GREEK.has(base) || [...base].length === 1))
    return `${latexName(base)}\\mathrm{${digits}}`;
  if (/^[A-Za-z0-9]+$/.test(name)) return `\\mathrm{${name}}`;
  return `\\text{${name.replaceAll('_', '\\_')}}`;
}

/** The compiler's own `S_y_phi`, a sum over rows of y and phi. */
function statisticName(name: string): string {
  const [base = name, ...of] = name.split('_');
  return of.length === 0 || base === '' || of.includes('')
    ? latexName(name)
    : `${latexName(base)}^{${of.map(latexName).join('\\,')}}`;
}

/** The compiler's own `k_`, a second index over the same plate, is k′; its `k_label`, the value of label, is k with label below. */
function indexName(name: string): string {
  const [, base = '', bars = ''] = /^(\p{L}+)(_+)$/u.exec(name) ?? [];
  if (base !== '') return `${latexName(base)}${"'".repeat(bars.length)}`;
  const [, letter = '', of = ''] = /^([A-Za-z])_(\p{L}[\p{L}\p{Nd}]*)$/u.exec(name) ?? [];
  return letter === '' ? latexName(name) : `${letter}_{${latexName(of)}}`;
}

/** r_{ik} where all are letters, else with commas; the coordinates of an entry always behind a comma. */
function subscript(indices: readonly string[], coordinates: readonly string[]): string {
  const isLetters = indices.every((i) => /^(?:\p{L}|\\[A-Za-z]+)$/u.test(i));
  const plates = indices.join(isLetters && !indices.some((i) => i.startsWith('\\')) ? '' : ',');
  return [...(plates === '' ? [] : [plates]), ...coordinates].join(',');
}

const RELATIONS: Readonly<Record<Relation, string>> = {
  '=': '=',
  '!=': '\\neq',
  '<': '<',
  '<=': '\\leq',
  '>': '>',
  '>=': '\\geq',
};

const FRACTIONS: ReadonlyMap<number, string> = new Map([
  [0.5, '\\tfrac{1}{2}'],
  [0.25, '\\tfrac{1}{4}'],
  [1.5, '\\tfrac{3}{2}'],
]);

/** 1e-7 is 10 to the −7. */
function numeral(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return FRACTIONS.get(value) ?? mantissa;
  const power = `10^{${exponent.replace('+', '')}}`;
  return mantissa === '1' ? power : `${mantissa} \\cdot ${power}`;
}

const OPERATORS: Readonly<Partial<Record<string, string>>> = {
  log: '\\log',
  exp: '\\exp',
  max: '\\max',
  lgamma: '\\log\\Gamma',
};
const operator = (name: string): string => OPERATORS[name] ?? `\\operatorname{${name}}`;
/** Parentheses grow only around what is tall: \left and \right also set space around them. */
const parentheses = (body: string): string =>
  /\\(?:frac|sum|left)(?![A-Za-z])/.test(body) ? `\\left(${body}\\right)` : `(${body})`;

export const latexNotation: Notation = {
  symbol: (name, role, indices, coordinates = []) => {
    const base = role === 'statistic' ? statisticName(name) : latexName(name);
    const below = subscript(indices, coordinates);
    if (below === '') return base;
    return `${/^(?:\\?[A-Za-z]+|\\(?:mathrm|text)\{[^{}]*\}|\\?[A-Za-z]+\^\{.*\})$/.test(base) ? base : `{${base}}`}_{${below}}`;
  },
  index: indexName,
  size: latexName,
  word: (text) => `\\text{${text.replaceAll('_', '\\_')}}`,
  number: numeral,
  circle: '\\pi',
  minus: ' - ',
  plus: ' + ',
  space: '\\,',
  fraction: (top, bottom) => `\\frac{${top}}{${bottom}}`,
  needsParentheses: false,
  power: (base, exponent) =>
    `${/^\\?[A-Za-z]+$/.test(base) || base.endsWith(')') || base.endsWith('|') ? base : `{${base}}`}^{${exponent}}`,
  root: (body) => `\\sqrt{${body}}`,
  sum: (range) => `\\sum_{${range}} `,
  call: (name, argument, isSimple) =>
    `${operator(name)}${isSimple && name !== 'lgamma' ? ` ${argument}` : parentheses(argument)}`,
  operator,
  determinant: (body) => `\\log\\lvert ${body}\\rvert`,
  absolute: (body) => `\\lvert ${body}\\rvert`,
  norm: (body) => `\\lVert ${body}\\rVert^{2}`,
  transpose: (body) => `{${body}}^{\\top}`,
  inverse: (body) => `{${body}}^{-1}`,
  parentheses,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  condition: (left, relation, right) => `[${left} ${RELATIONS[relation]} ${right}]`,
  list: (elements) => parentheses(elements.join(',\\, ')),
  family: (body, range) => `${parentheses(body)}_{${range}}`,
  over: (name, range, body) => `${operator(name)}_{${range}}${parentheses(body)}`,
};

/** Within a line of prose: fractions with a slash. */
export const inlineLatexNotation: Notation = {
  ...latexNotation,
  fraction: (top, bottom, simple) => `${top} / ${simple ? bottom : parentheses(bottom)}`,
  needsParentheses: true,
};
