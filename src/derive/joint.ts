/** Station 1: the log joint. Each `~` line contributes its log density, summed over its plates. */
import { multiply, running, sums, symbol } from '../algebra/build.js';
import { normalForm } from '../algebra/normal.js';
import type { Expr, NormalForm, Range } from '../algebra/types.js';
import { distributionNamed } from '../distributions/registry.js';
import type { Expression, Factor, Model, SymbolName } from '../model/types.js';
import { asVariance, plateRange, select, shapeDims, translate } from './translate.js';
import type { Translation } from './translate.js';
import type { DeriveProblem, JointFactor } from './types.js';

const NOTHING = symbol('nothing', 'constant', []);

export function jointFactors(model: Model): {
  readonly factors: readonly JointFactor[];
  readonly problems: readonly DeriveProblem[];
} {
  const problems: DeriveProblem[] = [];
  const factors = model.factors.map((factor) => jointFactor(factor, model, problems));
  return { factors, problems };
}

function jointFactor(factor: Factor, model: Model, problems: DeriveProblem[]): JointFactor {
  const t: Translation = { model, problems, selectors: [] };
  const ranges = factor.plates.map((plate) => plateRange(plate, model));
  const latent = model.latents.find((l) => l.name === factor.symbol);
  const parameter = model.parameters.find((p) => p.name === factor.symbol);
  const role = latent !== undefined ? 'latent' : parameter !== undefined ? 'prior' : 'data';
  const base = { line: factor.line, symbol: factor.symbol, role, ranges } as const;

  if (factor.distribution.kind !== 'distribution') {
    problems.push({
      kind: 'not-derivable-yet',
      what: '`if … then … else` between distributions',
      span: factor.distribution.span,
    });
    return { ...base, selectors: [], density: NOTHING, distribution: '', arguments: {} };
  }
  const { name, arguments: args } = factor.distribution;
  const distribution = distributionNamed(name);
  if (latent !== undefined && latent.type.plate === undefined) {
    problems.push({
      kind: 'not-derivable-yet',
      what: `the latent \`${latent.name}\` of type ${latent.type.domain}`,
      span: latent.typeSpan,
    });
    return { ...base, selectors: [], density: NOTHING, distribution: '', arguments: {} };
  }
  const isScale = (argument: string): boolean =>
    distribution.signature.arguments.some((s) => s.name === argument && s.pattern.kind === 'scale');
  const translated = Object.fromEntries(
    Object.entries(args).map(([key, e]) => [key, isScale(key) ? asVariance(e, t) : translate(e, t)]),
  );
  if (args['logits'] !== undefined)
    problems.push({ kind: 'not-derivable-yet', what: `\`logits:\` of ${name}`, span: args['logits'].span });
  const category =
    latent?.type.plate === undefined
      ? undefined
      : select(
          latent.name,
          latent.type.plate,
          latent.plates.map((plate) => ({ kind: 'plate' as const, plate })),
          t,
        );
  const declared = parameter ?? model.data.find((d) => d.name === factor.symbol);
  const domain = declared?.type.domain;
  if (
    domain === 'boolean' ||
    domain === 'category' ||
    domain === 'plate' ||
    (declared === undefined && category === undefined)
  ) {
    problems.push({
      kind: 'not-derivable-yet',
      what: `\`${factor.symbol}\`, modelled data of type ${domain ?? 'unknown'}`,
      span: factor.span,
    });
    return { ...base, selectors: [], density: NOTHING, distribution: '', arguments: {} };
  }
  const value: Expr =
    declared === undefined
      ? symbol(
          factor.symbol,
          'data',
          ranges.map((r) => running(r.index)),
        )
      : symbol(
          factor.symbol,
          role === 'prior' ? 'parameter' : 'data',
          ranges.map((r) => running(r.index)),
          shapeDims(declared.type, model),
          factOf(declared.type.domain),
        );
  if (args['logits'] !== undefined)
    return { ...base, selectors: t.selectors, density: NOTHING, distribution: '', arguments: {} };
  const density = distribution.logDensity({
    value,
    category: category === undefined ? undefined : running(category.value.index),
    arguments: translated,
  });
  return { ...base, selectors: t.selectors, density, distribution: name, arguments: translated };
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

/** One factor as an expression: Σ over plates and latent values of w × Π [z = k] × log density. */
export function factorExpr(factor: JointFactor, model: Model): Expr {
  const indicators = factor.selectors.map((s): Expr => ({
    kind: 'indicator',
    latent: s.latent,
    at: s.at.map((r) => running(r.index)),
    value: running(s.value.index),
  }));
  const ranges = [...factor.ranges, ...factor.selectors.map((s) => s.value)];
  return sums(ranges, multiply(...weightOf(model, factor.ranges), ...indicators, factor.density));
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
