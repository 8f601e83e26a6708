/**
 * The grammar of expressions, and what all rules have in common: how mistakes are said, and what may be supplied for the user.
 * The statements that expressions stand in are in `parser.ts`.
 */
import { EmbeddedActionsParser } from 'chevrotain';
import type { IParserErrorMessageProvider, ParserMethod, TokenType } from 'chevrotain';
import * as t from './tokens.js';
import type { Argument, Expression, Name, Relation } from './types.js';
import { nameOf, spanOf } from './words.js';

/** Said in the message of a Chevrotain error, and read back by `parse.ts`: labels of what was expected. */
const expecting = (labels: readonly string[]): string => JSON.stringify([...new Set(labels)]);
const labelOf = (token: TokenType): string => token.LABEL ?? token.name;

const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) =>
    expecting(
      expected === t.CloseParen || (expected === t.CloseBracket && ruleName !== 'type')
        ? [labelOf(t.Comma), labelOf(expected)]
        : [labelOf(expected)],
    ),
  buildNotAllInputParsedMessage: () => expecting([]),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, customUserDescription }) =>
    customUserDescription === undefined
      ? expecting(
          expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path.slice(0, 1).map(labelOf))),
        )
      : expecting([customUserDescription]),
  buildEarlyExitMessage: ({ customUserDescription }) => expecting([customUserDescription ?? 'an expression']),
};

const RELATIONS: readonly (readonly [TokenType, Relation])[] = [
  [t.Equal, '='],
  [t.NotEqual, '!='],
  [t.LessEqual, '<='],
  [t.GreaterEqual, '>='],
  [t.Less, '<'],
  [t.Greater, '>'],
];

/** A rule without arguments. */
export type Rule<Value> = ParserMethod<[], Value>;

/** Inside a statement nothing is skipped: the rules above see the error, and `statement` gives up the rest. */
export const strict = { resyncEnabled: false };

/** Who adds the last rules calls `performSelfAnalysis`. */
export class ExpressionParser extends EmbeddedActionsParser {
  constructor() {
    super([...t.TOKENS], {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: 'none',
      errorMessageProvider: messages,
      skipValidations: true,
    });
  }

  /** Only a closing bracket is ever supplied for the user; everything else missing is an error at its place. */
  protected override canTokenTypeBeInsertedInRecovery(token: TokenType): boolean {
    return token === t.CloseParen || token === t.CloseBracket;
  }

  /** The end of what was read so far. */
  protected end(): number {
    const previous = this.LA(0);
    return Number.isNaN(previous.startOffset) ? 0 : previous.startOffset + previous.image.length;
  }

  private binary(
    operator: Extract<Expression, { kind: 'binary' }>['operator'],
    left: Expression,
    right: Expression,
  ): Expression {
    return { kind: 'binary', operator, left, right, span: { start: left.span.start, end: right.span.end } };
  }

  protected readonly indices: Rule<readonly Expression[]> = this.RULE(
    'indices',
    () => {
      this.CONSUME(t.OpenBracket);
      const list: Expression[] = [];
      this.AT_LEAST_ONE_SEP({
        SEP: t.Comma,
        DEF: () => {
          const item = this.SUBRULE(this.expression);
          this.ACTION(() => list.push(item));
        },
      });
      this.CONSUME(t.CloseBracket);
      return list;
    },
    strict,
  );

  protected readonly expression: Rule<Expression> = this.RULE(
    'expression',
    () =>
      this.OR<Expression>({
        DEF: [
          {
            ALT: () => {
              const start = this.CONSUME(t.If);
              const condition = this.SUBRULE(this.expression);
              this.CONSUME(t.Then);
              const then = this.SUBRULE2(this.expression);
              this.CONSUME(t.Else);
              const otherwise = this.SUBRULE3(this.expression);
              return this.ACTION((): Expression => ({
                kind: 'if',
                condition,
                then,
                else: otherwise,
                span: { start: start.startOffset, end: otherwise.span.end },
              }));
            },
          },
          { ALT: () => this.SUBRULE(this.or_) },
        ],
        ERR_MSG: 'an expression',
      }),
    strict,
  );

  private readonly or_: Rule<Expression> = this.RULE(
    'or_',
    () => {
      let left = this.SUBRULE(this.and_);
      this.MANY(() => {
        this.CONSUME(t.Or);
        const right = this.SUBRULE2(this.and_);
        this.ACTION(() => (left = this.binary('or', left, right)));
      });
      return left;
    },
    strict,
  );

  private readonly and_: Rule<Expression> = this.RULE(
    'and_',
    () => {
      let left = this.SUBRULE(this.not);
      this.MANY(() => {
        this.CONSUME(t.And);
        const right = this.SUBRULE2(this.not);
        this.ACTION(() => (left = this.binary('and', left, right)));
      });
      return left;
    },
    strict,
  );

  private readonly not: Rule<Expression> = this.RULE(
    'not',
    () =>
      this.OR<Expression>({
        DEF: [
          {
            ALT: () => {
              const start = this.CONSUME(t.Not);
              const operand = this.SUBRULE(this.not);
              return this.ACTION((): Expression => ({
                kind: 'unary',
                operator: 'not',
                operand,
                span: { start: start.startOffset, end: operand.span.end },
              }));
            },
          },
          { ALT: () => this.SUBRULE(this.test) },
        ],
        ERR_MSG: 'an expression',
      }),
    strict,
  );

  private readonly test: Rule<Expression> = this.RULE(
    'test',
    () => {
      let left = this.SUBRULE(this.sum);
      this.OPTION(() => {
        const relation = this.SUBRULE(this.relation);
        const right = this.SUBRULE2(this.sum);
        this.ACTION(() => (left = this.binary(relation, left, right)));
      });
      return left;
    },
    strict,
  );

  protected readonly relation: Rule<Relation> = this.RULE(
    'relation',
    () =>
      this.OR({
        DEF: RELATIONS.map(([token, relation]) => ({
          ALT: () => {
            this.CONSUME(token);
            return relation;
          },
        })),
        ERR_MSG: 'a relation such as `=` or `>=`',
      }),
    strict,
  );

  protected readonly sum: Rule<Expression> = this.RULE(
    'sum',
    () => {
      let left = this.SUBRULE(this.product);
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
        const right = this.SUBRULE2(this.product);
        this.ACTION(() => (left = this.binary(operator.tokenType === t.Plus ? '+' : '-', left, right)));
      });
      return left;
    },
    strict,
  );

  private readonly product: Rule<Expression> = this.RULE(
    'product',
    () => {
      let left = this.SUBRULE(this.unary);
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(t.Star) }, { ALT: () => this.CONSUME(t.Slash) }]);
        const right = this.SUBRULE2(this.unary);
        this.ACTION(() => (left = this.binary(operator.tokenType === t.Star ? '*' : '/', left, right)));
      });
      return left;
    },
    strict,
  );

  private readonly unary: Rule<Expression> = this.RULE(
    'unary',
    () =>
      this.OR<Expression>({
        DEF: [
          {
            ALT: () => {
              const start = this.CONSUME(t.Minus);
              const operand = this.SUBRULE(this.unary);
              return this.ACTION((): Expression => ({
                kind: 'unary',
                operator: '-',
                operand,
                span: { start: start.startOffset, end: operand.span.end },
              }));
            },
          },
          { ALT: () => this.SUBRULE(this.power) },
        ],
        ERR_MSG: 'an expression',
      }),
    strict,
  );

  private readonly power: Rule<Expression> = this.RULE(
    'power',
    () => {
      let base = this.SUBRULE(this.postfix);
      this.OPTION(() => {
        this.CONSUME(t.Caret);
        const exponent = this.SUBRULE(this.unary);
        this.ACTION(() => (base = this.binary('^', base, exponent)));
      });
      return base;
    },
    strict,
  );

  private readonly postfix: Rule<Expression> = this.RULE(
    'postfix',
    () => {
      let operand = this.SUBRULE(this.primary);
      this.MANY(() => {
        const prime = this.CONSUME(t.Prime);
        this.ACTION(() => {
          operand = {
            kind: 'transpose',
            operand,
            span: { start: operand.span.start, end: spanOf(prime).end },
          };
        });
      });
      return operand;
    },
    strict,
  );

  private readonly primary: Rule<Expression> = this.RULE(
    'primary',
    () =>
      this.OR<Expression>({
        DEF: [
          { ALT: () => this.SUBRULE(this.number) },
          {
            ALT: () => {
              const token = this.CONSUME(t.True);
              return this.ACTION((): Expression => ({ kind: 'boolean', value: true, span: spanOf(token) }));
            },
          },
          {
            ALT: () => {
              const token = this.CONSUME(t.False);
              return this.ACTION((): Expression => ({ kind: 'boolean', value: false, span: spanOf(token) }));
            },
          },
          { ALT: () => this.SUBRULE(this.grouped) },
          {
            ALT: () => {
              const start = this.LA(1);
              const elements = this.SUBRULE(this.indices);
              return this.ACTION((): Expression => ({
                kind: 'vector',
                elements,
                span: { start: start.startOffset, end: this.end() },
              }));
            },
          },
          { ALT: () => this.SUBRULE(this.reference) },
        ],
        ERR_MSG: 'an expression',
      }),
    strict,
  );

  private readonly number: Rule<Expression> = this.RULE(
    'number',
    () => {
      const token = this.OR([
        { ALT: () => this.CONSUME(t.NumberToken) },
        { ALT: () => this.CONSUME(t.BadNumber) },
      ]);
      return this.ACTION((): Expression => ({
        kind: 'number',
        value: Number.parseFloat(token.image),
        text: token.image,
        span: spanOf(token),
      }));
    },
    strict,
  );

  /** The parentheses themselves are not in the tree, but they belong to the span: messages quote what was written. */
  private readonly grouped: Rule<Expression> = this.RULE(
    'grouped',
    () => {
      const open = this.CONSUME(t.OpenParen);
      const inner = this.SUBRULE(this.expression);
      this.CONSUME(t.CloseParen);
      return this.ACTION((): Expression => ({
        ...inner,
        span: { start: open.startOffset, end: this.end() },
      }));
    },
    strict,
  );

  private readonly reference: Rule<Expression> = this.RULE(
    'reference',
    () => {
      const name = this.CONSUME(t.Name);
      let indices: readonly Expression[] = [];
      let args: Argument[] | undefined;
      this.OPTION(() => {
        indices = this.SUBRULE(this.indices);
      });
      this.OPTION2(() => {
        this.CONSUME(t.OpenParen);
        const list: Argument[] = [];
        this.MANY_SEP({
          SEP: t.Comma,
          DEF: () => {
            const argument = this.SUBRULE(this.argument);
            this.ACTION(() => list.push(argument));
          },
        });
        this.CONSUME(t.CloseParen);
        args = list;
      });
      return this.ACTION((): Expression => ({
        kind: 'reference',
        name: nameOf(name),
        indices,
        arguments: args,
        span: { start: name.startOffset, end: this.end() },
      }));
    },
    strict,
  );

  private readonly argument: Rule<Argument> = this.RULE(
    'argument',
    () => {
      let name: Name | undefined;
      const start = this.LA(1);
      this.OPTION(() => {
        const token = this.CONSUME(t.Name);
        this.CONSUME(t.Colon);
        this.ACTION(() => (name = nameOf(token)));
      });
      const value = this.SUBRULE(this.expression);
      return this.ACTION(() => ({ name, value, span: { start: start.startOffset, end: value.span.end } }));
    },
    strict,
  );
}
