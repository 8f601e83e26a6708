/**
 * The syntax tree: what a `.gmm` file says, before anything is known of its meaning.
 *
 * Every node carries the span of the text it came from. Later stations never look at text again; they carry the
 * `SpanId` of the node they speak about, and only `diagnostics` turns it back into a line and a column.
 */

/** Half-open range of UTF-16 offsets in the source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A column of the table, as `from` names it: a bare name or a quoted string. */
export type Column = Name;

export interface Tree {
  readonly kind: 'file';
  readonly statements: readonly Statement[];
}

export type Statement =
  | ModelStatement
  | ConstStatement
  | PlateStatement
  | SymbolStatement
  | LetStatement
  | ConstrainStatement
  | LimitStatement;

interface StatementBase {
  readonly span: Span;
  /** The text of the `///` comments before the statement, joined by line ends; undefined without any. */
  readonly documentation: string | undefined;
  /** set when the parser reported something inside: what it seems to mean is not to be judged */
  readonly isDamaged?: true;
}

/** `model NAME "title"` */
export interface ModelStatement extends StatementBase {
  readonly kind: 'model';
  readonly name: Name;
  readonly title: Name | undefined;
}

/** `const K : type = expression` */
export interface ConstStatement extends StatementBase {
  readonly kind: 'const';
  readonly name: Name;
  readonly type: TypeNode | undefined;
  readonly value: Expression | undefined;
}

/** `plate k in 1..K`, `plate i over rows`, `plate g over distinct id` */
export interface PlateStatement extends StatementBase {
  readonly kind: 'plate';
  readonly name: Name;
  readonly range: PlateRange;
}

export type PlateRange =
  | { readonly kind: 'count'; readonly upTo: Expression; readonly span: Span }
  | {
      readonly kind: 'rows';
      readonly orderedBy: Column | undefined;
      readonly within: Column | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'distinct'; readonly column: Column; readonly span: Span };

/** `param`, `latent` and `data` lines, which share one form: `ROLE NAME[PLATES] : TYPE from … as … ~ EXPR`. */
export interface SymbolStatement extends StatementBase {
  readonly kind: 'param' | 'latent' | 'data';
  readonly name: Name;
  /** the name with its brackets: the `x[i]` that messages quote */
  readonly head: Span;
  /** The expressions between the brackets of the declaration; plate names, or a first index such as `z[1]`. */
  readonly indices: readonly Expression[];
  readonly type: TypeNode;
  readonly from: readonly Column[];
  readonly as: Name | undefined;
  readonly distribution: Expression | undefined;
}

/** `let phi[i] = [1, t[i]]` */
export interface LetStatement extends StatementBase {
  readonly kind: 'let';
  readonly name: Name;
  /** the name with its brackets */
  readonly head: Span;
  readonly indices: readonly Expression[];
  readonly value: Expression;
}

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** `constrain s2[k] >= 0.1` */
export interface ConstrainStatement extends StatementBase {
  readonly kind: 'constrain';
  readonly left: Expression;
  readonly relation: Exclude<Relation, '!='>;
  readonly right: Expression;
}

/** `limit eps -> 0+` */
export interface LimitStatement extends StatementBase {
  readonly kind: 'limit';
  readonly name: Name;
}

/** `real`, `real[D]`, `simplex[k]`: a name with sizes in brackets. */
export interface TypeNode {
  readonly name: Name;
  readonly sizes: readonly Expression[];
  readonly span: Span;
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  /** A name with optional indices and optional arguments: `pi`, `mu[z[i]]`, `Normal(…)`, `softmax[k](…)`. */
  | {
      readonly kind: 'reference';
      readonly name: Name;
      readonly indices: readonly Expression[];
      /** undefined without parentheses, empty for `f()` */
      readonly arguments: readonly Argument[] | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'vector'; readonly elements: readonly Expression[]; readonly span: Span }
  | {
      readonly kind: 'unary';
      readonly operator: '-' | 'not';
      readonly operand: Expression;
      readonly span: Span;
    }
  | { readonly kind: 'transpose'; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '/' | '^' | 'and' | 'or' | Relation;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Expression;
      readonly else: Expression;
      readonly span: Span;
    }
  /** What stands where the parser could not read an expression; it silences follow-up errors. */
  | { readonly kind: 'missing'; readonly span: Span };

/** `rate: 2` or a bare expression. */
export interface Argument {
  readonly name: Name | undefined;
  readonly value: Expression;
  readonly span: Span;
}

/** Everything that can be wrong with the text itself. Words and codes for each are in `src/diagnostics`. */
export type SyntaxProblem =
  | { readonly kind: 'unexpected-character'; readonly text: string; readonly span: Span }
  | { readonly kind: 'unterminated-string'; readonly span: Span }
  | { readonly kind: 'bad-number'; readonly text: string; readonly span: Span }
  | {
      readonly kind: 'unexpected-token';
      readonly found: string;
      readonly expected: readonly string[];
      readonly inside: string | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'unexpected-end';
      readonly expected: readonly string[];
      readonly inside: string | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'unknown-role';
      readonly found: Name;
      readonly near: string | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'reserved-word'; readonly word: string; readonly span: Span }
  | { readonly kind: 'unclosed'; readonly opener: string; readonly opened: Span; readonly span: Span }
  | { readonly kind: 'chained-relation'; readonly span: Span }
  | { readonly kind: 'bad-limit'; readonly span: Span }
  | { readonly kind: 'empty-model'; readonly span: Span };

/** A station's result: its value, and what was found wrong on the way. */
export interface Result<Value, Problem> {
  readonly value: Value;
  readonly problems: readonly Problem[];
}
