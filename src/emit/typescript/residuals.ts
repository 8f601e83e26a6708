/** Quadratic terms of the logits as squared norms of weighed residuals, each an affine map of the columns. */
import {
  add,
  isNumber,
  multiply,
  ONE,
  outer,
  power,
  product,
  shapeOf,
  symbol,
  transpose,
  vector,
  ZERO,
} from '../../algebra/build.js';
import { pullScale } from '../../algebra/matrix.js';
import { printText } from '../../algebra/print.js';
import type { Dim, Expr } from '../../algebra/types.js';
import type { AffineForm, AffinePart, LogitTerm } from '../../plan/types.js';
import { array, arrow, call, comment, constant, give, literal, object, property, spread } from './build.js';
import { groupLength, isExprZero } from './context.js';
import type { Context, FunctionScope } from './context.js';
import { codeOf, dimCode, eachCode } from './expression.js';
import { groupShape } from './moments.js';
import type { Code, Statement } from './tree.js';

type Quadratic = Extract<LogitTerm, { kind: 'quadratic' }>;
type Linear = Extract<LogitTerm, { kind: 'linear' }>;

/** The name of W in the expressions made here. */
export const WHITENER = ' W';

/** One value a component. */
export const perComponent = (value: Code, { plan, components }: Context, scope: FunctionScope): Code =>
  plan.component === undefined
    ? array(value)
    : eachCode(dimCode(components, scope), scope.names.index(plan.component.index), value);

/** −½ s2[k]⁻¹ as the number −½ and a factor s2[k]⁻¹ that goes into the residual. */
export function split(coefficient: Expr): { readonly coefficient: number; readonly factor: Expr } {
  const factors = coefficient.kind === 'multiply' ? coefficient.factors : [coefficient];
  const numbers = factors.filter((f) => f.kind === 'number');
  return {
    coefficient: numbers.reduce((c, f) => c * f.value, 1),
    factor: multiply(...factors.filter((f) => f.kind !== 'number')),
  };
}

/** The residual, weighed: {map, offset} with |map · columns + offset|² = factor · eᵀ M e. */
export function quadraticStatements(
  t: Quadratic,
  factor: Expr,
  residual: string,
  context: Context,
  scope: FunctionScope,
): readonly Statement[] {
  const { names } = context;
  const W = whitener(t.matrix);
  const weight = power(factor, 0.5);
  const isWeighed = !isNumber(factor, 1);
  const blocks = context.plan.groups.map((_, g) => t.residual.parts.filter((p) => p.group === g));
  const weighed = (e: Expr): Expr => {
    if (W === undefined || isExprZero(e)) return multiply(weight, e);
    const { scale, core } = pullScale(e);
    return multiply(weight, scale, product(symbol(WHITENER, 'constant', [], wShape(t)), core));
  };
  const map =
    t.residual.shape.length === 0
      ? rowMap(blocks, weight, context, scope)
      : blockMap(blocks, t.residual, weighed, context, scope);
  const offset = offsetCode(t.residual, weighed, scope);
  const form = object(property('map', map), property('offset', offset));
  const shown = printText(
    multiply(factor, { kind: 'quadratic', vector: residualExpr(t.residual, context), matrix: t.matrix }),
  );
  const body: Code =
    W === undefined
      ? perComponent(form, context, scope)
      : perComponentBlock([constant(names.own('W'), codeOfWhitener(W, scope)), give(form)], context, scope);
  const whole = isWeighed ? 'the residual over its spread' : 'the residual';
  const how =
    W === undefined ? whole : `W times the residual, Wᵀ W = ${printText(multiply(factor, t.matrix))}`;
  return [comment(`${shown}, as the square of`), comment(how), constant(residual, body)];
}

function perComponentBlock(
  body: readonly Statement[],
  { plan, components }: Context,
  scope: FunctionScope,
): Code {
  const index = plan.component === undefined ? [] : [scope.names.index(plan.component.index)];
  return call('each', dimCode(components, scope), arrow(index, body));
}

/** How a matrix is written as Wᵀ W; nothing for the identity. */
type Whitener = { readonly how: 'inverseRoot' | 'root' | 'diag'; readonly of: Expr };

function whitener(matrix: Expr): Whitener | undefined {
  if (isNumber(matrix) || matrix.kind === 'identity') return undefined;
  if (matrix.kind === 'inverse') return { how: 'inverseRoot', of: matrix.of };
  if (matrix.kind === 'diag') return { how: 'diag', of: power(matrix.of, 0.5) };
  return { how: 'root', of: matrix };
}

const codeOfWhitener = (w: Whitener, scope: FunctionScope): Code => call(w.how, codeOf(w.of, scope));
const wShape = (t: Quadratic): readonly Dim[] => shapeOf(t.matrix);

/** [1, −w[k]…]: a number's coefficients of all columns, in one row. */
function rowMap(
  blocks: readonly (readonly AffinePart[])[],
  weight: Expr,
  context: Context,
  scope: FunctionScope,
): Code {
  const entries = blocks.flatMap((list, g): readonly Code[] => {
    const coefficient = add(...list.map((p) => p.coefficient));
    if (shapeOf(coefficient).length === 1) return [spread(codeOf(coefficient, scope))];
    if (groupShape(context.plan.groups[g]).length === 0) return [codeOf(coefficient, scope)];
    return [spread(call('fill', dimCode(groupLength(g, context), scope), codeOf(coefficient, scope)))];
  });
  const row = array(...entries);
  return array(isNumber(weight, 1) ? row : call('multiply', codeOf(weight, scope), row));
}

function blockMap(
  blocks: readonly (readonly AffinePart[])[],
  form: AffineForm,
  weighed: (e: Expr) => Expr,
  context: Context,
  scope: FunctionScope,
): Code {
  const codes = blocks.map((list, g) => {
    if (list.length === 0)
      return call('zeros', dimCode(form.shape[0], scope), dimCode(groupLength(g, context), scope));
    return codeOf(weighed(add(...list.map((p) => blockExpr(p, groupLength(g, context))))), scope);
  });
  return codes.length === 1 ? codes[0] : call('beside', ...codes);
}

/** A part's coefficients as a matrix [n, columns of the group]. */
function blockExpr(p: AffinePart, length: Dim): Expr {
  switch (p.kind) {
    case 'scaled':
      return multiply(p.coefficient, { kind: 'identity', dim: length });
    case 'matrix':
      return p.coefficient;
    case 'column':
      return outer(p.coefficient, vector([ONE]));
    case 'row':
      return transpose(outer(p.coefficient, vector([ONE])));
  }
}

function offsetCode(form: AffineForm, weighed: (e: Expr) => Expr, scope: FunctionScope): Code {
  if (form.shape.length === 0)
    return array(codeOf(isExprZero(form.offset) ? ZERO : weighed(form.offset), scope));
  if (isExprZero(form.offset)) return call('fill', dimCode(form.shape[0], scope), literal(0));
  return codeOf(weighed(form.offset), scope);
}

/** The form as it was written, for the comment. */
function residualExpr(form: AffineForm, { plan }: Context): Expr {
  const terms = form.parts.map((p): Expr => {
    const g = plan.groups[p.group];
    const index = plan.rows === undefined ? [] : [{ kind: 'running' as const, index: plan.rows.index }];
    const value: Expr =
      g.kind === 'derived' && !g.isVector && !plan.model.definitions.some((d) => d.name === g.name)
        ? g.elements[0]
        : symbol(g.kind === 'symbol' ? g.symbol : g.name, 'data', index, groupShape(g));
    if (p.kind === 'row')
      return p.coefficient.kind === 'multiply'
        ? multiply(...p.coefficient.factors.slice(0, -1), {
            kind: 'dot',
            left: p.coefficient.factors.at(-1)!,
            right: value,
          })
        : { kind: 'dot', left: p.coefficient, right: value };
    return p.kind === 'matrix' ? product(p.coefficient, value) : multiply(p.coefficient, value);
  });
  return add(...terms, form.offset);
}

/** All linear terms in one row of coefficients. */
export function linearForm(terms: readonly Linear[], context: Context, scope: FunctionScope): Code {
  const entries = context.plan.groups.map((_, g) => {
    const coefficient = add(...terms.filter((t) => t.group === g).map((t) => t.coefficient));
    return groupShape(context.plan.groups[g]).length === 0
      ? codeOf(coefficient, scope)
      : spread(call('fill', dimCode(groupLength(g, context), scope), codeOf(coefficient, scope)));
  });
  return perComponent(
    object(property('map', array(array(...entries))), property('offset', array(literal(0)))),
    context,
    scope,
  );
}
