/**
 * Concentrations without bound. A parameter that multiplies log x or cos x (the shape of a Gamma, Beta or Weibull density, the
 * concentration of von Mises') has no unit, and grows for ever where all rows that a component owns have one value. Rounding
 * stops it somewhere, so the value alone does not tell: a large one is a collapse where the rows do not differ.
 */
import { multiply } from '../algebra/build.js';
import { dependsOn, some, symbolsOf } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import type { RowData, RowPosterior } from '../engine/types.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import { setComponent, setStratum } from '../plan/program.js';
import type { LogitTerm, Parameters, Plan, Program } from '../plan/types.js';
import { COLLAPSED, componentOf } from './collapse.js';
import type { Collapse } from './collapse.js';
import { affineOf } from './scale-terms.js';

/** Below this no estimate is taken for one that has run away. */
const LARGE = 1e6;

interface Concentration {
  readonly term: LogitTerm;
  readonly coefficient: Expr;
  /** the groups of columns whose rows must not differ */
  readonly groups: readonly number[];
}

/** `posterior` is asked for only where a concentration is large. */
export async function findConcentration(
  program: Program,
  parameters: Parameters,
  data: RowData,
  variances: Float64Array,
  posterior: () => Promise<RowPosterior> | RowPosterior,
): Promise<Collapse | undefined> {
  const frame = frameOf(program, parameters);
  let responsibilities: Float64Array | undefined;
  for (let k = 0; k < program.components; k++) {
    setComponent(program, frame.indices, k);
    for (const { term, coefficient, groups } of concentrationsOf(program.plan))
      for (let combination = 0; combination < program.strataSizes[term.stratum]; combination++) {
        setStratum(program, frame.indices, term.stratum, combination);
        if (!evaluateFloat64(coefficient, frame).data.some((c) => Math.abs(c) > LARGE)) continue;
        responsibilities ??= (await posterior()).responsibilities;
        const owned = { responsibilities, of: k, among: program.components };
        const columns = groups.flatMap((g) =>
          Array.from({ length: program.groupLength[g] }, (_, at) => program.groupStart[g] + at),
        );
        if (!columns.every((c) => isOneValue(data, c, variances[c], owned))) continue;
        const owner = symbolsOf(coefficient).find((s) => s.role === 'parameter')!;
        return {
          parameter: owner.name,
          component: componentOf(owner, frame),
          column: columns[0],
          kind: 'one-value',
        };
      }
  }
  return undefined;
}

const known = new WeakMap<Plan, readonly Concentration[]>();

function concentrationsOf(plan: Plan): readonly Concentration[] {
  const found = known.get(plan) ?? plan.logits.flatMap((term) => concentrationsIn(term, plan));
  known.set(plan, found);
  return found;
}

function concentrationsIn(term: LogitTerm, plan: Plan): readonly Concentration[] {
  if (plan.rows === undefined) return [];
  if (term.kind === 'linear') {
    const group = plan.groups[term.group];
    const isLog = group.kind === 'derived' && group.elements.every((e) => isFunction(e, ['log']));
    return isLog && hasPositive(term.coefficient, plan)
      ? [{ term, coefficient: term.coefficient, groups: [term.group] }]
      : [];
  }
  if (term.kind !== 'general') return [];
  const rows = plan.rows.index;
  const found: Concentration[] = [];
  some(term.value, (e) => {
    const angle = e.kind === 'multiply' ? e.factors.find((f) => isFunction(f, ['cos', 'sin'])) : undefined;
    if (e.kind !== 'multiply' || angle?.kind !== 'function') return false;
    const coefficient = multiply(...e.factors.filter((f) => !dependsOn(f, rows)));
    const form = affineOf(angle.argument, rows, plan);
    if (form !== undefined && form.parts.length > 0 && hasPositive(coefficient, plan))
      found.push({ term, coefficient, groups: form.parts.map((p) => p.group) });
    return false;
  });
  return found;
}

const isFunction = (e: Expr, names: readonly string[]): boolean =>
  e.kind === 'function' && names.includes(e.name);

const hasPositive = (e: Expr, { model }: Plan): boolean =>
  symbolsOf(e).some((s) => model.parameters.some((p) => p.name === s.name && p.type.domain === 'positive'));

/** The rows that a component owns do not differ in a column, beyond rounding. */
function isOneValue(
  { rows, columns, weights }: RowData,
  column: number,
  variance: number,
  owned: { readonly responsibilities: Float64Array; readonly of: number; readonly among: number },
): boolean {
  let [total, mean, spread] = [0, 0, 0];
  for (let i = 0; i < rows; i++) {
    const weight = (weights?.[i] ?? 1) * owned.responsibilities[i * owned.among + owned.of];
    if (!(weight > 0)) continue;
    total += weight;
    const gap = columns[column][i] - mean;
    mean += (weight * gap) / total;
    spread += weight * gap * (columns[column][i] - mean);
  }
  return spread <= COLLAPSED * total * variance;
}
