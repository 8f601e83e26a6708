import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { print, printExpression } from '../../grammar/print.js';
import type { Expression, Statement } from '../../grammar/types.js';
import { CORRECT } from '../model/models.js';
import { tree, withoutPlaces } from './trees.js';

/** The one expression of `let a = …`. */
function expression(text: string): Expression {
  const { value, problems } = parse(`let a = ${text}`);
  expect(problems).toEqual([]);
  const [statement] = value.statements;
  if (statement?.kind !== 'let') throw new Error('not a let');
  return statement.value;
}

/** With every operation in brackets. */
function grouped(e: Expression): string {
  switch (e.kind) {
    case 'binary':
      return `[${grouped(e.left)} ${e.operator} ${grouped(e.right)}]`;
    case 'unary':
      return `[${e.operator} ${grouped(e.operand)}]`;
    case 'transpose':
      return `[${grouped(e.operand)} ']`;
    case 'if':
      return `[if ${grouped(e.condition)} then ${grouped(e.then)} else ${grouped(e.else)}]`;
    case 'number':
    case 'boolean':
    case 'reference':
    case 'vector':
    case 'missing':
      return printExpression(e);
  }
}

const kinds = (text: string): readonly string[] => parse(text).problems.map((p) => p.kind);
const names = (statements: readonly Statement[]): readonly string[] =>
  statements.map((s) => ('name' in s ? s.name.text : s.kind));

describe('printing and reading are inverse', () => {
  it('for trees of any form', () => {
    fc.assert(
      fc.property(tree, (drawn) => {
        const { value, problems } = parse(print(drawn));
        expect(problems).toEqual([]);
        expect(withoutPlaces(value)).toEqual(withoutPlaces(drawn));
      }),
      { numRuns: 300, seed: 1 },
    );
  });
  it.each(Object.entries(CORRECT))('for %s', (_, text) => {
    const first = parse(text).value;
    expect(withoutPlaces(parse(print(first)).value)).toEqual(withoutPlaces(first));
  });
});

describe('operators bind as in mathematics', () => {
  it.each([
    ['-x^2', '[- [x ^ 2]]'],
    ['2^-x', '[2 ^ [- x]]'],
    ['a^b^c', '[a ^ [b ^ c]]'],
    ['a - b - c', '[[a - b] - c]'],
    ['a / b * c', '[[a / b] * c]'],
    ['a + b * c', '[a + [b * c]]'],
    ["Q * diag(A) * Q'", "[[Q * diag(A)] * [Q ']]"],
    ["M'^2", "[[M '] ^ 2]"],
    ['not a = b and c or d', '[[[not [a = b]] and c] or d]'],
    ['if a then b else c + d', '[if a then b else [c + d]]'],
    ['if a then if b then c else d else e', '[if a then [if b then c else d] else e]'],
  ])('%s', (text, expected) => {
    expect(grouped(expression(text))).toBe(expected);
  });
});

describe('words have their meaning by place', () => {
  it('a column, an argument and a symbol may be called `from`', () => {
    expect(kinds('data from[i] : real from from, over ~ Normal(in: as)')).toEqual([]);
  });
  it('a name may begin with a reserved word', () => {
    expect(
      names(parse('const constraint = 1 param iffy : real let order = nothing').value.statements),
    ).toEqual(['constraint', 'iffy', 'order']);
  });
  it('letters of any script make names, and an accent may be a code point of its own', () => {
    const { value } = parse('param Σ_é : real param e\u0301 : real');
    expect(names(value.statements)).toEqual(['Σ_é', 'é']);
  });
  it('a range is not a number', () => {
    expect(kinds('plate k in 1..3')).toEqual([]);
  });
});

describe('documentation', () => {
  it('belongs to the next statement, and comments do not', () => {
    const { value } = parse(
      '/// The centre\n/// of it.\n# nothing\nparam mu : real\n# comment\nparam s : sd',
    );
    expect(value.statements.map((s) => s.documentation)).toEqual(['The centre\nof it.', undefined]);
  });
  it('does not begin inside of text in quotes', () => {
    expect(parse('model M "a /// b # c"').value.statements[0]).toMatchObject({
      title: { text: 'a /// b # c' },
    });
  });
});

describe('places', () => {
  it('are those of the text, brackets and parentheses included', () => {
    const text = 'data x[i] : real ~ Normal((a + b), s)';
    const [statement] = parse(text).value.statements;
    if (statement?.kind !== 'data' || statement.distribution?.kind !== 'reference')
      throw new Error('not data');
    const at = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
    expect(at(statement.span)).toBe(text);
    expect(at(statement.head)).toBe('x[i]');
    expect(at(statement.distribution.arguments![0].value.span)).toBe('(a + b)');
  });
});

describe('a mistake stays in its statement', () => {
  it('and what was read before it is kept', () => {
    const { value, problems } = parse('param mu : real ~ Normal(0 1)\nparam s : sd\ndata x[i] : real ~');
    expect(problems.map((p) => p.kind)).toEqual(['unexpected-token', 'unexpected-end']);
    expect(names(value.statements)).toEqual(['mu', 's', 'x']);
    expect(value.statements.map((s) => s.isDamaged)).toEqual([true, undefined, true]);
  });
  it('and a misspelt role is read as the one that was meant', () => {
    const { value, problems } = parse('parm mu : real\nlatnet z[i] : k ~ F(1)\ndta x[i] : real');
    expect(problems.map((p) => p.kind)).toEqual(['unknown-role', 'unknown-role', 'unknown-role']);
    expect(value.statements.map((s) => s.kind)).toEqual(['param', 'latent', 'data']);
  });
  it('and one mistake is one problem', () => {
    expect(kinds('param mu[[k : real ~ Normal((0, 1')).toHaveLength(1);
  });
  it('and any text is read without throwing', () => {
    const words = fc.constantFrom(
      'param',
      'data',
      'x',
      '[',
      ']',
      '(',
      ')',
      ':',
      '~',
      '=',
      '1',
      '..',
      '"',
      'if',
      '\n',
      '≥',
      '²',
      '->',
      ',',
      "'",
      '///',
      '#',
      '1.',
      '-',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (list) => {
        expect(Array.isArray(parse(list.join(' ')).problems)).toBe(true);
      }),
      { numRuns: 500, seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(Array.isArray(parse(text).problems)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('models of the reference', () => {
  const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'models');
  it.each(readdirSync(shared).filter((f) => f.endsWith('.gmm')))('%s reads without a problem', (file) => {
    expect(kinds(readFileSync(join(shared, file), 'utf8'))).toEqual([]);
  });
});
