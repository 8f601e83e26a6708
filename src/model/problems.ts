/**
 * Everything that can be wrong with the meaning of a file: names, near misses, types and places, without a word of
 * text. Codes and words are in `src/diagnostics/model.ts`, which reads the quoted expressions from the text itself.
 */
import type { Model, ScaleKind, SpanId, ValueType } from './types.js';

export type Severity = 'error' | 'warning' | 'pedantic';

/** A role as the file writes it. */
export type Role = 'model' | 'const' | 'plate' | 'param' | 'latent' | 'data' | 'let';

/** An expression with its type, and where its type was declared when it is a symbol. */
export interface Operand {
  readonly span: SpanId;
  readonly type: ValueType;
  readonly declared: SpanId | undefined;
}

/** Why a size name has its value: the place that fixed it. */
export interface Fixed {
  readonly name: string;
  readonly value: string;
  readonly span: SpanId;
}

interface At {
  readonly span: SpanId;
}

export type NameProblem =
  | (At & { readonly kind: 'duplicate-name'; readonly name: string; readonly first: SpanId })
  | (At & {
      readonly kind: 'reserved-name';
      readonly name: string;
      readonly what: 'function' | 'distribution' | 'identity';
    })
  | (At & { readonly kind: 'unknown-name'; readonly name: string; readonly near: string | undefined })
  | (At & { readonly kind: 'unknown-function'; readonly name: string; readonly near: string | undefined })
  | (At & { readonly kind: 'unknown-type'; readonly name: string; readonly near: string | undefined })
  | (At & {
      readonly kind: 'not-a-value';
      readonly name: string;
      readonly what: 'plate' | 'function' | 'distribution' | 'model';
    })
  | (At & {
      readonly kind: 'called-symbol';
      readonly name: string;
      readonly role: Role;
      readonly declared: SpanId;
    })
  | (At & { readonly kind: 'two-models'; readonly first: SpanId })
  | (At & { readonly kind: 'cyclic-definition'; readonly names: readonly string[] })
  | (At & {
      readonly kind: 'limit-of';
      readonly name: string;
      readonly role: Role | undefined;
      readonly declared: SpanId | undefined;
    })
  | (At & { readonly kind: 'two-limits'; readonly first: SpanId })
  | (At & { readonly kind: 'nothing-modelled' });

export type PlateProblem =
  | (At & {
      readonly kind: 'declared-over';
      readonly name: string;
      readonly role: Role | undefined;
      readonly near: string | undefined;
    })
  | (At & { readonly kind: 'plate-twice'; readonly plate: string })
  | (At & {
      readonly kind: 'plate-out-of-scope';
      readonly plate: string;
      readonly available: readonly string[];
      readonly latents: readonly string[];
    })
  | (At & { readonly kind: 'plate-bound-twice'; readonly plate: string })
  | (At & { readonly kind: 'plate-range' })
  | (At & { readonly kind: 'plate-needed'; readonly name: string })
  | (At & { readonly kind: 'data-without-rows'; readonly name: string; readonly rows: string | undefined })
  | (At & { readonly kind: 'first-needs-order'; readonly name: string; readonly plate: string | undefined })
  | (At & { readonly kind: 'chain-without-start'; readonly name: string; readonly plate: string })
  | (At & { readonly kind: 'chain-without-rest'; readonly name: string; readonly plate: string | undefined })
  | (At & { readonly kind: 'previous-needs-order'; readonly plate: string; readonly declared: SpanId });

export type SizeProblem =
  | (At & { readonly kind: 'bad-size' })
  | (At & {
      readonly kind: 'size-name-taken';
      readonly name: string;
      readonly role: Role;
      readonly declared: SpanId;
    })
  | (At & { readonly kind: 'size-value'; readonly name: string | undefined; readonly value: number })
  | (At & { readonly kind: 'size-not-fixed'; readonly name: string; readonly isPlate: boolean })
  | (At & {
      readonly kind: 'sizes-differ';
      readonly left: Operand;
      readonly right: Operand;
      readonly expected: ValueType;
      readonly because: readonly Fixed[];
    })
  | (At & {
      readonly kind: 'columns-differ';
      readonly name: string;
      readonly columns: number;
      readonly type: ValueType;
      readonly declared: SpanId;
    })
  | (At & { readonly kind: 'identity-without-size' });

export type TypeProblem =
  | (At & {
      readonly kind: 'type-sizes';
      readonly type: string;
      readonly given: number;
      readonly spellings: readonly string[];
    })
  | (At & {
      readonly kind: 'role-type';
      readonly role: Role;
      readonly name: string;
      readonly type: ValueType;
    })
  | (At & {
      readonly kind: 'role-word';
      readonly role: Role;
      readonly word: 'from' | 'as';
      readonly name: string;
    })
  | (At & { readonly kind: 'unknown-as'; readonly word: string; readonly near: string | undefined })
  | (At & {
      readonly kind: 'weight-type';
      readonly name: string;
      readonly type: ValueType;
      readonly modelled: boolean;
    })
  | (At & { readonly kind: 'two-weights'; readonly first: SpanId })
  | (At & { readonly kind: 'labels-columns'; readonly name: string })
  | (At & { readonly kind: 'latent-without-distribution'; readonly name: string; readonly type: ValueType })
  | (At & { readonly kind: 'constant-not-written-out'; readonly name: string })
  | (At & { readonly kind: 'constant-domain'; readonly name: string; readonly type: ValueType })
  | (At & {
      readonly kind: 'constant-shape';
      readonly name: string;
      readonly type: ValueType;
      readonly declared: SpanId;
      readonly found: ValueType;
    });

/** What an operation is called in a message. */
export type Operation =
  | '+'
  | '-'
  | '*'
  | '/'
  | '^'
  | "'"
  | 'dot'
  | 'diag'
  | 'log'
  | 'exp'
  | 'sqrt'
  | 'logistic'
  | 'sum'
  | 'softmax'
  | 'if'
  | '='
  | '[…]';

export type ShapeProblem =
  | (At & {
      readonly kind: 'shapes-differ';
      readonly operation: Operation;
      readonly left: Operand;
      readonly right: Operand;
    })
  | (At & {
      readonly kind: 'operand';
      readonly operation: Operation;
      readonly found: Operand;
      readonly expected: 'number' | 'vector' | 'matrix' | 'number or vector';
    })
  | (At & { readonly kind: 'number-where-matrix'; readonly size: ValueType })
  | (At & { readonly kind: 'not-a-number'; readonly operand: Operand })
  | (At & { readonly kind: 'not-a-condition'; readonly operand: Operand })
  | (At & { readonly kind: 'not-comparable'; readonly left: Operand; readonly right: Operand })
  | (At & {
      readonly kind: 'argument-count';
      readonly name: string;
      readonly expected: number;
      readonly given: number;
    })
  | (At & { readonly kind: 'argument-named'; readonly name: string });

export type IndexProblem =
  | (At & {
      readonly kind: 'too-few-indices';
      readonly name: string;
      readonly plates: readonly string[];
      readonly given: number;
      readonly declared: SpanId;
      readonly latents: readonly string[];
    })
  | (At & {
      readonly kind: 'too-many-indices';
      readonly name: string;
      readonly allowed: number;
      readonly given: number;
      readonly type: ValueType;
      readonly declared: SpanId;
    })
  | (At & {
      readonly kind: 'index-of-another-plate';
      readonly name: string;
      readonly expected: string;
      readonly found: string;
      readonly declared: SpanId;
      readonly latents: readonly string[];
    })
  | (At & {
      readonly kind: 'index-size';
      readonly name: string;
      readonly size: string;
      readonly plate: string;
      readonly declared: SpanId;
    })
  | (At & { readonly kind: 'not-an-index'; readonly found: Operand | undefined })
  | (At & { readonly kind: 'index-not-whole' })
  | (At & {
      readonly kind: 'index-out-of-range';
      readonly index: number;
      readonly size: number;
      readonly over: string;
      readonly declared: SpanId | undefined;
    })
  | (At & { readonly kind: 'indices-on-function'; readonly name: string });

export type ScaleProblem =
  | (At & {
      readonly kind: 'scale-without-kind';
      readonly distribution: string;
      readonly constant: string | undefined;
      readonly declared: SpanId | undefined;
    })
  | (At & {
      readonly kind: 'scale-kinds-mixed';
      readonly operation: '+' | '-' | 'if' | '=' | '[…]';
      readonly left: Operand;
      readonly right: Operand;
    })
  | (At & { readonly kind: 'scale-kind-contradicts'; readonly said: ScaleKind; readonly found: Operand })
  | (At & {
      readonly kind: 'scale-shape';
      readonly distribution: string;
      readonly value: Operand;
      readonly found: Operand;
    })
  | (At & {
      readonly kind: 'scale-not-positive';
      readonly distribution: string;
      readonly found: Operand;
      readonly value: number | undefined;
    });

export type DistributionProblem =
  | (At & { readonly kind: 'not-a-distribution'; readonly name: string })
  | (At & { readonly kind: 'distribution-in-expression'; readonly name: string })
  | (At & { readonly kind: 'unknown-distribution'; readonly name: string; readonly near: string | undefined })
  | (At & {
      readonly kind: 'argument-missing';
      readonly distribution: string;
      readonly arguments: readonly string[];
      readonly spelling: string;
    })
  | (At & { readonly kind: 'argument-surplus'; readonly distribution: string; readonly spelling: string })
  | (At & {
      readonly kind: 'argument-unknown';
      readonly distribution: string;
      readonly name: string;
      readonly near: string | undefined;
      readonly spelling: string;
    })
  | (At & {
      readonly kind: 'argument-twice';
      readonly distribution: string;
      readonly name: string;
      readonly first: SpanId;
    })
  | (At & {
      readonly kind: 'argument-must-be-named';
      readonly distribution: string;
      readonly names: readonly string[];
    })
  | (At & {
      readonly kind: 'argument-domain';
      readonly distribution: string;
      readonly argument: string;
      readonly expected: ArgumentDomain;
      readonly found: Operand;
    })
  | (At & {
      readonly kind: 'argument-shape';
      readonly distribution: string;
      readonly argument: string;
      readonly expected: ValueType;
      readonly found: Operand;
    })
  | (At & {
      readonly kind: 'value-type';
      readonly distribution: string;
      readonly value: Operand;
      readonly accepted: readonly string[];
    });

export type ArgumentDomain = 'real' | 'positive' | 'unit' | 'count' | 'simplex';

export type ConstraintProblem =
  | (At & {
      readonly kind: 'constraint-on';
      readonly name: string;
      readonly role: 'data' | 'latent';
      readonly declared: SpanId;
    })
  | (At & { readonly kind: 'constraint-without-parameter' })
  | (At & { readonly kind: 'constraint-outside'; readonly left: Operand; readonly value: string })
  | (At & { readonly kind: 'constraints-contradict'; readonly other: SpanId })
  | (At & {
      readonly kind: 'constraint-sum';
      readonly name: string;
      readonly sum: number;
      readonly all: boolean;
      readonly others: readonly SpanId[];
    });

export type ModelError =
  | NameProblem
  | PlateProblem
  | SizeProblem
  | TypeProblem
  | ShapeProblem
  | IndexProblem
  | ScaleProblem
  | DistributionProblem
  | ConstraintProblem;

export type ModelWarning =
  | (At & { readonly kind: 'never-used'; readonly name: string; readonly role: Role })
  | (At & {
      readonly kind: 'concentration-below-one';
      readonly distribution: string;
      readonly argument: string;
      /** where the density is infinite */
      readonly edge: 0 | 1;
      readonly value: number;
    });

export type ModelPedantry = At & {
  readonly kind: 'may-collapse';
  readonly name: string;
  readonly plate: string;
  readonly type: ValueType;
};

export type ModelProblem =
  | (ModelError & { readonly severity: 'error' })
  | (ModelWarning & { readonly severity: 'warning' })
  | (ModelPedantry & { readonly severity: 'pedantic' });

export interface ResolveResult {
  readonly value: Model;
  readonly problems: readonly ModelProblem[];
}
