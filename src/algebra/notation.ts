/** What differs between the notations in which expressions are written, and plain text. */
import type { Relation, SymbolRole } from './types.js';

export interface Notation {
  /** a symbol at its indices; `coordinates` are those of one entry of a vector or a matrix */
  readonly symbol: (
    name: string,
    role: SymbolRole,
    indices: readonly string[],
    coordinates?: readonly string[],
  ) => string;
  /** a running index, which is the user's name of a plate */
  readonly index: (name: string) => string;
  readonly size: (name: string) => string;
  /** a value that has a name: true, false */
  readonly word: (text: string) => string;
  readonly number: (value: number) => string;
  readonly circle: string;
  readonly minus: string;
  readonly plus: string;
  readonly space: string;
  readonly fraction: (top: string, bottom: string, simpleBottom: boolean) => string;
  /** whether a sum over a fraction bar needs parentheses: where the bar is a slash */
  readonly needsParentheses: boolean;
  readonly power: (base: string, exponent: string) => string;
  readonly root: (body: string) => string;
  readonly sum: (range: string) => string;
  /** `isSimple`: the argument is one symbol or number */
  readonly call: (name: string, argument: string, isSimple: boolean) => string;
  readonly operator: (name: string) => string;
  readonly determinant: (body: string) => string;
  readonly norm: (body: string) => string;
  readonly absolute: (body: string) => string;
  readonly transpose: (body: string) => string;
  readonly inverse: (body: string) => string;
  readonly parentheses: (body: string) => string;
  readonly indicator: (latent: string, value: string) => string;
  readonly condition: (left: string, relation: Relation, right: string) => string;
  readonly list: (elements: readonly string[]) => string;
  readonly family: (body: string, range: string) => string;
  readonly over: (operator: string, range: string, body: string) => string;
}

const RELATIONS: Readonly<Record<Relation, string>> = {
  '=': '=',
  '!=': '≠',
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
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

export const textNotation: Notation = {
  symbol: (name, _, indices, coordinates = []) => {
    const all = [...indices, ...coordinates];
    return all.length > 0 ? `${name}[${all.join(',')}]` : name;
  },
  index: (name) => name,
  size: (name) => name,
  word: (text) => text,
  number: (value) => FRACTIONS.get(value) ?? String(value),
  circle: 'π',
  minus: ' − ',
  plus: ' + ',
  space: ' ',
  fraction: (top, bottom, simple) => `${top} / ${simple ? bottom : `(${bottom})`}`,
  needsParentheses: true,
  power: (base, exponent) => `${base}${superscript(exponent)}`,
  root: (body) => `√(${body})`,
  sum: (range) => `Σ_${range} `,
  call: (name, argument) =>
    /^[\p{L}_][\p{L}\d_]*(\[[^\]]*\])?$/u.test(argument) || /^[\d.]*π?$/.test(argument)
      ? `${name} ${argument}`
      : `${name}(${argument})`,
  operator: (name) => name,
  determinant: (body) => `log|${body}|`,
  norm: (body) => `‖${body}‖²`,
  absolute: (body) => `|${body}|`,
  transpose: (body) => `${body}ᵀ`,
  inverse: (body) => `${body}⁻¹`,
  parentheses: (body) => `(${body})`,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  condition: (left, relation, right) => `[${left} ${RELATIONS[relation]} ${right}]`,
  list: (elements) => `[${elements.join(', ')}]`,
  family: (body, range) => `[${body} | ${range}]`,
  over: (operator, range, body) => `${operator}_${range}(${body})`,
};
