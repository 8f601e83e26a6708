/** Words for what is wrong with the text itself. */
import type { SyntaxProblem } from '../../grammar/types.js';
import { code, describe, listed } from './describe.js';
import type { Said, Words } from './describe.js';
import type { Diagnostic } from './types.js';

export const describeSyntax = (problems: readonly SyntaxProblem[], text: string): readonly Diagnostic[] =>
  describe(SYNTAX, problems, { text, spans: [] });

/** Characters that look like ours and are not. */
const MEANT: Readonly<Record<string, string>> = {
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '−': '-',
  '–': '-',
  '×': '*',
  '·': '*',
  '⋅': '*',
  '÷': '/',
  '→': '->',
  '∼': '~',
  '˜': '~',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '’': "'",
  '‘': "'",
  '′': "'",
  ᵀ: "'",
  '²': '^2',
  '³': '^3',
  '…': '..',
  '%': '#',
  ';': '',
  '\\': '',
  '{': '[',
  '}': ']',
  '|': '',
  '&': 'and',
  '!': 'not',
  '=': '=',
  '@': '',
  $: '',
};

const SYNTAX: Words<SyntaxProblem> = {
  'unexpected-character': {
    code: 'GMM0101',
    words: ({ text }) => {
      const meant = MEANT[text] ?? MEANT[[...text][0] ?? ''];
      return {
        message: `I do not know the character ${code(text)}`,
        label: 'not part of the language',
        helps:
          meant === undefined || meant === ''
            ? text === ';' || text === '\\'
              ? ['statements need no separator: each begins with its role']
              : []
            : text === '%'
              ? ['a comment begins with `#`']
              : [`write ${code(meant)}`],
      };
    },
  },
  'unterminated-string': {
    code: 'GMM0102',
    words: () => ({
      message: 'this text has no closing quote',
      label: 'begins here, and the line ends first',
      helps: ['close it with `"`; a quote inside is written `\\"`'],
    }),
  },
  'bad-number': { code: 'GMM0103', words: ({ text }) => badNumber(text) },
  'unexpected-token': { code: 'GMM0104', words: (p) => unexpectedToken(p) },
  'unexpected-end': {
    code: 'GMM0105',
    words: ({ expected, inside }) => ({
      message: `this ${inside === undefined ? 'statement' : code(inside)} line ends too early: I expected ${listed(expected)}`,
      label: `${listed(expected)} is missing here`,
      helps: inside === undefined ? [] : formOf(inside),
    }),
  },
  'unknown-role': {
    code: 'GMM0106',
    words: ({ found, near }) => ({
      message: `no statement begins with ${code(found.text)}`,
      label: near === undefined ? 'not a role' : `did you mean ${code(near)}?`,
      helps:
        near === undefined
          ? [
              'the roles are `model`, `const`, `plate`, `param`, `latent`, `data`, `let`, `constrain` and `limit`',
            ]
          : [],
    }),
  },
  'reserved-word': {
    code: 'GMM0107',
    words: ({ word }) => ({
      message: `${code(word)} is a word of the language and cannot be a name`,
      label: 'reserved',
      helps: [
        `choose another name, such as ${code(`${word}_`)}; a column of this name is written in quotes: ${code(`"${word}"`)}`,
      ],
    }),
  },
  unclosed: {
    code: 'GMM0108',
    words: ({ opener, opened }) => ({
      message: `${code(opener)} is never closed`,
      label: `expected ${code(opener === '(' ? ')' : ']')} before this`,
      labels: [{ span: opened, message: 'opened here' }],
    }),
  },
  'chained-relation': {
    code: 'GMM0109',
    words: () => ({
      message: 'a relation has two sides, and this is a third',
      label: 'second relation',
      helps: ['write two: `a < b and b < c` in a condition, two `constrain` lines in a model'],
    }),
  },
  'bad-limit': {
    code: 'GMM0110',
    words: () => ({
      message: 'the only limit is from above to zero',
      label: 'expected `-> 0+`',
      helps: ['write `limit eps -> 0+`, with the constant that goes to zero'],
    }),
  },
  'empty-model': {
    code: 'GMM0111',
    words: () => ({
      message: 'there is nothing in this file',
      helps: ['a model has at least one `data` line, such as `data x[i] : real ~ Normal(mu, s2)`'],
    }),
  },
};

function badNumber(text: string): Said {
  const message = `${code(text)} is not a number`;
  const glued = /^(\d+(?:\.\d+)?)([A-Za-z_]\w*)$/.exec(text);
  if (glued?.[2] !== undefined && !/^[eE]\d*$/.test(glued[2]))
    return { message, label: 'a number and a name', helps: [`write ${code(`${glued[1]} * ${glued[2]}`)}`] };
  if (/^\d+\.$/.test(text))
    return {
      message,
      label: 'digits are missing after the point',
      helps: [`write ${code(text.slice(0, -1))} or ${code(`${text}0`)}`],
    };
  if (/^\./.test(text))
    return { message, label: 'digits are missing before the point', helps: [`write ${code(`0${text}`)}`] };
  if (!/[^\d.eE+-]/.test(text) && !Number.isFinite(Number(text)))
    return { message: `${code(text)} is too large for a number`, label: 'beyond 1.8e308' };
  return { message, label: 'digits, then perhaps a point and digits, then perhaps `e` and an exponent' };
}

function unexpectedToken({
  found,
  expected,
  inside,
}: Extract<SyntaxProblem, { kind: 'unexpected-token' }>): Said {
  const what = code(found);
  if (inside === undefined)
    return {
      message: `a statement cannot begin with ${what}`,
      label: 'expected a role',
      helps: ['every statement begins with its role: `param`, `data`, `latent`, `plate`, `const`, …'],
    };
  if (inside === 'plate' && expected.length === 1 && expected[0] === '`1`')
    return {
      message: `a plate counts from 1, not from ${found}`,
      label: 'expected `1`',
      helps: ['indices run from 1: `plate k in 1..K`'],
    };
  if (inside === 'constrain' && found === '!=')
    return { message: '`!=` constrains nothing', label: `expected ${listed(expected)}` };
  if (expected.length === 0)
    return {
      message: `I did not expect ${what} here: the ${code(inside)} line is complete before it`,
      label: 'unexpected',
      helps: formOf(inside),
    };
  return {
    message: `I expected ${listed(expected)} here, and found ${what}`,
    label: `expected ${listed(expected)}`,
    helps: hint(inside, found, expected),
  };
}

function hint(inside: string, found: string, expected: readonly string[]): readonly string[] {
  if (expected.includes('`:`') && (found === '~' || found === '='))
    return [`every symbol has a type: ${code(`${inside} x[i] : real ~ …`)}`];
  if (expected.includes('`)`') && found === '=') return ['an argument is named with a colon: `rate: 2`'];
  return formOf(inside);
}

/** The form of a statement, as a reminder. */
function formOf(role: string): readonly string[] {
  const form = FORMS[role];
  return form === undefined ? [] : [`the form is ${code(form)}`];
}

const FORMS: Readonly<Record<string, string>> = {
  model: 'model NAME "title"',
  const: 'const K = 3',
  plate: 'plate k in 1..K` or `plate i over rows',
  param: 'param NAME[PLATES] : TYPE ~ DISTRIBUTION',
  latent: 'latent NAME[PLATES] : TYPE ~ DISTRIBUTION',
  data: 'data NAME[PLATES] : TYPE from COLUMNS ~ DISTRIBUTION',
  let: 'let NAME[PLATES] = EXPRESSION',
  constrain: 'constrain EXPRESSION = EXPRESSION',
  limit: 'limit eps -> 0+',
};
