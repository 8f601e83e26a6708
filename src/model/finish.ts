/** The Model itself: what was resolved, with every size settled, and in the order of the file. */
import { error, spanId } from './context.js';
import type { Context, VariableEntity } from './context.js';
import { canonical, isFresh, settled, settledType } from './sizes.js';
import { nodesOf, rewrite } from './traverse.js';
import type {
  Constant,
  Constraint,
  Definition,
  Expression,
  Factor,
  LineId,
  Model,
  NamedSize,
  Plate,
  SymbolName,
} from './types.js';

export function finish(
  context: Context,
  factors: readonly Factor[],
  constraints: readonly Constraint[],
): Omit<Model, 'spans'> {
  const entities = [...context.entities.values()];
  const variables = entities.filter((e) => e.kind === 'variable');
  const settle = (e: Expression): Expression => rewrite(e, (x) => settledNode(context, x));
  const lineOf = (name: SymbolName): LineId | undefined =>
    factors.find((f) => f.symbol === name && f.first === undefined)?.line;
  const definitions = entities.flatMap((e) =>
    e.kind === 'definition' && typeof e.state === 'object' ? [e.state] : [],
  );
  checkSizesFixed(context);
  checkIdentities(context, [
    ...factors.map((f) => f.distribution),
    ...definitions.map((d) => d.value),
    ...constraints.flatMap((c) => [c.left, c.right]),
  ]);
  const head = context.tree.statements.find((s) => s.kind === 'model');
  const declared = (e: VariableEntity) =>
    ({
      name: e.name,
      plates: e.plates,
      type: settledType(context, e.type),
      ...documented(e.statement),
      span: e.span,
      typeSpan: e.typeSpan,
    }) as const;
  return {
    name: head?.name.text ?? 'Model',
    title: head?.title?.text,
    documentation: head?.documentation,
    plates: entities.flatMap((e): readonly Plate[] =>
      e.kind === 'plate'
        ? [{ name: e.name, range: settledRange(context, e.range), ...documented(e.statement), span: e.span }]
        : [],
    ),
    constants: entities.flatMap((e): readonly Constant[] =>
      e.kind !== 'constant'
        ? []
        : [
            {
              name: e.name,
              type:
                e.isSize && e.statement.type === undefined
                  ? { domain: 'count', shape: [] }
                  : settledType(context, e.type),
              untyped: e.statement.type === undefined,
              value: e.value,
              isSize: e.isSize,
              ...documented(e.statement),
              span: e.span,
            },
          ],
    ),
    sizes: namedSizes(context),
    parameters: variables
      .filter((e) => e.role === 'param')
      .map((e) => ({ role: 'parameter', ...declared(e), prior: lineOf(e.name) })),
    latents: variables
      .filter((e) => e.role === 'latent')
      .map((e) => ({
        role: 'latent',
        ...declared(e),
        line: lineOf(e.name),
        labels: e.statement.from[0]?.text,
      })),
    data: variables
      .filter((e) => e.role === 'data')
      .map((e) => ({
        role: 'data',
        ...declared(e),
        line: lineOf(e.name),
        from: e.statement.from.map((c) => c.text),
        as: e.statement.as?.text === 'weight' ? 'weight' : undefined,
      })),
    definitions: definitions.map((d): Definition => ({
      ...d,
      type: settledType(context, d.type),
      value: settle(d.value),
    })),
    factors: factors.map((f) => ({ ...f, distribution: settle(f.distribution) })),
    constraints: constraints.map((c) => ({ ...c, left: settle(c.left), right: settle(c.right) })),
    limit: limitOf(context),
  };
}

const documented = (s: {
  readonly documentation: string | undefined;
}): { readonly documentation?: string } =>
  s.documentation === undefined ? {} : { documentation: s.documentation };

const settledRange = (context: Context, range: Plate['range']): Plate['range'] =>
  range.kind === 'count' ? { ...range, upTo: settled(context, range.upTo) } : range;

function settledNode(context: Context, e: Expression): Expression {
  const type = settledType(context, e.type);
  return e.kind === 'size' ? { ...e, type, size: settled(context, e.size) } : { ...e, type };
}

/** Sizes by name that were not found to be a constant or a plate, with their value where the text fixes it. */
function namedSizes(context: Context): readonly NamedSize[] {
  return [...context.sizes.values()].flatMap((s): readonly NamedSize[] => {
    const found = canonical(context, { kind: 'named', name: s.name });
    if (isFresh({ kind: 'named', name: s.name })) return [];
    if (found.kind === 'number') return [{ name: s.name, value: found.value, span: s.span }];
    return found.kind === 'named' && found.name === s.name
      ? [{ name: s.name, value: undefined, span: s.span }]
      : [];
  });
}

function limitOf(context: Context): Model['limit'] {
  const statement = context.tree.statements.find((s) => s.kind === 'limit');
  const entity = statement === undefined ? undefined : context.entities.get(statement.name.text);
  return entity?.kind === 'constant'
    ? { constant: entity.name, span: spanId(context, statement!.span) }
    : undefined;
}

/** A size by name is fixed by the columns of data, by a constant given from outside, or by something written out. */
function checkSizesFixed(context: Context): void {
  // What fixes it may be in a line that could not be read.
  if (context.isPartial) return;
  const open = new Set<string>();
  for (const s of context.sizes.values()) {
    const found = canonical(context, { kind: 'named', name: s.name });
    if (found.kind === 'named' && !isFresh(found)) open.add(found.name);
  }
  for (const entity of context.entities.values()) {
    const isGiven = entity.kind === 'constant' || (entity.kind === 'variable' && entity.role === 'data');
    if (!isGiven) continue;
    for (const size of [
      ...entity.type.shape,
      ...(entity.type.categories === undefined ? [] : [entity.type.categories]),
    ]) {
      const found = canonical(context, size);
      if (found.kind === 'named') open.delete(found.name);
    }
  }
  for (const name of open) {
    const isPlate = [...context.entities.values()].some(
      (e) =>
        e.kind === 'plate' &&
        e.range.kind === 'count' &&
        e.range.upTo.kind === 'named' &&
        e.range.upTo.name === name,
    );
    error(context, { kind: 'size-not-fixed', name, isPlate, span: context.sizes.get(name)!.span });
  }
}

/** An `I` whose place says nothing of its size. */
function checkIdentities(context: Context, expressions: readonly Expression[]): void {
  const seen = new Set<number>();
  for (const e of expressions.flatMap((x) => [...nodesOf(x)])) {
    if (e.kind !== 'identity' || seen.has(e.span)) continue;
    seen.add(e.span);
    if (isFresh(canonical(context, e.type.shape[0])))
      error(context, { kind: 'identity-without-size', span: e.span });
  }
}
