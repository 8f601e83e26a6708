/** What the passes of the resolver share: the names of the file, the sizes found so far, and the problems. */
import type * as Syntax from '../../grammar/types.js';
import type { ModelError, ModelPedantry, ModelProblem, ModelWarning, Operand, Role } from './problems.js';
import { shownType } from './sizes.js';
import type { SizeTable } from './sizes.js';
import type {
  Constant,
  Definition,
  DistributionSignature,
  Expression,
  Plate,
  Span,
  SpanId,
  SymbolName,
  ValueType,
} from './types.js';

/** What a name stands for. Filled by `declare.ts`, in the order plates, constants, symbols; definitions on demand. */
export type Entity = PlateEntity | ConstantEntity | VariableEntity | DefinitionEntity;

interface EntityBase {
  readonly name: SymbolName;
  readonly span: SpanId;
}

export interface PlateEntity extends EntityBase {
  readonly kind: 'plate';
  readonly statement: Syntax.PlateStatement;
  range: Plate['range'];
}

export interface ConstantEntity extends EntityBase {
  readonly kind: 'constant';
  readonly statement: Syntax.ConstStatement;
  type: ValueType;
  typeSpan: SpanId;
  value: Constant['value'];
  isLimit: boolean;
  isSize: boolean;
}

export interface VariableEntity extends EntityBase {
  readonly kind: 'variable';
  readonly role: 'param' | 'latent' | 'data';
  /** the line that holds for all its plates */
  readonly statement: Syntax.SymbolStatement;
  /** `latent z[1]`: the line for the beginning of a sequence */
  first: Syntax.SymbolStatement | undefined;
  plates: readonly SymbolName[];
  type: ValueType;
  typeSpan: SpanId;
}

export interface DefinitionEntity extends EntityBase {
  readonly kind: 'definition';
  readonly statement: Syntax.LetStatement;
  plates: readonly SymbolName[];
  state: 'waiting' | 'resolving' | Definition;
}

export interface Context {
  readonly tree: Syntax.Tree;
  readonly signatures: readonly DistributionSignature[];
  readonly entities: Map<string, Entity>;
  readonly sizes: SizeTable;
  readonly spans: Span[];
  readonly problems: ModelProblem[];
  /** names that something refers to */
  readonly used: Set<string>;
  /** true when the parser left something out: then nothing can be called unused */
  readonly isPartial: boolean;
}

/** Where an expression stands: the plates that run there. */
export interface Scope {
  readonly plates: readonly SymbolName[];
  /** in a `constrain`: the plates that it mentions are collected here, and each means every value */
  readonly free: SymbolName[] | undefined;
}

/** Stands among the plates of a declaration for something that is none. */
export const NO_PLATE = '?' as SymbolName;

export const UNKNOWN: ValueType = { domain: 'unknown', shape: [] };

export function spanId(context: Context, span: Span): SpanId {
  context.spans.push(span);
  return (context.spans.length - 1) as SpanId;
}

export function error(context: Context, problem: ModelError): void {
  context.problems.push({ ...problem, severity: 'error' });
}

export function warning(context: Context, problem: ModelWarning): void {
  context.problems.push({ ...problem, severity: 'warning' });
}

export function pedantry(context: Context, problem: ModelPedantry): void {
  context.problems.push({ ...problem, severity: 'pedantic' });
}

export const failed = (span: SpanId): Expression => ({ kind: 'error', type: UNKNOWN, span });

export const isUnknown = (e: Expression): boolean => e.type.domain === 'unknown';

export const rankOf = (e: Expression): number => e.type.shape.length;

export function roleOf(entity: Entity): Role {
  switch (entity.kind) {
    case 'plate':
      return 'plate';
    case 'constant':
      return 'const';
    case 'variable':
      return entity.role;
    case 'definition':
      return 'let';
  }
}

/** Where the type of an expression was declared, when it is a symbol's. */
export function declaredAt(context: Context, e: Expression): SpanId | undefined {
  if (e.kind !== 'symbol' && e.kind !== 'constant') return undefined;
  const entity = context.entities.get(e.name);
  if (entity === undefined) return undefined;
  return entity.kind === 'variable' || entity.kind === 'constant' ? entity.typeSpan : entity.span;
}

export const operand = (context: Context, e: Expression): Operand => ({
  span: e.span,
  type: shownType(context, e.type),
  declared: declaredAt(context, e),
});

/** Latents and data whose value is one of a plate's, as they would be written to choose from it: `z[i]`. */
export function selectorsOf(context: Context, plate: string): readonly string[] {
  return [...context.entities.values()].flatMap((entity) =>
    entity.kind === 'variable' && entity.type.plate === plate
      ? [`${entity.name}${entity.plates.length === 0 ? '' : `[${entity.plates.join(', ')}]`}`]
      : [],
  );
}

/** Names of distributions; no symbol may take one of them. */
export const distributionNames = (context: Context): readonly string[] =>
  context.signatures.map((s) => s.name);
