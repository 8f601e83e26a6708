/** What is not wrong and still worth a word: names that nothing uses, variances that nothing bounds. */
import type * as Syntax from '../../grammar/types.js';
import { pedantry, roleOf, spanId, warning } from './context.js';
import type { Context, VariableEntity } from './context.js';
import { nodesOf } from './traverse.js';
import type { Constraint } from './types.js';

/** Every name that a statement other than its own mentions, whether or not it makes sense there. */
export function usedNames(tree: Syntax.Tree): Set<string> {
  const used = new Set<string>();
  for (const statement of tree.statements) {
    const mentioned = new Set<string>();
    for (const e of expressionsOf(statement)) mention(e, mentioned);
    if ('type' in statement && statement.type !== undefined) mentioned.add(statement.type.name.text);
    if ('name' in statement) mentioned.delete(statement.name.text);
    for (const name of mentioned) used.add(name);
  }
  return used;
}

function expressionsOf(s: Syntax.Statement): readonly Syntax.Expression[] {
  switch (s.kind) {
    case 'model':
    case 'limit':
      return [];
    case 'const':
      return [...(s.type?.sizes ?? []), ...(s.value === undefined ? [] : [s.value])];
    case 'plate':
      return s.range.kind === 'count' ? [s.range.upTo] : [];
    case 'param':
    case 'latent':
    case 'data':
      return [...s.indices, ...s.type.sizes, ...(s.distribution === undefined ? [] : [s.distribution])];
    case 'let':
      return [...s.indices, s.value];
    case 'constrain':
      return [s.left, s.right];
  }
}

function mention(e: Syntax.Expression, into: Set<string>): void {
  switch (e.kind) {
    case 'number':
    case 'boolean':
    case 'missing':
      return;
    case 'reference':
      into.add(e.name.text);
      for (const part of [...e.indices, ...(e.arguments ?? []).map((a) => a.value)]) mention(part, into);
      return;
    case 'vector':
      for (const part of e.elements) mention(part, into);
      return;
    case 'unary':
    case 'transpose':
      mention(e.operand, into);
      return;
    case 'binary':
      mention(e.left, into);
      mention(e.right, into);
      return;
    case 'if':
      for (const part of [e.condition, e.then, e.else]) mention(part, into);
  }
}

export function warnUnused(context: Context): void {
  // After a mistake of the syntax the use may be in what could not be read.
  // After another the use may be what is wrong: a misspelt name, `mu[k]` for `mu[z[i]]`.
  if (context.isPartial || context.problems.some((p) => p.severity === 'error')) return;
  for (const entity of context.entities.values()) {
    if (context.used.has(entity.name)) continue;
    const isModelledData =
      entity.kind === 'variable' &&
      entity.role === 'data' &&
      (entity.statement.distribution !== undefined || entity.statement.as !== undefined);
    if (!isModelledData)
      warning(context, { kind: 'never-used', name: entity.name, role: roleOf(entity), span: entity.span });
  }
}

/** Under `--pedantic`: a scale per component with neither prior nor constraint. The likelihood has no upper bound then. */
export function warnCollapse(context: Context, constraints: readonly Constraint[]): void {
  const isConstrained = (name: string): boolean =>
    constraints.some((c) =>
      [...nodesOf(c.left), ...nodesOf(c.right)].some((e) => e.kind === 'symbol' && e.name === name),
    );
  for (const entity of context.entities.values()) {
    if (entity.kind !== 'variable' || entity.role !== 'param' || entity.type.scale === undefined) continue;
    const plate = componentPlate(context, entity);
    const isFree =
      entity.statement.distribution === undefined &&
      !isConstrained(entity.name) &&
      context.used.has(entity.name);
    if (plate !== undefined && isFree) {
      const span = spanId(context, entity.statement.head);
      pedantry(context, { kind: 'may-collapse', name: entity.name, plate, type: entity.type, span });
    }
  }
}

/** A plate of the parameter that some latent chooses from. */
const componentPlate = (context: Context, entity: VariableEntity): string | undefined =>
  entity.plates.find((plate) =>
    [...context.entities.values()].some(
      (e) => e.kind === 'variable' && e.role === 'latent' && e.type.plate === plate,
    ),
  );
