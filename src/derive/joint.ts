/** Station 1: the log joint. Each `~` line contributes its log density, summed over its plates. */
import {
  add,
  complement,
  condition,
  indicator,
  log,
  multiply,
  number,
  ONE,
  position,
  running,
  sums,
  symbol,
} from '../algebra/build.js';
import { normalForm } from '../algebra/normal.js';
import type { Expr, NormalForm, Range } from '../algebra/types.js';
import { distributionNamed } from '../distributions/registry.js';
import type { Expression, Factor, Model, SymbolName } from '../model/types.js';
import { asVariance, dimOf, negation, plateRange, select, shapeDims, translate, TRUTH } from './translate.js';
import type { Translation } from './translate.js';
import type { Branch, DeriveProblem, JointFactor, Selector } from './types.js';

export function jointFactors(model: Model): {
  readonly factors: readonly JointFactor[];
  readonly problems: readonly DeriveProblem[];
} {
  const problems: DeriveProblem[] = [];
  const factors = model.factors.flatMap((factor) => jointFactor(factor, model, problems) ?? []);
  return { factors, problems };
}

function jointFactor(factor: Factor, model: Model, problems: DeriveProblem[]): JointFactor | undefined {
  const ranges = factor.plates.map((plate) => plateRange(plate, model));
  const t: Translation = { model, problems, selectors: [], ranges, span: factor.span };
  const latent = model.latents.find((l) => l.name === factor.symbol);
  const parameter = model.parameters.find((p) => p.name === factor.symbol);
  const role = latent !== undefined ? 'latent' : parameter !== undefined ? 'prior' : 'data';
  const declared = latent ?? parameter ?? model.data.find((d) => d.name === factor.symbol)!;
  if (factor.first !== undefined) {
    problems.push({
      kind: 'not-derivable-yet',
      what: 'a line for the first of a sequence',
      span: factor.span,
    });
    return undefined;
  }
  if (latent !== undefined && latent.type.plate === undefined && latent.type.domain !== 'boolean') {
    const what = `the latent \`${latent.name}\` of type ${latent.type.domain}`;
    problems.push({ kind: 'not-derivable-yet', what, span: latent.typeSpan });
    return undefined;
  }
  const before = problems.length;
  const branch = branchDensity(factor.distribution, declared, t);
  if (problems.length > before) return undefined;
  return {
    line: factor.line,
    symbol: factor.symbol,
    role,
    ranges,
    selectors: t.selectors,
    density: branch.density,
    branches: branch.branches,
  };
}

interface Densities {
  readonly density: Expr;
  readonly branches: readonly Branch[];
}

/** `if c then A else B` is [c] log A + [not c] log B. */
function branchDensity(e: Expression, declared: Declared, t: Translation): Densities {
  if (e.kind !== 'if') return distributionDensity(e, declared, t);
  const condition = translate(e.condition, t);
  const parts = [
    { when: condition, of: e.then, other: e.else },
    { when: negation(condition), of: e.else, other: e.then },
  ].map(({ when, of, other }) => {
    const inner = branchDensity(of, declared, t);
    // a value that a point mass can give counts as its own where the other branch has a density
    const masses = hasDensity(of) ? pointMasses(other, declared, t) : [];
    return {
      density: multiply(when, add(inner.density, ...masses.map((mass) => log(complementOf(mass))))),
      branches: inner.branches.map((b): Branch => ({ ...b, when: multiply(when, b.when) })),
    };
  });
  return {
    density: add(...parts.map((p) => p.density)),
    branches: parts.flatMap((p) => p.branches),
  };
}

type Declared = Model['parameters'][number] | Model['latents'][number] | Model['data'][number];

/** Some branch has a density, not probabilities of single values. */
const hasDensity = (e: Expression): boolean =>
  e.kind === 'if'
    ? hasDensity(e.then) || hasDensity(e.else)
    : e.kind === 'distribution' &&
      e.name !== 'PointMass' &&
      distributionNamed(e.name).signature.values.some((v) =>
        v.domains.some((d) => d === 'real' || d === 'positive' || d === 'unit'),
      );

/** [value = v] for each point mass among the branches. */
function pointMasses(e: Expression, declared: Declared, t: Translation): readonly Expr[] {
  if (e.kind === 'if') return [...pointMasses(e.then, declared, t), ...pointMasses(e.else, declared, t)];
  if (e.kind !== 'distribution' || e.name !== 'PointMass') return [];
  return [condition('=', valueOf(declared, t), translate(e.arguments['value'], t))];
}

const complementOf = (e: Expr): Expr => (e.kind === 'condition' ? complement(e) : negation(e));

function distributionDensity(e: Expression, declared: Declared, t: Translation): Densities {
  if (e.kind !== 'distribution') throw new Error('a line that is no distribution');
  const { name, arguments: args } = e;
  const distribution = distributionNamed(name);
  const isScale = (argument: string): boolean =>
    distribution.signature.arguments.some((s) => s.name === argument && s.pattern.kind === 'scale');
  const translated = Object.fromEntries(
    Object.entries(args).map(([key, x]) => [key, isScale(key) ? asVariance(x, t) : translate(x, t)]),
  );
  const category = categoryOf(declared, t);
  const density = distribution.logDensity({
    value: category === undefined ? valueOf(declared, t) : ONE,
    category: category === undefined ? undefined : running(category.index),
    arguments: translated,
  });
  return { density, branches: [{ when: ONE, distribution: name, arguments: translated }] };
}

/** The index that stands for a value that is one of several: a latent's, or a category of the data. */
function categoryOf(declared: Declared, t: Translation): Range | undefined {
  const { domain, plate, categories } = declared.type;
  const indices = declared.plates.map((p) => ({ kind: 'plate' as const, plate: p }));
  if (domain === 'plate') return select(declared.name, plate, indices, t).value;
  if (domain !== 'category') return undefined;
  const dim = categories === undefined ? 1 : dimOf(categories, t.model);
  return select(declared.name, undefined, indices, t, { index: 'c', dim }).value;
}

/** The value on the left of `~` as a number, vector or matrix. A latent truth value is [n = true]. */
function valueOf(declared: Declared, t: Translation): Expr {
  const indices = t.ranges.map((r) => running(r.index));
  if (declared.role === 'latent') {
    const range = select(
      declared.name,
      undefined,
      declared.plates.map((p) => ({ kind: 'plate' as const, plate: p })),
      t,
    ).value;
    return condition('=', position(range.index), number(TRUTH), 'true');
  }
  return symbol(
    declared.name,
    declared.role === 'parameter' ? 'parameter' : 'data',
    indices,
    shapeDims(declared.type, t.model),
    factOf(declared.type.domain),
  );
}

const factOf = (
  domain: Expression['type']['domain'],
): 'symmetric-positive' | 'positive' | 'simplex' | undefined =>
  domain === 'covariance'
    ? 'symmetric-positive'
    : domain === 'positive'
      ? 'positive'
      : domain === 'simplex'
        ? 'simplex'
        : undefined;

/** The row weight w[i] of a factor, when the model weights rows. */
export function weightOf(model: Model, ranges: readonly Range[]): readonly Expr[] {
  const weight = model.data.find((d) => d.as === 'weight');
  if (weight === undefined) return [];
  const covered = weight.plates.every((plate) => ranges.some((r) => r.index === plate));
  return covered
    ? [
        symbol(
          weight.name,
          'weight',
          weight.plates.map((plate) => running(plate)),
          [],
          'positive',
        ),
      ]
    : [];
}

const indicators = (selectors: readonly Selector[]): readonly Expr[] =>
  selectors.map((s) => indicator(s.role, s.symbol, s.at, running(s.value.index)));

/** One factor as an expression: Σ over plates and values of w × Π [z = k] × log density. */
export function factorExpr(factor: JointFactor, model: Model): Expr {
  const ranges = [...factor.ranges, ...factor.selectors.map((s) => s.value)];
  return sums(
    ranges,
    multiply(...weightOf(model, factor.ranges), ...indicators(factor.selectors), factor.density),
  );
}

/** The log density with the values of the data summed out, free in the values of latents: Σ_j [c[i] = j] f(j, k). */
export function observedSelectors(factor: JointFactor): Expr {
  const observed = factor.selectors.filter((s) => s.role === 'data');
  return sums(
    observed.map((s) => s.value),
    multiply(...indicators(observed), factor.density),
  );
}

export const jointNormalForm = (factors: readonly JointFactor[], model: Model): NormalForm =>
  factors.flatMap((f) => normalForm(factorExpr(f, model), f.line));

export const namesOf = (model: Model): ReadonlySet<string> =>
  new Set<string>(
    [
      ...model.parameters,
      ...model.latents,
      ...model.data,
      ...model.definitions,
      ...model.constants,
      ...model.plates,
      ...model.sizes,
    ].map((s: { readonly name: SymbolName | string }) => s.name),
  );

/** A name that the user has not taken. */
export function freshName(wanted: readonly string[], taken: ReadonlySet<string>): string {
  const free = wanted.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  for (let n = 1; ; n++) if (!taken.has(`${wanted[0]}${n}`)) return `${wanted[0]}${n}`;
}
