/** Row expressions as affine forms of the columns: x[i] − mu[k] is 1 × x + (−mu[k]). */
import { add, dot, multiply, ONE, product, shapeOf, ZERO } from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { dependsOn, some } from '../algebra/traverse.js';
import { alone, translate } from '../derive/translate.js';
import type { Expr } from '../algebra/types.js';
import type { Model } from '../model/types.js';
import type { AffineForm, AffinePart, ColumnGroup } from './types.js';

/** The columns met so far; each that is asked for is a new group (`passes/merge-columns.ts` finds those that are equal). */
export interface Columns {
  readonly groups: readonly ColumnGroup[];
  readonly of: (e: Expr) => number;
}

export function columnsOf(model: Model): Columns {
  const groups: ColumnGroup[] = [];
  return { groups, of: (e) => groups.push(groupOf(e, model)) - 1 };
}

function groupOf(e: Expr, model: Model): ColumnGroup {
  if (e.kind === 'symbol') {
    const data = model.data.find((d) => d.name === e.name);
    if (data !== undefined) return { kind: 'symbol', symbol: data.name, dim: e.shape[0] };
    const definition = model.definitions.find((d) => d.name === e.name);
    if (definition !== undefined) {
      const body = translate(definition.value, alone(model));
      return {
        kind: 'derived',
        name: definition.name,
        elements: body.kind === 'vector' ? body.elements : [body],
        isVector: body.kind === 'vector',
      };
    }
  }
  return { kind: 'derived', name: printText(e), elements: [e], isVector: false };
}

/** True when an expression varies with the row through the data alone. */
export const isDataOnly = (e: Expr): boolean =>
  !some(e, (p) => p.kind === 'symbol' && p.role !== 'data' && p.role !== 'constant');

/** `e` as an affine form, undefined where it is none. `rows` is the running index of the rows. */
export function affine(e: Expr, rows: string, columns: Columns): AffineForm | undefined {
  const shape = shapeOf(e);
  if (!dependsOn(e, rows)) return { shape, parts: [], offset: e };
  const part = (kind: AffinePart['kind'], group: Expr, coefficient: Expr): AffineForm => ({
    shape,
    parts: [{ group: columns.of(group), kind, coefficient }],
    offset: ZERO,
  });
  const column = (of: Expr): AffineForm | undefined =>
    shapeOf(of).length === 0 && isDataOnly(of) ? part('scaled', of, ONE) : undefined;
  if (e.kind === 'add') {
    const forms = e.terms.map((t) => affine(t, rows, columns));
    const all = forms.flatMap((f) => f ?? []);
    if (all.length < forms.length) return column(e);
    return { shape, parts: all.flatMap((f) => f.parts), offset: add(...all.map((f) => f.offset)) };
  }
  if (e.kind === 'symbol') return e.role === 'data' ? part('scaled', e, ONE) : undefined;
  if (e.kind === 'multiply') {
    const varying = e.factors.filter((f) => dependsOn(f, rows));
    const others = e.factors.filter((f) => !dependsOn(f, rows));
    const inner = varying.length > 1 ? column(multiply(...varying)) : affine(varying[0], rows, columns);
    return inner === undefined ? undefined : scaleForm(inner, multiply(...others), shape);
  }
  if (e.kind === 'dot') {
    const [fixedSide, varyingSide] = dependsOn(e.left, rows) ? [e.right, e.left] : [e.left, e.right];
    if (dependsOn(fixedSide, rows)) return column(e);
    const inner = affine(varyingSide, rows, columns);
    if (inner === undefined) return undefined;
    return {
      shape,
      parts: inner.parts.map((p) => ({
        group: p.group,
        kind: 'row' as const,
        coefficient: p.kind === 'scaled' ? multiply(p.coefficient, fixedSide) : dotMatrix(fixedSide, p),
      })),
      offset: inner.offset.kind === 'number' ? ZERO : dot(fixedSide, inner.offset),
    };
  }
  if (e.kind === 'product') {
    const last = e.factors[e.factors.length - 1];
    const matrix = product(...e.factors.slice(0, -1));
    const inner = dependsOn(matrix, rows) ? undefined : affine(last, rows, columns);
    if (inner === undefined) return undefined;
    return {
      shape,
      parts: inner.parts.map((p) => ({
        group: p.group,
        kind: 'matrix' as const,
        coefficient: p.kind === 'scaled' ? multiply(p.coefficient, matrix) : product(matrix, p.coefficient),
      })),
      offset: inner.offset.kind === 'number' ? ZERO : product(matrix, inner.offset),
    };
  }
  return column(e);
}

const dotMatrix = (left: Expr, p: AffinePart): Expr =>
  product({ kind: 'transpose', of: p.coefficient }, left);

function scaleForm(form: AffineForm, by: Expr, shape: AffineForm['shape']): AffineForm {
  const isVectorScale = shapeOf(by).length > 0;
  return {
    shape,
    parts: form.parts.map((p) => ({
      ...p,
      kind: isVectorScale ? ('column' as const) : p.kind,
      coefficient: multiply(p.coefficient, by),
    })),
    offset: form.offset.kind === 'number' && form.offset.value === 0 ? ZERO : multiply(form.offset, by),
  };
}

export const isPlain = (form: AffineForm): boolean => form.parts.every((p) => p.kind === 'scaled');
