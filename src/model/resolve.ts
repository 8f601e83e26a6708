/**
 * From tree to Model: names, plates, types, shapes, scales. Never fails: after a mistake there are problems, and an
 * `unknown` type where it was, which silences what would follow from it.
 *
 *     names → plates → constants → symbols → definitions → `~` lines → constraints → sizes settled → warnings
 */
import type * as Syntax from '../../grammar/types.js';
import { resolveConstraints } from './constraints.js';
import { error, spanId } from './context.js';
import type { Context, VariableEntity } from './context.js';
import { checkSizes, declareConstants, declareNames, declarePlates, declareVariables } from './declare.js';
import { resolveDefinition } from './references.js';
import { finish } from './finish.js';
import { resolveLine } from './lines.js';
import type { ResolveResult } from './problems.js';
import { nodesOf } from './traverse.js';
import type { DistributionSignature, Expression, Factor, Index, LineId, Span, SymbolName } from './types.js';
import { usedNames, warnCollapse, warnUnused } from './usage.js';

export function resolve(tree: Syntax.Tree, signatures: readonly DistributionSignature[]): ResolveResult {
  const context: Context = {
    tree,
    signatures,
    entities: new Map(),
    sizes: new Map(),
    spans: [],
    problems: [],
    used: usedNames(tree),
    isPartial: tree.statements.some((s) => s.isDamaged === true),
  };
  checkModels(context);
  declareNames(context);
  declarePlates(context);
  declareConstants(context);
  declareVariables(context);
  checkSizes(context);
  for (const entity of context.entities.values())
    if (entity.kind === 'definition') resolveDefinition(context, entity);
  const factors = resolveFactors(context);
  checkChains(context, factors);
  const constraints = resolveConstraints(context);
  const value = finish(context, factors, constraints);
  if (
    tree.statements.length > 0 &&
    factors.every((f) => !isData(context, f)) &&
    context.problems.length === 0 &&
    !context.isPartial
  )
    error(context, {
      kind: 'nothing-modelled',
      span: spanId(context, tree.statements[0]?.span ?? { start: 0, end: 0 }),
    });
  warnUnused(context);
  warnCollapse(context, constraints);
  const problems = context.problems
    .filter(
      (p) => !tree.statements.some((s) => s.isDamaged === true && contains(s.span, context.spans[p.span])),
    )
    .sort((a, b) => context.spans[a.span].start - context.spans[b.span].start);
  return { value: { ...value, spans: context.spans }, problems };
}

const contains = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end;

const isData = (context: Context, factor: Factor): boolean => {
  const entity = context.entities.get(factor.symbol);
  return entity?.kind === 'variable' && entity.role === 'data';
};

function checkModels(context: Context): void {
  const [first, ...more] = context.tree.statements.filter((s) => s.kind === 'model');
  for (const extra of more)
    error(context, {
      kind: 'two-models',
      first: spanId(context, first.name.span),
      span: spanId(context, extra.name.span),
    });
}

/** The `~` lines in the order of the file. */
function resolveFactors(context: Context): readonly Factor[] {
  const lines = [...context.entities.values()].flatMap((entity) =>
    entity.kind === 'variable'
      ? [
          ...(entity.first === undefined ? [] : [{ entity, statement: entity.first }]),
          { entity, statement: entity.statement },
        ]
      : [],
  );
  lines.sort((a, b) => a.statement.span.start - b.statement.span.start);
  return lines
    .flatMap(({ entity, statement }): readonly Omit<Factor, 'line'>[] =>
      resolveFactor(context, entity, statement),
    )
    .map((f, n) => ({ ...f, line: n as LineId }));
}

function resolveFactor(
  context: Context,
  entity: VariableEntity,
  statement: Syntax.SymbolStatement,
): readonly Omit<Factor, 'line'>[] {
  if (statement.distribution === undefined) return [];
  const isFirst = statement === entity.first;
  const plates = isFirst
    ? entity.plates.filter((_, n) => statement.indices[n]?.kind !== 'number')
    : entity.plates;
  const first = entity.plates.find((_, n) => statement.indices[n]?.kind === 'number');
  const value = {
    type: entity.type,
    span: spanId(context, statement.head),
    declared: entity.typeSpan,
    isParameter: entity.role === 'param',
  };
  const distribution = resolveLine(context, statement.distribution, value, { plates, free: undefined });
  const span = spanId(context, statement.span);
  return [
    { symbol: entity.name, plates, distribution, span, ...(isFirst && first !== undefined ? { first } : {}) },
  ];
}

/** A line that looks at `z[t-1]` needs one that says how a sequence begins. */
function checkChains(context: Context, factors: readonly Factor[]): void {
  for (const f of factors) {
    const entity = context.entities.get(f.symbol);
    if (entity?.kind !== 'variable' || entity.role !== 'latent' || entity.first !== undefined) continue;
    const plate = previousOf(f.distribution, f.symbol);
    if (plate !== undefined)
      error(context, { kind: 'chain-without-start', name: entity.name, plate, span: entity.span });
  }
}

/** The plate of a `symbol[t-1]` somewhere in an expression. */
function previousOf(e: Expression, symbol: SymbolName): SymbolName | undefined {
  const within = (index: Index): SymbolName | undefined => {
    if (index.kind !== 'symbol') return undefined;
    const before = index.indices.find((i) => i.kind === 'previous');
    return index.symbol === symbol && before?.kind === 'previous'
      ? before.plate
      : firstOf(index.indices.map(within));
  };
  return firstOf(
    [...nodesOf(e)].flatMap((node) => {
      if (node.kind !== 'symbol') return [];
      const own: Index = { kind: 'symbol', symbol: node.name, indices: node.indices, plate: undefined };
      return [own, ...node.indices, ...node.coordinates].map(within);
    }),
  );
}

const firstOf = <Value>(list: readonly (Value | undefined)[]): Value | undefined =>
  list.find((x) => x !== undefined);
