/**
 * The words of the language. Only the roles and `if then else and or not true false` are reserved; every other word
 * (`from`, `over`, `real`, `Normal`) is a name that has its meaning by place, so each contextual word here is also a
 * `Name` (by category) and may name a column.
 */
import { createToken, Lexer } from 'chevrotain';
import type { ILexingResult, TokenType } from 'chevrotain';

/**
 * Letters of any script. A function, since Chevrotain drops the `u` flag of a pattern and `\p{L}` then matches nothing.
 * Combining marks count as letters: `é` may be written as two code points.
 */
const LETTERS = /[\p{L}_][\p{L}\p{M}\p{Nd}_]*/uy;
const matchName = (text: string, offset: number): RegExpExecArray | null => {
  LETTERS.lastIndex = offset;
  return LETTERS.exec(text);
};

export const Name = createToken({ name: 'Name', label: 'a name', pattern: matchName, line_breaks: false });

/** A word on its own: `const` is not the beginning of `constrain`. (With `longer_alt`, `constrain` would be a name.) */
const word = (text: string, categories: TokenType[]): TokenType =>
  createToken({
    name: capitalised(text),
    label: `\`${text}\``,
    pattern: new RegExp(`${text}(?![A-Za-z0-9_\\u00aa-\\uffff])`),
    categories,
  });
const reserved = (text: string): TokenType => word(text, []);
const contextual = (text: string): TokenType => word(text, [Name]);
const symbol = (name: string, text: string): TokenType =>
  createToken({
    name,
    label: `\`${text}\``,
    pattern: new RegExp(text.replace(/[.*+^()[\]|$?\\/]/g, '\\$&')),
  });

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The nine roles: each begins a statement, and stands nowhere else.
export const ModelRole = reserved('model');
export const ConstRole = reserved('const');
export const PlateRole = reserved('plate');
export const ParamRole = reserved('param');
export const LatentRole = reserved('latent');
export const DataRole = reserved('data');
export const LetRole = reserved('let');
export const ConstrainRole = reserved('constrain');
export const LimitRole = reserved('limit');

export const ROLES: ReadonlyMap<string, TokenType> = new Map([
  ['model', ModelRole],
  ['const', ConstRole],
  ['plate', PlateRole],
  ['param', ParamRole],
  ['latent', LatentRole],
  ['data', DataRole],
  ['let', LetRole],
  ['constrain', ConstrainRole],
  ['limit', LimitRole],
]);

export const If = reserved('if');
export const Then = reserved('then');
export const Else = reserved('else');
export const And = reserved('and');
export const Or = reserved('or');
export const Not = reserved('not');
export const True = reserved('true');
export const False = reserved('false');

/** All words that no symbol, column or argument may have as its bare name. */
export const RESERVED_WORDS: readonly string[] = [
  ...ROLES.keys(),
  ...['if', 'then', 'else', 'and', 'or', 'not', 'true', 'false'],
];

export const In = contextual('in');
export const Over = contextual('over');
export const Rows = contextual('rows');
export const Distinct = contextual('distinct');
export const Ordered = contextual('ordered');
export const By = contextual('by');
export const Within = contextual('within');
export const From = contextual('from');
export const As = contextual('as');

/** `1.`, `.5`, `2x`: a number that somebody meant otherwise. Longer than `Number` wherever it applies. */
export const BadNumber = createToken({
  name: 'BadNumber',
  label: 'a number',
  pattern: /(?:\d+\.(?!\.)|\.\d|\d+(?:\.\d+)?(?:[eE](?=\d))?[A-Za-z_])\w*/,
});
export const NumberToken = createToken({
  name: 'Number',
  label: 'a number',
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/,
  longer_alt: BadNumber,
});
export const StringToken = createToken({
  name: 'String',
  label: 'text in double quotes',
  pattern: /"(?:[^"\\\r\n]|\\.)*"/,
});
export const OpenString = createToken({
  name: 'OpenString',
  label: 'text in double quotes',
  pattern: /"(?:[^"\\\r\n]|\\.)*/,
});

export const Arrow = symbol('Arrow', '->');
export const DotDot = symbol('DotDot', '..');
export const LessEqual = symbol('LessEqual', '<=');
export const GreaterEqual = symbol('GreaterEqual', '>=');
export const NotEqual = symbol('NotEqual', '!=');
export const Less = symbol('Less', '<');
export const Greater = symbol('Greater', '>');
export const Equal = symbol('Equal', '=');
export const Plus = symbol('Plus', '+');
export const Minus = symbol('Minus', '-');
export const Star = symbol('Star', '*');
export const Slash = symbol('Slash', '/');
export const Caret = symbol('Caret', '^');
export const Prime = symbol('Prime', "'");
export const Tilde = symbol('Tilde', '~');
export const Colon = symbol('Colon', ':');
export const Comma = symbol('Comma', ',');
export const OpenParen = symbol('OpenParen', '(');
export const CloseParen = symbol('CloseParen', ')');
export const OpenBracket = symbol('OpenBracket', '[');
export const CloseBracket = symbol('CloseBracket', ']');

const Blank = createToken({
  name: 'Blank',
  pattern: /[ \t\r\n\u00a0\ufeff]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const Documentation = createToken({
  name: 'Documentation',
  pattern: /\/\/\/[^\r\n]*/,
  group: 'documentation',
});
const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, group: Lexer.SKIPPED });

/** In the order in which the lexer tries them. */
export const TOKENS: readonly TokenType[] = [
  ...[Blank, Comment, Documentation],
  ...ROLES.values(),
  ...[If, Then, Else, And, Or, Not, True, False],
  ...[In, Over, Rows, Distinct, Ordered, By, Within, From, As],
  ...[Name, NumberToken, BadNumber, StringToken, OpenString],
  ...[Arrow, DotDot, LessEqual, GreaterEqual, NotEqual, Less, Greater, Equal],
  ...[Plus, Minus, Star, Slash, Caret, Prime, Tilde, Colon, Comma],
  ...[OpenParen, CloseParen, OpenBracket, CloseBracket],
];

let lexer: Lexer | undefined;

/** Built once, at the first text: the start of the program does not pay for it. */
export function tokenize(text: string): ILexingResult {
  lexer ??= new Lexer([...TOKENS], { positionTracking: 'onlyOffset', skipValidations: true });
  return lexer.tokenize(text);
}
