/**
 * The derivation of a model's EM algorithm, station by station: log joint, posterior, Q, statistics, M-step. Every rule
 * is about terms of expressions; nothing here knows what a Gaussian mixture is.
 */
import { add, multiply, number } from '../algebra/build.js';
import { normalForm, toExpr } from '../algebra/normal.js';
import { containsSymbol, symbolsOf } from '../algebra/traverse.js';
import type { Expr, NormalForm, Range } from '../algebra/types.js';
import type { Model } from '../model/types.js';
import type { CollectContext } from './collect.js';
import { constraintsOf } from './constraints.js';
import { degreesOfFreedom } from './degrees.js';
import { document, reasonText } from './document.js';
import { factorExpr, jointFactors, jointNormalForm, namesOf } from './joint.js';
import { arrange } from './arrange.js';
import { scaleOf } from './joint-iteration.js';
import { maximise } from './maximise.js';
import type { Maximised } from './maximise.js';
import { expectation, largestLogit, logitExpr, posteriorOf } from './posterior.js';
import { statisticNames } from './statistics.js';
import { plateRange } from './translate.js';
import type {
  Derivation,
  DeriveProblem,
  Iteration,
  JointFactor,
  JointIteration,
  LimitResult,
  Posterior,
  Update,
} from './types.js';

export interface DeriveResult {
  readonly value: Derivation | undefined;
  readonly problems: readonly DeriveProblem[];
}

/** Derives EM for a model without errors. Refusals are problems that name the term and the reason. */
export function derive(declared: Model): DeriveResult {
  const unsupported = unsupportedPlates(declared);
  const { factors, problems: jointProblems } = jointFactors(declared);
  const model = usedParameters(declared, factors);
  const constraints = constraintsOf(model);
  const early = [...unsupported, ...jointProblems, ...constraints.problems];
  if (early.length > 0) return { value: undefined, problems: early };

  const posterior = posteriorOf(model, factors);
  if (posterior.problems.length > 0) return { value: undefined, problems: posterior.problems };
  const rowsPlate = model.plates.find((p) => p.range.kind === 'rows');
  const rows = rowsPlate === undefined ? undefined : plateRange(rowsPlate.name, model);
  const joint = jointNormalForm(factors, model);
  const q = expectation(joint, posterior.value);
  const context = collectContext(model, rows, posterior.value);

  const results = model.parameters.map((p) =>
    maximise(p, q, model, constraints.byParameter.get(p.name), context),
  );
  const problems = results.flatMap((r) => r.problems);
  const solved = results.flatMap((r) => (r.value === undefined ? [] : [r.value]));
  if (solved.length < results.length) return { value: undefined, problems };

  const arranged = arrange(solved, constraints.linear, context);
  if (arranged.problems.length > 0) return { value: undefined, problems: arranged.problems };
  const { order, cycles } = arranged;
  const conditional = cycles.some((c) => c !== undefined);
  const names = statisticNames(
    [context.rows, context.groups].flatMap((r) => r ?? []),
    posterior.value?.latents.length === 1 ? posterior.value.latents[0].value : undefined,
    freeRanges(model, factors),
    new Set([...namesOf(model), ...context.responsibilities]),
  );
  const joints = new Map(
    arranged.joints.flatMap((j) => (j === undefined ? [] : [[j, named(j, names.name)] as const])),
  );
  const updates = order.map((m, n): Update => ({
    cycle: cycles[n],
    parameter: m.parameter.name,
    ranges: m.target.ranges,
    entry: entryOf(m),
    form: m.form.name,
    source: m.form.source,
    value: names.name(m.value),
    iteration: iterationOf(m, names.name),
    joint: joints.get(arranged.joints[n]!),
    held: m.target.held,
    ties: m.target.ties,
    // a sum with a weight of a tangent in it has no name
    secondOrder: reasonText(m.solution.secondOrder, m.minorant === undefined ? names.name : (e) => e),
    uses: m.uses,
    divisor: names.name(m.solution.divisor, false),
    minorised: m.minorant !== undefined,
    crossing: m.solution.crossing === true,
  }));
  const droppedPriors = solved.filter((m) => m.droppedPriors).map((m) => m.parameter.name);
  const partial = {
    model,
    factors,
    posterior: posterior.value,
    rows,
    joint,
    q,
    updates,
    conditional,
    closedForm:
      posterior.value === undefined && !conditional && updates.every((u) => u.iteration === undefined),
    limit: limitResult(model, posterior.value, solved),
    degreesOfFreedom: degreesOfFreedom(
      model,
      constraints.byParameter,
      new Set(updates.flatMap((u) => (u.iteration?.centred === true ? [u.parameter] : []))),
      constraints.linear,
    ),
  };
  const sections = document({
    ...partial,
    jointExpr: add(...factors.map((f) => factorExpr(f, model))),
    maximised: order,
    name: names.name,
  });
  return {
    value: { ...partial, statistics: names.all(), sections: sections(names.all()) },
    problems:
      droppedPriors.length === 0
        ? []
        : [{ kind: 'priors-drop-out', symbols: droppedPriors, span: model.limit!.span }],
  };
}

const named = (j: JointIteration, name: (e: Expr, shown?: boolean) => Expr): JointIteration => ({
  ...j,
  gradient: j.gradient.map((e) => name(e)),
  hessian: j.hessian.map((row) => row.map((e) => name(e))),
  objective: name(j.objective, false),
});

function iterationOf(m: Maximised, name: (e: Expr, shown?: boolean) => Expr): Iteration | undefined {
  const { iteration } = m.solution;
  if (iteration === undefined || m.objective === undefined) return undefined;
  return {
    gradient: name(iteration.gradient),
    hessian: name(iteration.hessian),
    objective: name(m.objective, false),
    scale: scaleOf(m),
    coupled: iteration.coupled,
    centred: iteration.centred,
  };
}

/** The running index of a simplex's entries, which are solved one by one. */
function entryOf(m: Maximised): Range | undefined {
  const index = m.solution.multiplier?.index;
  return index === undefined ? undefined : { index, dim: m.target.shape[0] };
}

/** A parameter that no density looks at cannot be estimated; the model station has warned of it. */
function usedParameters(model: Model, factors: readonly JointFactor[]): Model {
  const used = new Set(factors.flatMap((f) => symbolsOf(f.density).map((s) => s.name)));
  return { ...model, parameters: model.parameters.filter((p) => used.has(p.name)) };
}

function collectContext(
  model: Model,
  rows: Range | undefined,
  posterior: Posterior | undefined,
): CollectContext {
  return {
    rows,
    groups: posterior?.grouping?.range,
    responsibilities: posterior === undefined ? [] : [posterior.name, posterior.groupName],
    weight: model.data.find((d) => d.as === 'weight')?.name,
  };
}

/** What a sum over rows may be free in: plates other than the rows, and the values of latents and of data. */
function freeRanges(model: Model, factors: readonly JointFactor[]): readonly Range[] {
  const ranges = [
    ...model.plates.filter((p) => p.range.kind !== 'rows').map((p) => plateRange(p.name, model)),
    ...factors.flatMap((f) => f.selectors.map((s) => s.value)),
  ];
  return ranges.filter((r, n) => ranges.findIndex((other) => other.index === r.index) === n);
}

/** Plates that the later stations cannot run yet. */
function unsupportedPlates(model: Model): readonly DeriveProblem[] {
  return model.plates.flatMap((p): readonly DeriveProblem[] => {
    if (p.range.kind === 'rows' && p.range.orderedBy !== undefined)
      return [{ kind: 'not-derivable-yet', what: 'rows in sequence (`ordered by`)', span: p.span }];
    return [];
  });
}

function limitResult(
  model: Model,
  posterior: Posterior | undefined,
  solved: readonly Maximised[],
): LimitResult | undefined {
  if (model.limit === undefined || posterior === undefined) return undefined;
  const g = logitExpr(posterior);
  const dropped = solved.map((m) => m.parameter.name).filter((name) => !containsSymbol(g, name));
  const objective: NormalForm = normalForm(multiply(number(-2), largestLogit(posterior, model)), 0);
  return { constant: model.limit.constant, dropped: dropped, objective: toExpr(objective) };
}
