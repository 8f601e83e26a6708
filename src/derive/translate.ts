/**
 * From the Model's typed expressions to algebra. `mu[z[i]]` becomes `mu[k]` together with a *selector* `[z[i] = k]`: the
 * one-hot variable of the textbooks. What the rules cannot use yet is refused here, by name, at its own place.
 */
import * as a from '../algebra/build.js';
import { pullScale } from '../algebra/matrix.js';
import type { Dim, Expr, Fact, Index as AlgebraIndex, Range } from '../algebra/types.js';
import type {
  Definition,
  Domain,
  Expression,
  Index,
  Model,
  Parameter,
  Size,
  SymbolName,
  ValueType,
} from '../model/types.js';
import type { DeriveProblem, Selector } from './types.js';

/** What translating one line gathers. */
export interface Translation {
  readonly model: Model;
  readonly problems: DeriveProblem[];
  /** the latents that the line looks at; filled as they are met */
  readonly selectors: Selector[];
}

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
      return a.element(whole, e.coordinates.map(a.fixed));
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
    case 'softmax':
      return refuse('`softmax` in a distribution');
    case 'boolean':
    case 'compare':
    case 'and':
    case 'or':
    case 'not':
    case 'if':
      return refuse('`if … then … else` and conditions');
    case 'distribution':
      return refuse(`the distribution ${e.name} inside an expression`);
    case 'error':
      throw new Error('an erroneous expression in a model without errors');
  }
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
    if (data.type.domain === 'boolean' || data.type.domain === 'category' || data.type.domain === 'plate')
      t.problems.push({
        kind: 'not-derivable-yet',
        what: `\`${e.name}\`, data of type ${data.type.domain}, in an expression`,
        span: e.span,
      });
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
  t.problems.push({ kind: 'not-derivable-yet', what: `the latent \`${e.name}\` as a number`, span: e.span });
  return a.ONE;
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
      const latent = t.model.latents.find((l) => l.name === index.symbol);
      if (
        latent === undefined ||
        index.plate === undefined ||
        index.indices.some((i) => i.kind !== 'plate')
      ) {
        t.problems.push({
          kind: 'not-derivable-yet',
          what: `\`${index.symbol}[…]\` as an index`,
          span: place.span,
        });
        return a.fixed(1);
      }
      return a.running(select(latent.name, index.plate, index.indices, t).value.index);
    }
  }
}

/** The selector of a latent: found again when the line has looked at it before. */
export function select(
  latent: SymbolName,
  plate: SymbolName,
  indices: readonly Index[],
  t: Translation,
): Selector {
  const known = t.selectors.find((s) => s.latent === latent);
  if (known !== undefined) return known;
  const at = indices.flatMap((i) => (i.kind === 'plate' ? [plateRange(i.plate, t.model)] : []));
  const taken = t.selectors.some((s) => s.value.index === plate) || at.some((r) => r.index === plate);
  const range = plateRange(plate, t.model);
  const selector: Selector = { latent, at, value: taken ? { ...range, index: `${plate}_${latent}` } : range };
  t.selectors.push(selector);
  return selector;
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
