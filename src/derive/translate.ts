/**
 * From the Model's typed expressions to algebra. `mu[z[i]]` becomes `mu[k]` together with a *selector* `[z[i] = k]`: the
 * one-hot variable of the textbooks. What the rules cannot use yet is refused here, by name, at its own place.
 */
import * as a from '../algebra/build.js';
import { pullScale } from '../algebra/matrix.js';
import { reindex } from '../algebra/traverse.js';
import type { Dim, Expr, Fact, Index as AlgebraIndex, Range } from '../algebra/types.js';
import type {
  Definition,
  Domain,
  Expression,
  Index,
  Model,
  Parameter,
  Size,
  SpanId,
  SymbolName,
  ValueType,
} from '../model/types.js';
import type { DeriveProblem, Selector } from './types.js';

/** What translating one line gathers. */
export interface Translation {
  readonly model: Model;
  readonly problems: DeriveProblem[];
  /** the latents, and the data that name a plate's value, that the line looks at; filled as they are met */
  readonly selectors: Selector[];
  /** the line's own plates */
  readonly ranges: readonly Range[];
  /** the line, for what is refused in it */
  readonly span: SpanId;
}

/** A translation of an expression that stands in no line of its own. */
export const alone = (model: Model, problems: DeriveProblem[] = []): Translation => ({
  model,
  problems,
  selectors: [],
  ranges: [],
  span: 0 as SpanId,
});

/** The name of the number of rows. */
export function rowsDim(model: Model): string {
  const taken = [...model.constants, ...model.sizes, ...model.parameters, ...model.data].some(
    (s) => String(s.name) === 'N',
  );
  return taken ? 'N_rows' : 'N';
}

export function dimOf(size: Size, model: Model): Dim {
  switch (size.kind) {
    case 'number':
      return size.value;
    case 'constant':
    case 'named':
      return size.name;
    case 'plate':
      return plateDim(size.plate, model);
    case 'unknown':
      throw new Error('a size is unknown in a model without errors');
  }
}

export function plateDim(plate: SymbolName, model: Model): Dim {
  const declared = model.plates.find((p) => p.name === plate);
  if (declared === undefined) throw new Error(`no plate ${plate}`);
  if (declared.range.kind === 'count') return dimOf(declared.range.upTo, model);
  return declared.range.kind === 'rows' ? rowsDim(model) : `N_${plate}`;
}

export const plateRange = (plate: SymbolName, model: Model): Range => ({
  index: plate,
  dim: plateDim(plate, model),
});

const FACTS: Readonly<Partial<Record<Domain, Fact>>> = {
  positive: 'positive',
  unit: 'unit',
  covariance: 'symmetric-positive',
  orthogonal: 'orthogonal',
  shape: 'unit-product',
  simplex: 'simplex',
  count: 'whole',
};

export const shapeDims = (type: ValueType, model: Model): readonly Dim[] =>
  type.shape.map((s) => dimOf(s, model));

export function translate(e: Expression, t: Translation): Expr {
  const refuse = (what: string): Expr => {
    t.problems.push({ kind: 'not-derivable-yet', what, span: e.span });
    return a.ONE;
  };
  const go = (part: Expression): Expr => translate(part, t);
  switch (e.kind) {
    case 'number':
      return a.number(e.value);
    case 'size':
      return a.size(dimOf(e.size, t.model));
    case 'constant': {
      const declared = t.model.constants.find((c) => c.name === e.name)!;
      const whole = a.symbol(
        e.name,
        'constant',
        [],
        shapeDims(declared.type, t.model),
        FACTS[declared.type.domain],
      );
      return a.element(
        whole,
        e.coordinates.map((c) => a.fixed(c)),
      );
    }
    case 'symbol':
      return translateSymbol(e, t);
    case 'vector':
      return a.vector(e.elements.map(go));
    case 'fill': {
      const dims = shapeDims(e.type, t.model);
      return dims.length === 1 ? a.fill(go(e.value), dims[0]) : refuse('a number standing for a matrix');
    }
    case 'identity':
      return a.identity(shapeDims(e.type, t.model)[0]);
    case 'add':
      return a.add(go(e.left), go(e.right));
    case 'subtract':
      return a.subtract(go(e.left), go(e.right));
    case 'multiply': {
      const left = go(e.left);
      const right = go(e.right);
      return a.shapeOf(left).length === 0 || a.shapeOf(right).length === 0
        ? a.multiply(left, right)
        : a.product(left, right);
    }
    case 'divide':
      return a.divide(go(e.left), go(e.right));
    case 'power':
      return e.exponent.kind === 'number'
        ? a.power(go(e.base), e.exponent.value)
        : refuse('a power whose exponent is not a number written out');
    case 'negate':
      return a.negate(go(e.operand));
    case 'transpose':
      return a.transpose(go(e.operand));
    case 'diag':
      return a.diag(go(e.operand));
    case 'dot':
      return a.dot(go(e.left), go(e.right));
    case 'function':
      return e.name === 'sqrt' ? a.power(go(e.argument), 0.5) : a.apply(e.name, go(e.argument));
    case 'sum':
      return a.sum(plateRange(e.plate, t.model), go(e.body));
    case 'softmax': {
      const own = plateRange(e.plate, t.model);
      // the index of the normaliser is its own: the plate's may stand around it
      const index = freshIndex(t);
      const body = reindex(go(e.body), own.index, a.running(index));
      const range = { index, dim: own.dim };
      return a.family(range, a.exp(a.subtract(body, a.logsumexp(range, body))));
    }
    case 'boolean':
      return e.value ? a.ONE : a.ZERO;
    case 'compare':
      return translateComparison(e, t);
    case 'and':
      return a.multiply(go(e.left), go(e.right));
    case 'or':
      return a.subtract(a.ONE, a.multiply(negation(go(e.left)), negation(go(e.right))));
    case 'not':
      return negation(go(e.operand));
    case 'if': {
      const condition = go(e.condition);
      return a.add(a.multiply(condition, go(e.then)), a.multiply(negation(condition), go(e.else)));
    }
    case 'distribution':
      return refuse(`the distribution ${e.name} inside an expression`);
    case 'error':
      throw new Error('an erroneous expression in a model without errors');
  }
}

/** 1 − c for a 0/1 expression. */
export const negation = (e: Expr): Expr => a.subtract(a.ONE, e);

/** `z[i] = 2`, `z[i] = s[i]`, `t[i] < 5`: 0/1, latents by the index that stands for their value. */
function translateComparison(e: Extract<Expression, { kind: 'compare' }>, t: Translation): Expr {
  const booleanOf = (x: Expression): Expr | undefined =>
    x.type.domain === 'boolean' ? translate(x, t) : undefined;
  const [left, right] = [booleanOf(e.left), booleanOf(e.right)];
  if (left !== undefined && right !== undefined) {
    // a = b for truth values: both or neither
    const same = a.add(a.multiply(left, right), a.multiply(negation(left), negation(right)));
    return e.relation === '!=' ? negation(same) : same;
  }
  return a.condition(e.relation, translate(e.left, t), translate(e.right, t));
}

function translateSymbol(e: Extract<Expression, { kind: 'symbol' }>, t: Translation): Expr {
  const { model } = t;
  const indices = e.indices.map((i) => translateIndex(i, e, t));
  const coordinates = e.coordinates.map((i) => translateIndex(i, e, t));
  const build = (declared: Pick<Parameter, 'type'>, role: 'parameter' | 'data'): Expr =>
    a.element(
      a.symbol(e.name, role, indices, shapeDims(declared.type, model), FACTS[declared.type.domain]),
      coordinates,
    );
  const parameter = model.parameters.find((p) => p.name === e.name);
  if (parameter !== undefined) return build(parameter, 'parameter');
  const data = model.data.find((d) => d.name === e.name);
  if (data !== undefined) {
    return build(data, 'data');
  }
  const definition = model.definitions.find((d) => d.name === e.name);
  if (definition !== undefined) {
    if (isOfDataAlone(definition.value, model)) {
      const isColumns = definition.type.shape.length === 0 || definition.value.kind === 'vector';
      if (!isColumns)
        t.problems.push({
          kind: 'not-derivable-yet',
          what: `\`${e.name}\`, a vector that is not written out as [a, b, …]`,
          span: e.span,
        });
      return build(definition, 'data');
    }
    return a.element(inlined(definition, indices, t), coordinates);
  }
  const constant = model.constants.find((c) => c.name === e.name);
  if (constant !== undefined)
    return a.element(
      a.symbol(constant.name, 'constant', [], shapeDims(constant.type, model), FACTS[constant.type.domain]),
      [...indices, ...coordinates],
    );
  return latentValue(e, t);
}

/** A latent in a condition: the number of its value, or whether it is true. */
function latentValue(e: Extract<Expression, { kind: 'symbol' }>, t: Translation): Expr {
  const latent = t.model.latents.find((l) => l.name === e.name);
  if (latent === undefined || (latent.type.plate === undefined && latent.type.domain !== 'boolean')) {
    t.problems.push({
      kind: 'not-derivable-yet',
      what: `the latent \`${e.name}\` as a number`,
      span: e.span,
    });
    return a.ONE;
  }
  const { value } = select(e.name, latent.type.plate, e.indices, t);
  const position = a.position(value.index);
  return latent.type.plate === undefined ? a.condition('=', position, a.number(2), 'true') : position;
}

/** The body of a definition with its plates replaced by the indices of the place where it is used. */
function inlined(definition: Definition, indices: readonly AlgebraIndex[], t: Translation): Expr {
  const body = translate(definition.value, t);
  const same = definition.plates.every((plate, n) => {
    const index = indices[n];
    return index?.kind === 'running' && index.index === plate;
  });
  if (!same)
    t.problems.push({
      kind: 'not-derivable-yet',
      what: `\`${definition.name}\` at another index than its own`,
      span: definition.span,
    });
  return body;
}

/** True when an expression has only data, constants and numbers in it: then it is a column of the data. */
export function isOfDataAlone(e: Expression, model: Model): boolean {
  switch (e.kind) {
    case 'symbol': {
      const definition = model.definitions.find((d) => d.name === e.name);
      if (definition !== undefined) return isOfDataAlone(definition.value, model);
      return model.data.some((d) => d.name === e.name) && e.indices.every((i) => i.kind === 'plate');
    }
    case 'number':
    case 'boolean':
    case 'size':
    case 'constant':
    case 'identity':
      return true;
    case 'vector':
      return e.elements.every((x) => isOfDataAlone(x, model));
    case 'fill':
      return isOfDataAlone(e.value, model);
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'dot':
    case 'compare':
    case 'and':
    case 'or':
      return isOfDataAlone(e.left, model) && isOfDataAlone(e.right, model);
    case 'power':
      return isOfDataAlone(e.base, model) && isOfDataAlone(e.exponent, model);
    case 'negate':
    case 'transpose':
    case 'diag':
    case 'not':
      return isOfDataAlone(e.operand, model);
    case 'function':
      return isOfDataAlone(e.argument, model);
    case 'sum':
    case 'softmax':
      return isOfDataAlone(e.body, model);
    case 'if':
      return [e.condition, e.then, e.else].every((x) => isOfDataAlone(x, model));
    case 'distribution':
    case 'error':
      return false;
  }
}

function translateIndex(index: Index, place: Expression, t: Translation): AlgebraIndex {
  switch (index.kind) {
    case 'plate':
      return a.running(index.plate);
    case 'number':
      return a.fixed(index.value);
    case 'previous':
      t.problems.push({ kind: 'not-derivable-yet', what: 'chains (`t-1`)', span: place.span });
      return a.running(index.plate);
    case 'symbol': {
      if (index.plate === undefined) {
        t.problems.push({
          kind: 'not-derivable-yet',
          what: `\`${index.symbol}[…]\` as an index`,
          span: place.span,
        });
        return a.fixed(1);
      }
      return a.running(select(index.symbol, index.plate, index.indices, t).value.index);
    }
  }
}

/** Truth values are numbered: 1 for false, 2 for true. */
export const TRUTH = 2;

/**
 * The selector of a latent, or of data that name one of a plate's values; found again when the line has looked at it
 * before. `plate` is undefined for a boolean. `categories` is for data that are their own plate.
 */
export function select(
  symbol: SymbolName,
  plate: SymbolName | undefined,
  indices: readonly Index[],
  t: Translation,
  categories?: Range,
): Selector {
  const { model } = t;
  const at = indices.map((i) => selectorIndex(i, t));
  const key = JSON.stringify(at);
  const known = t.selectors.find((s) => s.symbol === symbol && JSON.stringify(s.at) === key);
  if (known !== undefined) return known;
  const isLatent = model.latents.some((l) => l.name === symbol);
  if (isLatent && t.selectors.some((s) => s.symbol === symbol))
    t.problems.push({
      kind: 'not-derivable-yet',
      what: `\`${symbol}\` at two places of one line`,
      span: t.span,
    });
  const selector: Selector = {
    symbol,
    role: isLatent ? 'latent' : 'data',
    at,
    value: isLatent
      ? latentRange(symbol, model)
      : observedRange(symbol, categories ?? plateRange(plate!, model), t),
  };
  t.selectors.push(selector);
  return selector;
}

/** The index that stands for a latent's value, the same in every line: its plate's, unless an earlier latent has that. */
export function latentRange(name: SymbolName, model: Model): Range {
  const taken = new Set<string>(model.plates.map((p) => p.name));
  let range: Range = { index: '', dim: TRUTH };
  for (const latent of model.latents) {
    const { plate } = latent.type;
    if (plate === undefined)
      range = {
        index: [...[...latent.name.toLowerCase()].filter((c) => /\p{L}/u.test(c)), `${latent.name}_`].find(
          (c) => !taken.has(c),
        )!,
        dim: TRUTH,
      };
    else {
      const own = plateRange(plate, model);
      range = taken.has(`used ${plate}`) ? { ...own, index: `${plate}_${latent.name}` } : own;
      taken.add(`used ${plate}`);
    }
    taken.add(range.index);
    if (latent.name === name) break;
  }
  return range;
}

/** A letter that no plate and no latent's value has. */
function freshIndex({ model }: Translation): string {
  const taken = new Set<string>([
    ...model.plates.map((p) => p.name),
    ...model.latents.map((l) => latentRange(l.name, model).index),
  ]);
  return ['l', 'm', 'h', 'j', 'q'].find((c) => !taken.has(c)) ?? 'l_';
}

/** An index for a value of the data that nothing else in the line has, nor a latent. */
function observedRange(symbol: SymbolName, range: Range, t: Translation): Range {
  const taken = [
    ...t.selectors.map((s) => s.value.index),
    ...t.ranges.map((r) => r.index),
    ...t.model.latents.map((l) => latentRange(l.name, t.model).index),
  ];
  return taken.includes(range.index) ? { ...range, index: `${range.index}_${symbol}` } : range;
}

/** Which of its copies a latent is: z[i], z[id[i]], z[g], z[1]. */
function selectorIndex(index: Index, t: Translation): AlgebraIndex {
  if (index.kind === 'plate') return a.running(index.plate);
  if (index.kind === 'number') return a.fixed(index.value);
  if (index.kind === 'symbol') {
    const inner = index.indices[0];
    const isData = t.model.data.some((d) => d.name === index.symbol);
    if (isData && index.indices.length === 1 && inner.kind === 'plate')
      return a.datum(index.symbol, inner.plate);
  }
  t.problems.push({
    kind: 'not-derivable-yet',
    what: 'a latent at the value of another latent, or of the row before,',
    span: t.span,
  });
  return a.fixed(1);
}

/**
 * A scale as a variance, whatever kind it has: an sd is squared, a precision inverted. For `diag(s)` and `s * I` the
 * square goes inside, since a diagonal matrix is squared entry by entry.
 */
export function asVariance(e: Expression, t: Translation): Expr {
  const value = translate(e, t);
  const isMatrix = a.shapeOf(value).length > 0;
  if (e.type.scale === 'precision') return isMatrix ? a.inverse(value) : a.power(value, -1);
  if (e.type.scale !== 'sd') return value;
  if (!isMatrix) return a.power(value, 2);
  const { scale, core } = pullScale(value);
  if (core.kind === 'identity') return a.multiply(a.power(scale, 2), core);
  if (core.kind === 'diag') return a.multiply(a.power(scale, 2), a.diag(a.power(core.of, 2)));
  t.problems.push({
    kind: 'not-derivable-yet',
    what: 'a matrix of standard deviations that is not diagonal',
    span: e.span,
  });
  return value;
}
