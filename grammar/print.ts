/** Source text of a tree, with the fewest parentheses that read back as the same tree. `gmm fmt` lays out on top of it. */
import type { Argument, Expression, PlateRange, Statement, Tree, TypeNode } from './types.js';
import { RESERVED_WORDS } from './tokens.js';

export function print(tree: Tree): string {
  return tree.statements.map((s) => `${documentation(s)}${printStatement(s)}\n`).join('');
}

const documentation = (s: Statement): string =>
  s.documentation === undefined
    ? ''
    : s.documentation
        .split('\n')
        .map((line) => `/// ${line}`.trimEnd() + '\n')
        .join('');

export function printStatement(s: Statement): string {
  switch (s.kind) {
    case 'model':
      return `model ${s.name.text}${s.title === undefined ? '' : ` ${quoted(s.title.text)}`}`;
    case 'const':
      return `const ${s.name.text}${s.type === undefined ? '' : ` : ${printType(s.type)}`}${s.value === undefined ? '' : ` = ${printExpression(s.value)}`}`;
    case 'plate':
      return `plate ${s.name.text} ${printRange(s.range)}`;
    case 'param':
    case 'latent':
    case 'data': {
      const from = s.from.length === 0 ? '' : ` from ${s.from.map((c) => printColumn(c.text)).join(', ')}`;
      const as = s.as === undefined ? '' : ` as ${s.as.text}`;
      const distribution = s.distribution === undefined ? '' : ` ~ ${printExpression(s.distribution)}`;
      return `${s.kind} ${s.name.text}${brackets(s.indices)} : ${printType(s.type)}${from}${as}${distribution}`;
    }
    case 'let':
      return `let ${s.name.text}${brackets(s.indices)} = ${printExpression(s.value)}`;
    case 'constrain':
      return `constrain ${at(s.left, SUM)} ${s.relation} ${at(s.right, SUM)}`;
    case 'limit':
      return `limit ${s.name.text} -> 0+`;
  }
}

function printRange(range: PlateRange): string {
  switch (range.kind) {
    case 'count':
      return `in 1..${printExpression(range.upTo)}`;
    case 'rows': {
      const within = range.within === undefined ? '' : ` within ${printColumn(range.within.text)}`;
      return range.orderedBy === undefined
        ? 'over rows'
        : `over rows ordered by ${printColumn(range.orderedBy.text)}${within}`;
    }
    case 'distinct':
      return `over distinct ${printColumn(range.column.text)}`;
  }
}

export const printType = (type: TypeNode): string => `${type.name.text}${brackets(type.sizes)}`;

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** A column without quotes where its name is a word that is not reserved. */
export function printColumn(text: string): string {
  const isWord = /^[\p{L}_][\p{L}\p{M}\p{Nd}_]*$/u.test(text) && text.normalize('NFC') === text;
  return isWord && !RESERVED_WORDS.includes(text) ? text : quoted(text);
}

const brackets = (list: readonly Expression[]): string =>
  list.length === 0 ? '' : `[${list.map(printExpression).join(', ')}]`;

// The levels of the grammar, from the loosest.
const EXPRESSION = 0;
const OR = 1;
const AND = 2;
const NOT = 3;
const TEST = 4;
const SUM = 5;
const PRODUCT = 6;
const UNARY = 7;
const POWER = 8;
const POSTFIX = 9;
const PRIMARY = 10;

export const printExpression = (e: Expression): string => at(e, EXPRESSION);

/** The text of `e` where the grammar asks for something of at least this level. */
function at(e: Expression, level: number): string {
  const text = plain(e);
  return levelOf(e) < level ? `(${text})` : text;
}

function levelOf(e: Expression): number {
  switch (e.kind) {
    case 'number':
    case 'boolean':
    case 'reference':
    case 'vector':
    case 'missing':
      return PRIMARY;
    case 'transpose':
      return POSTFIX;
    case 'unary':
      return e.operator === '-' ? UNARY : NOT;
    case 'binary':
      return LEVELS[e.operator];
    case 'if':
      return EXPRESSION;
  }
}

const LEVELS: Readonly<Record<Extract<Expression, { kind: 'binary' }>['operator'], number>> = {
  or: OR,
  and: AND,
  '=': TEST,
  '!=': TEST,
  '<': TEST,
  '<=': TEST,
  '>': TEST,
  '>=': TEST,
  '+': SUM,
  '-': SUM,
  '*': PRODUCT,
  '/': PRODUCT,
  '^': POWER,
};

function plain(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'boolean':
      return String(e.value);
    case 'reference':
      return `${e.name.text}${brackets(e.indices)}${e.arguments === undefined ? '' : `(${e.arguments.map(printArgument).join(', ')})`}`;
    case 'vector':
      return `[${e.elements.map(printExpression).join(', ')}]`;
    case 'missing':
      return '';
    case 'transpose':
      return `${at(e.operand, POSTFIX)}'`;
    case 'unary':
      return e.operator === '-' ? `-${at(e.operand, UNARY)}` : `not ${at(e.operand, NOT)}`;
    case 'binary':
      return printBinary(e);
    case 'if':
      return `if ${printExpression(e.condition)} then ${printExpression(e.then)} else ${printExpression(e.else)}`;
  }
}

function printBinary(e: Extract<Expression, { kind: 'binary' }>): string {
  const level = LEVELS[e.operator];
  switch (level) {
    case TEST:
      return `${at(e.left, SUM)} ${e.operator} ${at(e.right, SUM)}`;
    case POWER:
      return `${at(e.left, POSTFIX)}^${at(e.right, UNARY)}`;
    default:
      return `${at(e.left, level)} ${e.operator} ${at(e.right, level + 1)}`;
  }
}

const printArgument = (a: Argument): string =>
  `${a.name === undefined ? '' : `${a.name.text}: `}${printExpression(a.value)}`;
