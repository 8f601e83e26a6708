/** What each role allows: which types, `from`, `as`, and on which plates. */
import { error, spanId } from './context.js';
import type { Context, VariableEntity } from './context.js';
import { nearest } from './nearest.js';
import { settledType, unify } from './sizes.js';
import type { ValueType } from './types.js';

const AS_WORDS = ['weight'];

export function checkRole(context: Context, entity: VariableEntity): void {
  const { role, name, statement, type } = entity;
  if (type.domain !== 'unknown' && !isAllowed(role, type))
    error(context, {
      kind: 'role-type',
      role,
      name,
      type: settledType(context, type),
      span: entity.typeSpan,
    });
  if (statement.from.length > 0 && role === 'param')
    error(context, {
      kind: 'role-word',
      role,
      word: 'from',
      name,
      span: spanId(context, statement.from[0].span),
    });
  if (statement.as !== undefined) checkAs(context, entity);
  switch (role) {
    case 'param':
      return;
    case 'latent':
      if (statement.from.length > 1)
        error(context, { kind: 'labels-columns', name, span: spanId(context, statement.from[1].span) });
      if (statement.distribution === undefined)
        error(context, {
          kind: 'latent-without-distribution',
          name,
          type,
          span: spanId(context, statement.head),
        });
      return;
    case 'data':
      checkRows(context, entity);
      checkColumns(context, entity);
  }
}

function isAllowed(role: VariableEntity['role'], type: ValueType): boolean {
  switch (role) {
    case 'param':
      return !['boolean', 'category', 'plate', 'count'].includes(type.domain);
    case 'latent':
      return (
        ['plate', 'boolean'].includes(type.domain) ||
        (type.domain === 'real' && type.shape.length <= 1) ||
        (type.domain === 'positive' && type.shape.length === 0)
      );
    case 'data':
      return true;
  }
}

function checkAs(context: Context, entity: VariableEntity): void {
  const { role, name, statement, type } = entity;
  const as = statement.as!;
  const span = spanId(context, as.span);
  if (role !== 'data') error(context, { kind: 'role-word', role, word: 'as', name, span });
  else if (!AS_WORDS.includes(as.text))
    error(context, { kind: 'unknown-as', word: as.text, near: nearest(as.text, AS_WORDS), span });
  else {
    const isNumber =
      ['positive', 'count', 'unit', 'unknown'].includes(type.domain) && type.shape.length === 0;
    const modelled = statement.distribution !== undefined;
    if (!isNumber || modelled)
      error(context, {
        kind: 'weight-type',
        name,
        type: settledType(context, type),
        modelled,
        span: entity.typeSpan,
      });
    const first = [...context.entities.values()].find(
      (e) => e.kind === 'variable' && e.statement.as?.text === 'weight',
    );
    if (first !== undefined && first !== entity)
      error(context, { kind: 'two-weights', first: first.span, span });
  }
}

/** Data come from the table: one value per row, or per distinct value of a column. */
function checkRows(context: Context, entity: VariableEntity): void {
  const plates = entity.plates.map((p) => context.entities.get(p));
  const isOfTable = plates.some(
    (p) => p?.kind !== 'plate' || p.range.kind !== 'count' || p.range.upTo.kind === 'unknown',
  );
  if (isOfTable) return;
  const rows = [...context.entities.values()].find((e) => e.kind === 'plate' && e.range.kind === 'rows');
  error(context, {
    kind: 'data-without-rows',
    name: entity.name,
    rows: rows?.name,
    span: spanId(context, entity.statement.head),
  });
}

/** `data x[i] : real[D] from a, b`: as many columns as coordinates. */
function checkColumns(context: Context, entity: VariableEntity): void {
  const { statement, type } = entity;
  const columns = statement.from.length;
  if (columns === 0 || type.domain === 'unknown' || type.shape.length > 1) return;
  const span = spanId(context, {
    start: statement.from[0].span.start,
    end: statement.from.at(-1)!.span.end,
  });
  const [size] = type.shape;
  const fits =
    size === undefined ? columns === 1 : unify(context, size, { kind: 'number', value: columns }, span);
  if (!fits)
    error(context, {
      kind: 'columns-differ',
      name: entity.name,
      columns,
      type: settledType(context, type),
      declared: entity.typeSpan,
      span,
    });
}
