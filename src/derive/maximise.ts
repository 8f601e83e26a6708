/** Station 5: the M-step. Each parameter's terms of Q go to the first solver form that takes them. */
import { add, maximum, multiply, number, ONE, running, symbol } from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { symbolsOf } from '../algebra/traverse.js';
import { termToExpr } from '../algebra/normal.js';
import type { Expr, Fact, NormalForm } from '../algebra/types.js';
import type { Domain, Model, Parameter, SpanId, SymbolName } from '../model/types.js';
import { gather, strip, termsOf } from './collect.js';
import type { CollectContext } from './collect.js';
import type { ParameterConstraints } from './constraints.js';
import { leadingTerms } from './limit.js';
import { forms } from './solve/forms.js';
import type { Solution, SolverForm, Target } from './solve/types.js';
import { plateRange, shapeDims } from './translate.js';
import type { DeriveProblem } from './types.js';

/** One parameter's maximisation, with everything the document shows of it; sums over rows not yet named. */
export interface Maximised {
  readonly parameter: Parameter;
  readonly target: Target;
  /** its terms of Q, whole; of the leading order for a limit */
  readonly terms: NormalForm;
  /** the terms cut down to one copy of the parameter */
  readonly stripped: NormalForm;
  readonly form: SolverForm;
  readonly solution: Solution;
  /** for a solution by steps: the parameter's terms of Q, gathered */
  readonly objective: Expr | undefined;
  /** the solution after floors */
  readonly value: Expr;
  readonly floors: readonly Expr[];
  readonly uses: readonly SymbolName[];
  readonly droppedPriors: boolean;
}

const FACTS: Readonly<Partial<Record<Domain, Fact>>> = {
  positive: 'positive',
  covariance: 'symmetric-positive',
  unit: 'unit',
  orthogonal: 'orthogonal',
  shape: 'unit-product',
  simplex: 'simplex',
};

export function targetOf(
  parameter: Parameter,
  model: Model,
  constraints: ParameterConstraints | undefined,
): Target {
  const ranges = parameter.plates.map((plate) => plateRange(plate, model));
  const shape = shapeDims(parameter.type, model);
  const fact = FACTS[parameter.type.domain];
  return {
    name: parameter.name,
    ranges,
    shape,
    fact,
    symbol: symbol(
      parameter.name,
      'parameter',
      ranges.map((r) => running(r.index)),
      shape,
      fact,
    ),
    held: constraints?.held ?? [],
  };
}

export function maximise(
  parameter: Parameter,
  q: NormalForm,
  model: Model,
  constraints: ParameterConstraints | undefined,
  context: CollectContext,
): { readonly value: Maximised | undefined; readonly problems: readonly DeriveProblem[] } {
  const target = targetOf(parameter, model, constraints);
  const all = termsOf(q, parameter.name);
  if (all.length === 0) throw new Error(`${parameter.name} is in no term`);
  const ordered =
    model.limit === undefined
      ? { leading: all, dropped: [], order: 0 }
      : leadingTerms(all, model.limit.constant);
  if (ordered === undefined)
    return fail({
      kind: 'limit-not-derivable',
      constant: model.limit!.constant,
      reason: `it stands beside \`${parameter.name}\` in another way than as a power`,
      span: model.limit!.span,
    });
  const terms = ordered.leading;
  const stripped = terms.map((t) => strip(t, parameter.name, target.ranges));
  const refusals: { form: string; reason: string }[] = [];
  if (stripped.some((t) => t === undefined))
    refusals.push({ form: 'all', reason: `\`${parameter.name}\` is read at a fixed index` });
  else
    for (const form of forms) {
      const attempt = form.attempt(stripped as NormalForm, target, context);
      if (attempt.kind === 'refused') {
        refusals.push({ form: form.name, reason: attempt.reason });
        continue;
      }
      const floors = constraints?.floors ?? [];
      if (floors.length > 0 && !attempt.solution.unimodal) {
        const constraint = floors[0].constraint;
        const reason = `the terms in \`${parameter.name}\` are not unimodal in one positive number, so that clamping would not be the maximum`;
        return fail({
          kind: 'constraint-not-solved',
          text: `${printText(floors[0].value)} <= ${parameter.name}`,
          reason,
          span: constraint.span,
        });
      }
      const value = floors.reduce((v, f) => maximum(v, f.value), attempt.solution.value);
      const uses = [
        ...new Set(
          symbolsOf(value).flatMap((s) =>
            s.role === 'parameter' && s.name !== parameter.name ? [s.name as SymbolName] : [],
          ),
        ),
      ];
      return {
        value: {
          parameter,
          target,
          terms,
          stripped: stripped as NormalForm,
          form,
          solution: attempt.solution,
          objective:
            attempt.solution.iteration === undefined
              ? undefined
              : add(
                  ...terms.map((t) =>
                    multiply(number(t.coefficient), gather(t.sums, t.factors, ONE, context)),
                  ),
                ),
          value,
          floors: floors.map((f) => f.value),
          uses,
          droppedPriors: ordered.dropped.some((t) => isPriorLine(t.line, model)),
        },
        problems: [],
      };
    }
  return fail({
    kind: 'no-form',
    parameter: parameter.name,
    span: parameter.span,
    terms: terms.map((t) => ({ text: printText(termToExpr(t)), span: lineSpan(t.line, model) })),
    refusals,
  });
}

const fail = (
  problem: DeriveProblem,
): { readonly value: undefined; readonly problems: readonly DeriveProblem[] } => ({
  value: undefined,
  problems: [problem],
});

const lineSpan = (line: number, model: Model): SpanId => model.factors.find((f) => f.line === line)!.span;
const isPriorLine = (line: number, model: Model): boolean => model.parameters.some((p) => p.prior === line);
