/** Names: who declares what. First all names of the file, so that statements may come in any order; then their types. */
import type * as Syntax from '../../grammar/types.js';
import { evaluateConstant } from './constants.js';
import { error, NO_PLATE, roleOf, spanId, UNKNOWN, distributionNames } from './context.js';
import type { ConstantEntity, Context, Entity, PlateEntity, VariableEntity } from './context.js';
import { resolveSize, resolveType } from './declared-types.js';
import { nearest } from './nearest.js';
import { checkRole } from './roles.js';
import { sizeValue } from './sizes.js';
import type { Plate, SymbolName, Size } from './types.js';
import { IDENTITY, isFunction } from './vocabulary.js';

export function declareNames(context: Context): void {
  for (const statement of context.tree.statements) {
    if (statement.kind === 'model' || statement.kind === 'constrain' || statement.kind === 'limit') continue;
    const name = statement.name.text;
    const span = spanId(context, statement.name.span);
    const what = isFunction(name)
      ? 'function'
      : distributionNames(context).includes(name)
        ? 'distribution'
        : name === IDENTITY
          ? 'identity'
          : undefined;
    if (what !== undefined) {
      error(context, { kind: 'reserved-name', name, what, span });
      continue;
    }
    const known = context.entities.get(name);
    if (known === undefined) context.entities.set(name, entityOf(context, statement));
    else if (!isFirstLine(known, statement, context))
      error(context, { kind: 'duplicate-name', name, first: known.span, span });
  }
}

function entityOf(
  context: Context,
  statement: Exclude<Syntax.Statement, { kind: 'model' | 'constrain' | 'limit' }>,
): Entity {
  const base = { name: statement.name.text as SymbolName, span: spanId(context, statement.name.span) };
  switch (statement.kind) {
    case 'plate':
      return { ...base, kind: 'plate', statement, range: { kind: 'count', upTo: { kind: 'unknown' } } };
    case 'const':
      return {
        ...base,
        kind: 'constant',
        statement,
        type: UNKNOWN,
        typeSpan: base.span,
        value: undefined,
        isLimit: false,
        isSize: false,
      };
    case 'param':
    case 'latent':
    case 'data':
      return {
        ...base,
        kind: 'variable',
        role: statement.kind,
        statement,
        first: undefined,
        plates: [],
        type: UNKNOWN,
        typeSpan: spanId(context, statement.type.span),
      };
    case 'let':
      return { ...base, kind: 'definition', statement, plates: [], state: 'waiting' };
  }
}

/** `z[1]`: how a sequence begins. */
const speaksOfFirst = (statement: Syntax.Statement): boolean =>
  'indices' in statement && statement.indices.some((index) => index.kind === 'number');

/** True when two lines are the beginning and the rest of one sequence; then they declare one symbol. */
function isFirstLine(known: Entity, statement: Syntax.Statement, context: Context): boolean {
  if (known.kind !== 'variable' || statement.kind !== known.role || known.first !== undefined) return false;
  const [isKnownFirst, isFirst] = [speaksOfFirst(known.statement), speaksOfFirst(statement)];
  if (isKnownFirst === isFirst) return false;
  const [first, rest] = isFirst ? [statement, known.statement] : [known.statement, statement];
  context.entities.set(known.name, {
    ...known,
    span: spanId(context, rest.name.span),
    typeSpan: spanId(context, rest.type.span),
    statement: rest,
    first,
  });
  return true;
}

export function declarePlates(context: Context): void {
  for (const entity of context.entities.values())
    if (entity.kind === 'plate') entity.range = plateRange(context, entity);
}

function plateRange(context: Context, { statement: { range } }: PlateEntity): Plate['range'] {
  switch (range.kind) {
    case 'rows':
      return {
        kind: 'rows',
        ...(range.orderedBy === undefined ? {} : { orderedBy: range.orderedBy.text }),
        ...(range.within === undefined ? {} : { within: range.within.text }),
      };
    case 'distinct':
      return { kind: 'distinct', column: range.column.text };
    case 'count': {
      const { upTo } = range;
      const isSize =
        upTo.kind === 'number' ||
        upTo.kind === 'missing' ||
        (upTo.kind === 'reference' && upTo.indices.length === 0 && upTo.arguments === undefined);
      // a plate is as long as a number says; a plate's own or another's name would go round in a circle
      const size: Size | undefined = isSize ? resolveSize(context, upTo) : undefined;
      if (size !== undefined && size.kind !== 'plate') return { kind: 'count', upTo: size };
      error(context, { kind: 'plate-range', span: spanId(context, upTo.span) });
      return { kind: 'count', upTo: { kind: 'unknown' } };
    }
  }
}

export function declareConstants(context: Context): void {
  const limits = context.tree.statements.filter((s) => s.kind === 'limit');
  for (const [n, limit] of limits.entries()) {
    const entity = context.entities.get(limit.name.text);
    const span = spanId(context, limit.name.span);
    if (n > 0) error(context, { kind: 'two-limits', first: spanId(context, limits[0].name.span), span });
    if (entity?.kind === 'constant') entity.isLimit = true;
    else
      error(context, {
        kind: 'limit-of',
        name: limit.name.text,
        role: entity === undefined ? undefined : roleOf(entity),
        declared: entity?.span,
        span,
      });
  }
  for (const entity of context.entities.values())
    if (entity.kind === 'constant') declareConstant(context, entity);
}

function declareConstant(context: Context, entity: ConstantEntity): void {
  const { type, value } = entity.statement;
  const declared = type === undefined ? undefined : resolveType(context, type);
  if (type !== undefined) entity.typeSpan = spanId(context, type.span);
  const known = value === undefined ? undefined : evaluateConstant(context, entity, value, declared);
  entity.value = known?.value;
  entity.type = declared ?? known?.type ?? { domain: 'real', shape: [] };
  if (declared === undefined && entity.isLimit)
    entity.type = { domain: 'positive', shape: [], scale: 'variance' };
}

/** A constant that sizes something is a whole number; whether it does is known when all types are read. */
export function checkSizes(context: Context): void {
  for (const entity of context.entities.values()) {
    if (
      entity.kind !== 'constant' ||
      !entity.isSize ||
      entity.statement.value === undefined ||
      entity.value === undefined
    )
      continue;
    const value = sizeValue(context, { kind: 'constant', name: entity.name });
    if (value === undefined || !Number.isInteger(value) || value < 1)
      error(context, {
        kind: 'size-value',
        name: entity.name,
        value: value ?? Number.NaN,
        span: spanId(context, entity.statement.value.span),
      });
  }
}

export function declareVariables(context: Context): void {
  for (const entity of context.entities.values()) {
    if (entity.kind === 'variable') {
      entity.type = resolveType(context, entity.statement.type);
      entity.plates = declaredPlates(context, entity.statement);
    } else if (entity.kind === 'definition') entity.plates = declaredPlates(context, entity.statement);
  }
  for (const entity of context.entities.values())
    if (entity.kind === 'variable') {
      checkFirst(context, entity);
      checkRole(context, entity);
    }
}

/** The names in the brackets of a declaration. */
function declaredPlates(
  context: Context,
  statement: Syntax.SymbolStatement | Syntax.LetStatement,
): readonly SymbolName[] {
  const plates: SymbolName[] = [];
  for (const index of statement.indices) {
    const span = spanId(context, index.span);
    const name =
      index.kind === 'reference' && index.indices.length === 0 && index.arguments === undefined
        ? index.name.text
        : undefined;
    const entity = name === undefined ? undefined : context.entities.get(name);
    if (index.kind === 'number' || index.kind === 'missing') continue;
    if (entity?.kind !== 'plate') {
      const all = [...context.entities.values()].flatMap((e) => (e.kind === 'plate' ? [e.name] : []));
      const near = name === undefined || entity !== undefined ? undefined : nearest(name, all);
      error(context, {
        kind: 'declared-over',
        name: name ?? '',
        role: entity === undefined ? undefined : roleOf(entity),
        near,
        span,
      });
      // Stands for a plate, so that the number of indices is still right.
      plates.push(NO_PLATE);
    } else if (plates.includes(entity.name))
      error(context, { kind: 'plate-twice', plate: entity.name, span });
    else {
      plates.push(entity.name);
    }
  }
  return plates;
}

/** `latent z[1]` needs a plate in order, and the line for `z[t]` that goes on from it. */
function checkFirst(context: Context, entity: VariableEntity): void {
  const ordered = [...context.entities.values()].find(
    (e) => e.kind === 'plate' && e.range.kind === 'rows' && e.range.orderedBy !== undefined,
  );
  const first = entity.first ?? (speaksOfFirst(entity.statement) ? entity.statement : undefined);
  if (first === undefined) return;
  const span = spanId(context, first.head);
  const last = entity.plates.at(-1);
  const plate = last === undefined ? undefined : context.entities.get(last);
  if (entity.first === undefined)
    error(context, { kind: 'chain-without-rest', name: entity.name, plate: ordered?.name, span });
  else if (plate?.kind === 'plate' && (plate.range.kind !== 'rows' || plate.range.orderedBy === undefined))
    error(context, { kind: 'first-needs-order', name: entity.name, plate: plate.name, span });
  else if (first.indices.some((index) => index.kind === 'number' && index.value !== 1))
    error(context, {
      kind: 'declared-over',
      name: '',
      role: undefined,
      near: undefined,
      span: spanId(context, first.indices[0].span),
    });
}
