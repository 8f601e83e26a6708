/**
 * A Plan as JSON (`gmm compile --target json`, schema `gmm-plan/1`): what to compute, for programs that are not ours.
 * Expressions stand twice: `text` as the derivation prints them, `tree` as the algebra's nodes (`src/algebra/types.ts`).
 */
import { printText } from '../algebra/print.js';
import type { Place } from '../derive/copies.js';
import type { Dim, Expr } from '../algebra/types.js';
import type { AffineForm, ColumnGroup, LogitTerm, Plan, StatisticReading } from '../plan/types.js';
import { dimOf, plateDim } from '../derive/translate.js';

export interface ExpressionJson {
  readonly text: string;
  readonly tree: Expr;
}

/** Σ coefficient × group + offset; `kind` says how a coefficient meets its group (`AffinePart`). */
export interface AffineJson {
  readonly shape: readonly Dim[];
  readonly parts: readonly {
    readonly group: number;
    readonly kind: string;
    readonly coefficient: ExpressionJson;
  }[];
  readonly offset: ExpressionJson;
}

export type LogitJson =
  | { readonly kind: 'constant'; readonly value: ExpressionJson }
  | { readonly kind: 'linear'; readonly group: number; readonly coefficient: ExpressionJson }
  /** coefficient × eᵀ matrix e of the residual e */
  | {
      readonly kind: 'quadratic';
      readonly coefficient: ExpressionJson;
      readonly residual: AffineJson;
      readonly matrix: ExpressionJson;
    }
  /** −∞ where `when` is 1 and `holds` is not */
  | { readonly kind: 'support'; readonly when: ExpressionJson; readonly holds: ExpressionJson }
  | { readonly kind: 'general'; readonly value: ExpressionJson };

export interface LogitPlaceJson {
  /** once for every row, or once for every group of rows */
  readonly per: 'row' | 'group';
  /** data whose values its expressions are free in, each with the index that stands for it */
  readonly toldApartBy: readonly { readonly data: string; readonly index: string }[];
}

export type ReadingJson =
  | { readonly kind: 'weight' }
  | { readonly kind: 'first'; readonly form: AffineJson }
  | {
      readonly kind: 'second';
      readonly left: AffineJson;
      readonly right: AffineJson;
      readonly as: 'matrix' | 'diagonal' | 'trace';
      /** for a trace: Σ r leftᵀ matrix right */
      readonly matrix: ExpressionJson | null;
    }
  /** Σ r body: a pass over the rows */
  | { readonly kind: 'general'; readonly body: ExpressionJson }
  | {
      readonly kind: 'median';
      readonly over: readonly string[];
      readonly value: ExpressionJson;
      readonly weight: ExpressionJson;
    };

export interface PlanJson {
  readonly schema: 'gmm-plan/1';
  readonly model: string;
  /** every symbol that is estimated, with the sizes of its array: plates first, then its own shape */
  readonly parameters: readonly {
    readonly name: string;
    readonly domain: string;
    readonly scale: string | null;
    readonly shape: readonly Dim[];
  }[];
  /** given numbers; null where the value comes from outside */
  readonly constants: readonly { readonly name: string; readonly value: unknown }[];
  /** index and name of the number of rows */
  readonly rows: { readonly index: string; readonly size: Dim } | null;
  /** the only latent's values; null where nothing is hidden, or several are */
  readonly component: {
    readonly latent: string;
    readonly index: string;
    readonly size: Dim;
    readonly assignment: 'soft' | 'hard';
  } | null;
  /** all latents, those of groups first; the components are the combinations of their values, the last fastest */
  readonly latents: readonly {
    readonly latent: string;
    readonly index: string;
    readonly size: Dim;
    readonly per: 'row' | 'group';
  }[];
  /** the data symbol that says which group a row is in */
  readonly groups: { readonly index: string; readonly size: Dim; readonly data: string } | null;
  /** the columns of a row, group by group */
  readonly columns: readonly (
    | { readonly kind: 'data'; readonly name: string; readonly length: Dim }
    | { readonly kind: 'derived'; readonly name: string; readonly elements: readonly ExpressionJson[] }
  )[];
  /** which products of columns the logits and the statistics need */
  readonly pairs: Plan['pairs'];
  /** log p(row, component), summand by summand */
  readonly logits: readonly (LogitJson & LogitPlaceJson)[];
  /** null without priors */
  readonly logPrior: ExpressionJson | null;
  readonly objective: 'logLikelihood' | 'logPosterior' | 'inertia';
  readonly statistics: readonly {
    readonly name: string;
    readonly over: readonly string[];
    readonly definition: ExpressionJson;
    readonly reading: ReadingJson;
  }[];
  /** in the order in which they are done; what a value reads is computed before it, or held where it is */
  readonly updates: readonly {
    readonly parameter: string;
    readonly over: readonly string[];
    /**
     * the value is the maximum of Q; a Newton step towards it, by itself or with others as one vector (to be halved until Q
     * rises); or the maximum of what lies below Q, as logarithms are replaced by their tangents
     */
    readonly by: 'maximum' | 'newton' | 'together' | 'tangent';
    readonly value: ExpressionJson;
    /** a place for each index: a number from 1, or every value of a plate */
    readonly held: readonly { readonly at: readonly Place[]; readonly value: ExpressionJson }[];
    /** copies, or entries of a simplex, that equations make one */
    readonly ties: readonly (readonly (readonly Place[])[])[];
    /** must not vanish */
    readonly divisor: ExpressionJson;
  }[];
  readonly degreesOfFreedom: ExpressionJson;
}

const expression = (tree: Expr): ExpressionJson => ({ text: printText(tree), tree });

const affine = (form: AffineForm): AffineJson => ({
  shape: form.shape,
  parts: form.parts.map((p) => ({ group: p.group, kind: p.kind, coefficient: expression(p.coefficient) })),
  offset: expression(form.offset),
});

function logit(t: LogitTerm, plan: Plan): LogitJson {
  switch (t.kind) {
    case 'constant':
      return { kind: t.kind, value: expression(t.value) };
    case 'linear':
      return { kind: t.kind, group: t.group, coefficient: expression(t.coefficient) };
    case 'quadratic':
      return {
        kind: t.kind,
        coefficient: expression(t.coefficient),
        residual: affine(t.residual),
        matrix: expression(t.matrix),
      };
    case 'support':
      return { kind: t.kind, when: expression(t.when), holds: expression(plan.supports[t.support]) };
    case 'general':
      return { kind: t.kind, value: expression(t.value) };
  }
}

const toldApartBy = (plan: Plan, stratum: number): LogitPlaceJson['toldApartBy'] =>
  plan.strata[stratum].symbols.map((s) => ({ data: s.symbol, index: s.value.index }));

function reading(r: StatisticReading): ReadingJson {
  switch (r.kind) {
    case 'weight':
      return { kind: r.kind };
    case 'first':
      return { kind: r.kind, form: affine(r.form) };
    case 'second':
      return {
        kind: r.kind,
        left: affine(r.left),
        right: affine(r.right),
        as: r.as,
        matrix: r.as === 'trace' ? expression(r.matrix) : null,
      };
    case 'general':
      return { kind: r.kind, body: expression(r.body) };
    case 'median':
      return {
        kind: r.kind,
        over: r.ranges.map((range) => range.index),
        value: expression(r.value),
        weight: expression(r.weight),
      };
  }
}

const column = (g: ColumnGroup): PlanJson['columns'][number] =>
  g.kind === 'symbol'
    ? { kind: 'data', name: g.symbol, length: g.dim ?? 1 }
    : { kind: 'derived', name: g.name, elements: g.elements.map(expression) };

export function planJson(plan: Plan): PlanJson {
  const { model, derivation, component } = plan;
  return {
    schema: 'gmm-plan/1',
    model: model.name,
    parameters: model.parameters.map((p) => ({
      name: p.name,
      domain: p.type.domain,
      scale: p.type.scale ?? null,
      shape: [
        ...p.plates.map((plate) => plateDim(plate, model)),
        ...p.type.shape.map((s) => dimOf(s, model)),
      ],
    })),
    constants: model.constants.map((c) => ({ name: c.name, value: c.value ?? null })),
    rows: plan.rows === undefined ? null : { index: plan.rows.index, size: plan.rows.dim },
    component:
      component === undefined
        ? null
        : { latent: plan.latent!, index: component.index, size: component.dim, assignment: plan.assignment },
    latents: plan.axes.map((a) => ({
      latent: a.latent,
      index: a.value.index,
      size: a.value.dim,
      per: a.per,
    })),
    groups:
      plan.grouping === undefined
        ? null
        : { index: plan.grouping.range.index, size: plan.grouping.range.dim, data: plan.grouping.symbol },
    columns: plan.groups.map(column),
    pairs: plan.pairs,
    logits: plan.logits.map((t) => ({
      ...logit(t, plan),
      per: t.per,
      toldApartBy: toldApartBy(plan, t.stratum),
    })),
    logPrior: plan.hasPrior ? expression(plan.logPrior) : null,
    objective: derivation.limit !== undefined ? 'inertia' : plan.hasPrior ? 'logPosterior' : 'logLikelihood',
    statistics: plan.statistics.map((s) => ({
      name: s.name,
      over: s.ranges.map((r) => r.index),
      definition: expression(s.definition),
      reading: reading(s.reading),
    })),
    updates: plan.updates.map((u) => ({
      parameter: u.parameter,
      over: u.ranges.map((r) => r.index),
      by:
        u.joint !== undefined
          ? ('together' as const)
          : u.iteration !== undefined
            ? ('newton' as const)
            : u.minorised
              ? ('tangent' as const)
              : ('maximum' as const),
      value: expression(u.value),
      held: u.held.map((h) => ({ at: h.at, value: expression(h.value) })),
      ties: u.ties,
      divisor: expression(u.divisor),
    })),
    degreesOfFreedom: expression(derivation.degreesOfFreedom),
  };
}

export const emitJson = (plan: Plan): string => `${JSON.stringify(planJson(plan), null, 2)}\n`;
