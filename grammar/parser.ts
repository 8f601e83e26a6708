/**
 * The grammar of one statement, rule by rule as in the language's definition. `parse.ts` cuts the text into
 * statements at the role words and feeds them here one by one, so a mistake in one never reaches the next.
 *
 * A rule fills in `draft` as it goes: what was read before a mistake is kept, and a `param` whose distribution cannot
 * be read still declares its name.
 */
import { ExpressionParser, strict } from './expression-parser.js';
import type { Rule } from './expression-parser.js';
import * as t from './tokens.js';
import type { Column, Expression, Name, PlateRange, Relation, Span, TypeNode } from './types.js';
import { nameOf, spanOf, unquoted } from './words.js';

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

export class StatementParser extends ExpressionParser {
  draft: Draft = {};

  constructor() {
    super();
    this.performSelfAnalysis();
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
}
