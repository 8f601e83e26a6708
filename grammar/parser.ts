/**
 * The grammar of one statement, rule by rule as in the language's definition. `parse.ts` cuts the text into
 * statements at the role words and feeds them here one by one, so a mistake in one never reaches the next.
 *
 * A rule fills in `draft` as it goes: what was read before a mistake is kept, and a `param` whose distribution cannot
 * be read still declares its name.
 */
import { EmbeddedActionsParser } from 'chevrotain';
import type { IParserErrorMessageProvider, IToken, ParserMethod, TokenType } from 'chevrotain';
import * as t from './tokens.js';
import type { Argument, Column, Expression, Name, PlateRange, Relation, Span, TypeNode } from './types.js';

/** What is known of a statement so far. */
export interface Draft {
  name?: Name;
  title?: Name;
  head?: Span;
  indices?: readonly Expression[];
  type?: TypeNode;
  from?: readonly Column[];
  as?: Name;
  range?: PlateRange;
  value?: Expression;
  relation?: Relation;
  right?: Expression;
  /** the relation's place in a `constrain` */
  relationSpan?: Span;
}

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

const spanOf = (token: IToken): Span => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});

export function nameOf(token: IToken): Name {
  return { text: token.image.normalize('NFC'), span: spanOf(token) };
}

/** A string without its quotes, with `\"` and `\\` resolved. */
function unquoted(token: IToken): Name {
  const inner = token.image.replace(/^"/, '').replace(/"$/, '');
  return { text: inner.replace(/\\(.)/g, '$1'), span: spanOf(token) };
}

const RELATIONS: readonly (readonly [TokenType, Relation])[] = [
  [t.Equal, '='],
  [t.NotEqual, '!='],
  [t.LessEqual, '<='],
  [t.GreaterEqual, '>='],
  [t.Less, '<'],
  [t.Greater, '>'],
];

type Rule<Value> = ParserMethod<[], Value>;

/** Inside a statement nothing is skipped: the rules above see the error, and `statement` gives up the rest. */
const strict = { resyncEnabled: false };

export class StatementParser extends EmbeddedActionsParser {
  draft: Draft = {};

  constructor() {
    super([...t.TOKENS], {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: 'none',
      errorMessageProvider: messages,
      skipValidations: true,
    });
    this.performSelfAnalysis();
  }

  /** Only a closing bracket is ever supplied for the user; everything else missing is an error at its place. */
  protected override canTokenTypeBeInsertedInRecovery(token: TokenType): boolean {
    return token === t.CloseParen || token === t.CloseBracket;
  }

  /** The end of what was read so far. */
  private end(): number {
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

  readonly statement: Rule<void> = this.RULE('statement', () => {
    this.ACTION(() => (this.draft = {}));
    this.OR([
      { ALT: () => this.SUBRULE(this.modelStatement) },
      { ALT: () => this.SUBRULE(this.constStatement) },
      { ALT: () => this.SUBRULE(this.plateStatement) },
      { ALT: () => this.SUBRULE(this.symbolStatement) },
      { ALT: () => this.SUBRULE(this.letStatement) },
      { ALT: () => this.SUBRULE(this.constrainStatement) },
      { ALT: () => this.SUBRULE(this.limitStatement) },
    ]);
  });

  private readonly modelStatement: Rule<void> = this.RULE(
    'modelStatement',
    () => {
      this.CONSUME(t.ModelRole);
      const name = this.CONSUME(t.Name);
      this.ACTION(() => (this.draft.name = nameOf(name)));
      this.OPTION(() => {
        const title = this.SUBRULE(this.text);
        this.ACTION(() => (this.draft.title = title));
      });
    },
    strict,
  );

  private readonly constStatement: Rule<void> = this.RULE(
    'constStatement',
    () => {
      this.CONSUME(t.ConstRole);
      const name = this.CONSUME(t.Name);
      this.ACTION(() => (this.draft.name = nameOf(name)));
      this.OPTION(() => {
        this.CONSUME(t.Colon);
        const type = this.SUBRULE(this.type);
        this.ACTION(() => (this.draft.type = type));
      });
      this.OPTION2(() => {
        this.CONSUME(t.Equal);
        const value = this.SUBRULE(this.expression);
        this.ACTION(() => (this.draft.value = value));
      });
    },
    strict,
  );

  private readonly plateStatement: Rule<void> = this.RULE(
    'plateStatement',
    () => {
      this.CONSUME(t.PlateRole);
      const name = this.CONSUME(t.Name);
      this.ACTION(() => (this.draft.name = nameOf(name)));
      this.OR([{ ALT: () => this.SUBRULE(this.countRange) }, { ALT: () => this.SUBRULE(this.tableRange) }]);
    },
    strict,
  );

  private readonly countRange: Rule<void> = this.RULE(
    'countRange',
    () => {
      const start = this.CONSUME(t.In);
      this.CONSUME(t.NumberToken);
      this.CONSUME(t.DotDot);
      const upTo = this.SUBRULE(this.expression);
      this.ACTION(() => {
        this.draft.range = { kind: 'count', upTo, span: { start: start.startOffset, end: this.end() } };
      });
    },
    strict,
  );

  private readonly tableRange: Rule<void> = this.RULE(
    'tableRange',
    () => {
      const start = this.CONSUME(t.Over);
      const range: { orderedBy?: Column; within?: Column; distinct?: Column } = {};
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Rows);
            this.OPTION(() => {
              this.CONSUME(t.Ordered);
              this.CONSUME(t.By);
              const by = this.SUBRULE(this.column);
              this.ACTION(() => (range.orderedBy = by));
              this.OPTION2(() => {
                this.CONSUME(t.Within);
                const within = this.SUBRULE2(this.column);
                this.ACTION(() => (range.within = within));
              });
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Distinct);
            const distinct = this.SUBRULE3(this.column);
            this.ACTION(() => (range.distinct = distinct));
          },
        },
      ]);
      this.ACTION(() => {
        const span = { start: start.startOffset, end: this.end() };
        this.draft.range =
          range.distinct === undefined
            ? { kind: 'rows', orderedBy: range.orderedBy, within: range.within, span }
            : { kind: 'distinct', column: range.distinct, span };
      });
    },
    strict,
  );

  private readonly symbolStatement: Rule<void> = this.RULE(
    'symbolStatement',
    () => {
      this.OR([
        { ALT: () => this.CONSUME(t.ParamRole) },
        { ALT: () => this.CONSUME(t.LatentRole) },
        { ALT: () => this.CONSUME(t.DataRole) },
      ]);
      this.SUBRULE(this.head);
      this.CONSUME(t.Colon);
      const type = this.SUBRULE(this.type);
      this.ACTION(() => (this.draft.type = type));
      this.OPTION(() => {
        this.CONSUME(t.From);
        const from: Column[] = [];
        this.AT_LEAST_ONE_SEP({
          SEP: t.Comma,
          DEF: () => {
            const column = this.SUBRULE(this.column);
            this.ACTION(() => from.push(column));
          },
          ERR_MSG: 'a column',
        });
        this.ACTION(() => (this.draft.from = from));
      });
      this.OPTION2(() => {
        this.CONSUME(t.As);
        const as = this.CONSUME(t.Name);
        this.ACTION(() => (this.draft.as = nameOf(as)));
      });
      this.OPTION3(() => {
        const tilde = this.CONSUME(t.Tilde);
        this.ACTION(() => (this.draft.value = { kind: 'missing', span: spanOf(tilde) }));
        const value = this.SUBRULE(this.expression);
        this.ACTION(() => (this.draft.value = value));
      });
    },
    strict,
  );

  private readonly letStatement: Rule<void> = this.RULE(
    'letStatement',
    () => {
      this.CONSUME(t.LetRole);
      this.SUBRULE(this.head);
      this.CONSUME(t.Equal);
      const value = this.SUBRULE(this.expression);
      this.ACTION(() => (this.draft.value = value));
    },
    strict,
  );

  private readonly head: Rule<void> = this.RULE(
    'head',
    () => {
      const name = this.CONSUME(t.Name);
      this.ACTION(() => {
        this.draft.name = nameOf(name);
        this.draft.head = this.draft.name.span;
      });
      this.OPTION(() => {
        const indices = this.SUBRULE(this.indices);
        this.ACTION(() => {
          this.draft.indices = indices;
          this.draft.head = { start: name.startOffset, end: this.end() };
        });
      });
    },
    strict,
  );

  private readonly constrainStatement: Rule<void> = this.RULE(
    'constrainStatement',
    () => {
      this.CONSUME(t.ConstrainRole);
      const left = this.SUBRULE(this.sum);
      this.ACTION(() => (this.draft.value = left));
      const relation = this.SUBRULE(this.relation);
      const at = this.LA(0);
      this.ACTION(() => {
        this.draft.relation = relation;
        this.draft.relationSpan = spanOf(at);
      });
      const right = this.SUBRULE2(this.sum);
      this.ACTION(() => (this.draft.right = right));
    },
    strict,
  );

  private readonly limitStatement: Rule<void> = this.RULE(
    'limitStatement',
    () => {
      this.CONSUME(t.LimitRole);
      const name = this.CONSUME(t.Name);
      this.ACTION(() => (this.draft.name = nameOf(name)));
      this.CONSUME(t.Arrow);
      this.CONSUME(t.NumberToken);
      this.CONSUME(t.Plus);
    },
    strict,
  );

  private readonly type: Rule<TypeNode> = this.RULE(
    'type',
    () => {
      const name = this.CONSUME(t.Name);
      let sizes: readonly Expression[] = [];
      this.OPTION(() => {
        sizes = this.SUBRULE(this.indices);
      });
      return this.ACTION(() => ({
        name: nameOf(name),
        sizes,
        span: { start: name.startOffset, end: this.end() },
      }));
    },
    strict,
  );

  private readonly column: Rule<Column> = this.RULE(
    'column',
    () =>
      this.OR({
        DEF: [
          {
            ALT: () => {
              const name = this.CONSUME(t.Name);
              return this.ACTION(() => nameOf(name));
            },
          },
          { ALT: () => this.SUBRULE(this.text) },
        ],
        ERR_MSG: 'a column',
      }),
    strict,
  );

  private readonly text: Rule<Name> = this.RULE(
    'text',
    () => {
      const token = this.OR([
        { ALT: () => this.CONSUME(t.StringToken) },
        { ALT: () => this.CONSUME(t.OpenString) },
      ]);
      return this.ACTION(() => unquoted(token));
    },
    strict,
  );

  private readonly indices: Rule<readonly Expression[]> = this.RULE(
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

  private readonly expression: Rule<Expression> = this.RULE(
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

  private readonly relation: Rule<Relation> = this.RULE(
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

  private readonly sum: Rule<Expression> = this.RULE(
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
