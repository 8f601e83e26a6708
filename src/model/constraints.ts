/** `constrain` lines: an equality or inequality between expressions of parameters and constants. */
import type * as Syntax from '../../grammar/types.js';
import { checkFacts } from './contradictions.js';
import { error, isUnknown, spanId } from './context.js';
import type { Context } from './context.js';
import { infer } from './expressions.js';
import { alike, areNumbers, commonKind } from './operators.js';
import { nodesOf } from './traverse.js';
import type { Constraint, Expression, SymbolName } from './types.js';

export function resolveConstraints(context: Context): readonly Constraint[] {
  const statements = context.tree.statements.filter((s) => s.kind === 'constrain');
  const constraints = statements.flatMap((s) => resolveConstraint(context, s));
  checkFacts(context, constraints);
  return constraints;
}

function resolveConstraint(context: Context, statement: Syntax.ConstrainStatement): readonly Constraint[] {
  const span = spanId(context, { start: statement.left.span.start, end: statement.right.span.end });
  const free: SymbolName[] = [];
  const scope = { plates: [], free };
  const a = infer(context, statement.left, scope);
  const b = infer(context, statement.right, scope);
  if (isUnknown(a) || isUnknown(b) || !areNumbers(context, a, b)) return [];
  const isAllowed = speaksOfParametersAlone(context, [a, b]);
  if (!isAllowed) return [];
  if (![a, b].some((e) => mentions(context, e, 'param'))) {
    error(context, { kind: 'constraint-without-parameter', span });
    return [];
  }
  if (commonKind(context, '=', a, b, span) === undefined) return [];
  const sides = alike(context, '=', a, b, span);
  if (sides === undefined) return [];
  const [left, right] = sides;
  const base = { plates: free, span };
  switch (statement.relation) {
    case '=':
    case '<=':
    case '<':
      return [{ relation: statement.relation, left, right, ...base }];
    case '>=':
      return [{ relation: '<=', left: right, right: left, ...base }];
    case '>':
      return [{ relation: '<', left: right, right: left, ...base }];
  }
}

/** The first data or latent in an expression, through definitions. */
function observed(
  context: Context,
  e: Expression,
): { readonly name: string; readonly at: Expression } | undefined {
  for (const node of nodesOf(e)) {
    if (node.kind !== 'symbol') continue;
    const entity = context.entities.get(node.name);
    if (entity?.kind === 'variable' && entity.role !== 'param') return { name: entity.name, at: node };
    const definition =
      entity?.kind === 'definition' && typeof entity.state === 'object' ? entity.state.value : undefined;
    const inside = definition === undefined ? undefined : observed(context, definition);
    if (inside !== undefined) return { name: inside.name, at: node };
    const chosen = [...node.indices, ...node.coordinates].find((i) => i.kind === 'symbol');
    if (chosen?.kind === 'symbol') return { name: chosen.symbol, at: node };
  }
  return undefined;
}

function speaksOfParametersAlone(context: Context, sides: readonly Expression[]): boolean {
  for (const side of sides) {
    const found = observed(context, side);
    const entity = found === undefined ? undefined : context.entities.get(found.name);
    if (found === undefined || entity?.kind !== 'variable' || entity.role === 'param') continue;
    error(context, {
      kind: 'constraint-on',
      name: found.name,
      role: entity.role,
      declared: entity.span,
      span: found.at.span,
    });
    return false;
  }
  return true;
}

function mentions(context: Context, e: Expression, role: 'param'): boolean {
  return [...nodesOf(e)].some((node) => {
    const entity = node.kind === 'symbol' ? context.entities.get(node.name) : undefined;
    if (entity?.kind === 'definition' && typeof entity.state === 'object')
      return mentions(context, entity.state.value, role);
    return entity?.kind === 'variable' && entity.role === role;
  });
}
