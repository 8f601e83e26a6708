/** From the terms of a plan to a row body: the logit of a component, and the entries of a sum over the rows. */
import { element, fixed, isNumber, shapeOf } from '../algebra/build.js';
import { sizeOf } from '../algebra/evaluate.js';
import { printKey, printText } from '../algebra/print.js';
import { dependsOn } from '../algebra/traverse.js';
import type { Expr, Range } from '../algebra/types.js';
import { constantColumn } from './constant-columns.js';
import { bodyBuilder } from './row-body.js';
import type { BodyBuilder, Indices, NodeId, RowBody } from './row-body.js';
import { isPolynomial, largest, logSumExp, sum, times } from './row-operations.js';
import type { AffineForm, LogitTerm, Program } from './types.js';

/** A body and the node that is wanted of it. */
export interface LogitBody {
  readonly body: RowBody;
  /** log p(row, z = k), what groups have for themselves left out */
  readonly logit: NodeId;
}

/** A body and what is wanted of it: for each expression a number that all its entries share, and the entries, row-major. */
export interface SumBody {
  readonly body: RowBody;
  readonly sums: readonly {
    readonly shared: NodeId;
    readonly entries: readonly NodeId[];
  }[];
}

export const wantedOf = ({ sums }: SumBody): readonly NodeId[] =>
  sums.flatMap(({ shared, entries }) => [shared, ...entries]);

interface Context {
  readonly program: Program;
  readonly build: BodyBuilder;
  readonly stratum: number;
  /** values of indices, where they say which column is meant */
  readonly at: Indices;
  /** those that the expression itself runs through */
  readonly bound: Indices;
  /** nodes that are finite at whatever finite columns and parameters: a product with them needs no care */
  readonly finite: Set<NodeId>;
  /** the indices of the components: an expression without them is the same for all */
  readonly axes: readonly string[];
  readonly rows: string;
}

export function lowerLogits(program: Program): LogitBody {
  const { plan } = program;
  const build = bodyBuilder();
  const finite = new Set<NodeId>();
  const context = (stratum: number): Context => ({
    program,
    build,
    finite,
    stratum,
    at: {},
    bound: {},
    axes: plan.axes.map((a) => a.value.index),
    rows: plan.rows?.index ?? '',
  });
  const terms = plan.logits.filter((t) => t.per === 'row');
  const constants = terms.flatMap((t) => (t.kind === 'constant' && t.stratum === 0 ? [t.value] : []));
  const parts = terms.flatMap((t): readonly NodeId[] => {
    if (t.kind === 'support' || (t.kind === 'constant' && t.stratum === 0)) return [];
    return [termOf(t, context(t.stratum))];
  });
  const all = constants.length === 0 ? parts : [totalOf(constants, context(0)), ...parts];
  const inside = all.reduce((a, b) => build.node({ kind: 'add', left: a, right: b }), build.number(0));
  // outside of a support nothing else need be a number
  const logit = terms.reduce((within, t) => {
    if (t.kind !== 'support') return within;
    const outside = build.node({
      kind: 'multiply',
      left: value(t.when, context(t.stratum)),
      right: build.node({
        kind: 'add',
        left: build.number(1),
        right: build.node({
          kind: 'multiply',
          left: build.number(-1),
          right: build.node({ kind: 'support', support: t.support }),
        }),
      }),
    });
    return build.node({
      kind: 'choose',
      when: outside,
      then: build.number(-Infinity),
      otherwise: within,
    });
  }, inside);
  return { body: build.done(program), logit };
}

/** Several expressions at once. `indices` are those at which they are asked for; slots are filled with them in place. */
export function lowerSums(list: readonly Expr[], program: Program, indices: Indices): SumBody {
  const build = bodyBuilder();
  const context: Context = {
    program,
    build,
    finite: new Set(),
    stratum: 0,
    at: indices,
    bound: {},
    axes: [],
    rows: program.plan.rows?.index ?? '',
  };
  const sums = list.map((e) => lowerSum(e, context));
  return { body: build.done(program), sums };
}

function lowerSum(e: Expr, context: Context): SumBody['sums'][number] {
  const { build, program } = context;
  const factors = e.kind === 'multiply' ? e.factors : [e];
  const tensors = factors.filter((f) => shapeOf(f).length > 0);
  const shared = factors
    .filter((f) => shapeOf(f).length === 0)
    .map((f) => lower(f, context))
    .reduce((a, b) => times(a, b, context), build.number(1));
  if (tensors.length > 1) throw new Error(`two tensors in ${printText(e)}`);
  const vectorOf = (v: Expr): readonly NodeId[] =>
    Array.from({ length: sizeOf(shapeOf(v)[0], program.sizes) }, (_, d) =>
      lower(element(v, [fixed(d + 1)]), context),
    );
  const entriesOf = (tensor: Expr | undefined): readonly NodeId[] => {
    if (tensor === undefined) return [build.number(1)];
    if (tensor.kind !== 'outer') return vectorOf(tensor);
    const [left, right] = [vectorOf(tensor.left), vectorOf(tensor.right)];
    return left.flatMap((a) => right.map((b) => times(a, b, context)));
  };
  return { shared, entries: entriesOf(tensors.at(0)) };
}

// ------------------------------------------------------------------------------------------------ terms of a logit

function termOf(t: Exclude<LogitTerm, { kind: 'support' }>, context: Context): NodeId {
  const { build, program } = context;
  switch (t.kind) {
    case 'constant':
      return value(t.value, context);
    case 'linear': {
      const start = program.groupStart[t.group];
      return sum(
        Array.from({ length: program.groupLength[t.group] }, (_, at) =>
          times(value(t.coefficient, context, at), column(start + at, context), context),
        ),
        build,
      );
    }
    case 'quadratic':
      return quadraticTerm(t, context);
    case 'general':
      return lower(t.value, context);
  }
}

/** Columns need not be finite only beside supports, where a row need not be one that a density has. */
const areFinite = ({ program }: Context): boolean => program.plan.supports.length === 0;

function quadraticTerm(t: Extract<LogitTerm, { kind: 'quadratic' }>, context: Context): NodeId {
  const { build } = context;
  const residual = residualOf(t.residual, context);
  const square = (id: NodeId): NodeId => build.node({ kind: 'power', base: id, exponent: 2 });
  const scaled = (by: NodeId, of: NodeId): NodeId =>
    build.node({ kind: areFinite(context) ? 'product' : 'multiply', left: by, right: of });
  const { matrix } = t;
  const coefficient = value(t.coefficient, context);
  if (isNumber(matrix) || matrix.kind === 'identity') {
    const total = sum(residual.map(square), build);
    return scaled(coefficient, isNumber(matrix) ? scaled(build.number(matrix.value), total) : total);
  }
  if (matrix.kind === 'diag') {
    const weighted = residual.map((e, d) => scaled(value(matrix.of, context, d), square(e)));
    return scaled(coefficient, sum(weighted, build));
  }
  return scaled(coefficient, squaresOf(residual, matrix, t.coefficient, context));
}

/** eᵀ M e of a scale's inverse, or of a precision, by its factor; nothing is read of it where `unless` is 0. */
function squaresOf(residual: readonly NodeId[], matrix: Expr, unless: Expr, context: Context): NodeId {
  const { build } = context;
  const isInverse = matrix.kind === 'inverse';
  const of = isInverse ? matrix.of : matrix;
  const size = residual.length;
  const source = build.source(
    {
      kind: 'whitening',
      of,
      isInverse,
      size,
      unless,
      length: (size * (size + 1)) / 2,
      stratum: context.stratum,
      isShared: isShared(of, context) && isShared(unless, context),
      at: context.bound,
    },
    `${printKey(of)} ${printKey(unless)} ${String(isInverse)}`,
  );
  return build.node({ kind: 'squares', residual, source, triangle: isInverse ? 'lower' : 'upper' });
}

/** One node for each coordinate of U c + u. */
function residualOf(form: AffineForm, context: Context): readonly NodeId[] {
  const { build, program } = context;
  const size = form.shape.length === 0 ? 1 : sizeOf(form.shape[0], program.sizes);
  const offsetLength = shapeOf(form.offset).length === 0 ? 1 : size;
  return Array.from({ length: size }, (_, i) => {
    const terms = form.parts.flatMap((part) => {
      const length = program.groupLength[part.group];
      const start = program.groupStart[part.group];
      return Array.from({ length }, (__, j): NodeId => {
        const by = (entry: number): NodeId =>
          build.node({
            kind: areFinite(context) ? 'product' : 'multiply',
            left: value(part.coefficient, context, entry),
            right: column(start + j, context),
          });
        switch (part.kind) {
          case 'scaled':
            return i === j ? by(0) : build.number(0);
          case 'row':
            return by(j);
          case 'column':
            return by(i);
          case 'matrix':
            return by(i * length + j);
        }
      });
    });
    return sum([...terms, value(form.offset, context, offsetLength === 1 ? 0 : i)], build);
  });
}

// ------------------------------------------------------------------------------------------------ numbers of parameters

const isShared = (e: Expr, context: Context): boolean => context.axes.every((index) => !dependsOn(e, index));

/** An entry of an expression that does not vary with the row. */
function value(e: Expr, context: Context, entry = 0): NodeId {
  const { build, program } = context;
  if (e.kind === 'number') return build.number(e.value);
  const length = shapeOf(e).reduce<number>((n, dim) => n * sizeOf(dim, program.sizes), 1);
  const source = build.source(
    {
      kind: 'value',
      of: e,
      length,
      stratum: context.stratum,
      isShared: isShared(e, context),
      at: context.bound,
    },
    printKey(e),
  );
  const id = build.node({ kind: 'slot', source, entry: length === 1 ? 0 : entry });
  if (isPolynomial(e)) context.finite.add(id);
  return id;
}

function column(at: number, context: Context): NodeId {
  const constant = constantColumn(context.program, at);
  if (constant !== undefined) return context.build.number(constant);
  const id = context.build.node({ kind: 'column', column: at });
  if (areFinite(context)) context.finite.add(id);
  return id;
}

function totalOf(terms: readonly Expr[], context: Context): NodeId {
  const source = context.build.source(
    {
      kind: 'total',
      of: terms,
      length: 1,
      stratum: context.stratum,
      isShared: terms.every((t) => isShared(t, context)),
      at: context.bound,
    },
    terms.map((t) => printKey(t)).join(' + '),
  );
  return context.build.node({ kind: 'slot', source, entry: 0 });
}

// ------------------------------------------------------------------------------------------------ expressions of a row

function lower(e: Expr, context: Context): NodeId {
  const { build, program } = context;
  const go = (part: Expr): NodeId => lower(part, context);
  if (!dependsOn(e, context.rows)) return value(e, context);
  switch (e.kind) {
    case 'symbol':
      return column(columnOf(e.name, 0, program), context);
    case 'element': {
      const [coordinate] = e.coordinates;
      if (e.of.kind !== 'symbol' || e.coordinates.length > 1 || coordinate.kind === 'data') break;
      const at = coordinate.kind === 'fixed' ? coordinate.value - 1 : context.at[coordinate.index];
      return column(columnOf(e.of.name, at, program), context);
    }
    case 'add':
      return sum(e.terms.map(go), build);
    case 'multiply':
      return e.factors.map(go).reduce((left, right) => times(left, right, context));
    case 'power':
      return build.node({ kind: 'power', base: go(e.base), exponent: e.exponent });
    case 'function':
      return build.node({ kind: 'function', name: e.name, argument: go(e.argument) });
    case 'condition':
      return build.node({ kind: 'condition', relation: e.relation, left: go(e.left), right: go(e.right) });
    case 'maximum':
      return build.node({ kind: 'maximum', left: go(e.left), right: go(e.right) });
    case 'sum':
      return sum(over(e.range, e.body, context), build);
    case 'largest':
      return largest(over(e.range, e.body, context), build);
    case 'logsumexp':
      return logSumExp(over(e.range, e.body, context), build);
    case 'dot': {
      const n = sizeOf(shapeOf(e.left)[0] ?? shapeOf(e.right)[0], program.sizes);
      return sum(
        Array.from({ length: n }, (_, d) =>
          times(go(element(e.left, [fixed(d + 1)])), go(element(e.right, [fixed(d + 1)])), context),
        ),
        build,
      );
    }
    case 'quadratic':
      return quadratic(e.vector, e.matrix, context);
    case 'number':
    case 'circle':
    case 'size':
    case 'position':
    case 'indicator':
    case 'minimum':
    case 'median':
    case 'vector':
    case 'family':
    case 'fill':
    case 'identity':
    case 'diag':
    case 'diagonal':
    case 'product':
    case 'transpose':
    case 'inverse':
    case 'logdet':
    case 'trace':
    case 'outer':
    case 'solve':
    case 'axes':
  }
  throw new Error(`no row body for ${printText(e)}`);
}

function quadratic(vector: Expr, matrix: Expr, context: Context): NodeId {
  const { build, program } = context;
  const multiply = (left: NodeId, right: NodeId): NodeId => times(left, right, context);
  if (shapeOf(vector).length === 0) {
    const square = build.node({ kind: 'power', base: lower(vector, context), exponent: 2 });
    return multiply(square, lower(matrix, context));
  }
  const n = sizeOf(shapeOf(vector)[0], program.sizes);
  const entries = Array.from({ length: n }, (_, d) => lower(element(vector, [fixed(d + 1)]), context));
  if (isNumber(matrix)) {
    const squares = entries.map((x) => build.node({ kind: 'power', base: x, exponent: 2 }));
    return multiply(build.number(matrix.value), sum(squares, build));
  }
  if (matrix.kind === 'inverse') return squaresOf(entries, matrix, { kind: 'number', value: 1 }, context);
  const terms = entries.map((x, i) =>
    multiply(
      x,
      sum(
        entries.map((y, j) => multiply(value(matrix, context, i * n + j), y)),
        build,
      ),
    ),
  );
  return sum(terms, build);
}

/** One node for each value of a range. */
function over(range: Range, body: Expr, context: Context): readonly NodeId[] {
  return Array.from({ length: sizeOf(range.dim, context.program.sizes) }, (_, at) =>
    lower(body, {
      ...context,
      at: { ...context.at, [range.index]: at },
      bound: { ...context.bound, [range.index]: at },
    }),
  );
}

/** A column of a data symbol, or of a definition. */
function columnOf(name: string, coordinate: number, program: Program): number {
  const group = program.plan.groups.findIndex((g) =>
    g.kind === 'symbol' ? g.symbol === name : g.name === name,
  );
  if (group < 0) throw new Error(`${name} has no columns`);
  return program.groupStart[group] + coordinate;
}
