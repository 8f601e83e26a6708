/** Station 5: the M-step. Each parameter's terms of Q go to the first solver form that takes them. */
import {
  add,
  fixed,
  isSupport,
  maximum,
  minimum,
  multiply,
  number,
  ONE,
  running,
  subtract,
  symbol,
} from '../algebra/build.js';
import { printText } from '../algebra/print.js';
import { reindex, replace, symbolsOf } from '../algebra/traverse.js';
import { termToExpr } from '../algebra/normal.js';
import type { Expr, Fact, Index, NormalForm, Term } from '../algebra/types.js';
import type { Domain, Model, Parameter, SpanId, SymbolName } from '../model/types.js';
import { gather, ownFactors, strip, termsOf } from './collect.js';
import type { CollectContext } from './collect.js';
import type { Bound, ParameterConstraints } from './constraints.js';
import { conditionsAt } from './copies.js';
import { leadingTerms } from './limit.js';
import { namesOf } from './joint.js';
import { minorantOf, withWeights } from './minorant.js';
import type { Minorant } from './minorant.js';
import { forms } from './solve/forms.js';
import { newton } from './solve/newton.js';
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
  /** of the terms below Q, where there are some: with their weights by name */
  readonly solution: Solution;
  /** what is maximised in the place of the terms of Q, uncut; undefined where it is they */
  readonly minorant: Minorant | undefined;
  /** for a solution by steps: the parameter's terms of Q, gathered */
  readonly objective: Expr | undefined;
  /** the solution after its bounds */
  readonly value: Expr;
  readonly bounds: readonly Bound[];
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
    ties: constraints?.ties ?? [],
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
  const single = terms.map((t) => strip(t, parameter.name, target.ranges));
  const stripped = single.flatMap((t) => (t === undefined ? [t] : [t, ...tiedTerms(t, target)]));
  const refusals: { form: string; reason: string }[] = [];
  const edge = terms.flatMap((t) => ownFactors(t, parameter.name)).find(isSupport);
  if (stripped.some((t) => t === undefined))
    refusals.push({ form: 'all', reason: `\`${parameter.name}\` is read at a fixed index` });
  else if (edge !== undefined)
    refusals.push({
      form: 'all',
      reason: `\`${parameter.name}\` bounds the data in ${printText(edge)}: there is no derivative to set to zero, and a row outside has density 0, so that EM never moves the bound to it; give the bound as a \`const\``,
    });
  else
    for (const { form, minorant } of attempts(stripped as NormalForm, target, model)) {
      const attempt = form.attempt(minorant?.terms ?? (stripped as NormalForm), target, context);
      if (attempt.kind === 'refused') {
        if (minorant === undefined) refusals.push({ form: form.name, reason: attempt.reason });
        continue;
      }
      const plain = (e: Expr): Expr => withWeights(e, minorant?.weights ?? []);
      const bounds = constraints?.bounds ?? [];
      if (bounds.length > 0 && !attempt.solution.unimodal) {
        const [{ side, value, span }] = bounds;
        const text = [printText(value), parameter.name];
        return fail({
          kind: 'constraint-not-solved',
          text: (side === 'floor' ? text : text.reverse()).join(' <= '),
          reason: `the terms in \`${parameter.name}\` are not unimodal in one number, so that clamping would not be the maximum`,
          span,
        });
      }
      const value = bounds.reduce((v, b) => bounded(v, b, target), plain(attempt.solution.value));
      // what a weight looks at is looked at as it is, and need not be computed before
      const uses = [
        ...new Set(
          symbolsOf(attempt.solution.value).flatMap((s) =>
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
          solution: { ...attempt.solution, divisor: plain(attempt.solution.divisor) },
          minorant: minorant && minorantOf(terms, parameter.name, target.ranges, namesOf(model)),
          objective:
            attempt.solution.iteration === undefined
              ? undefined
              : add(
                  ...terms.map((t) =>
                    multiply(number(t.coefficient), gather(t.sums, t.factors, ONE, context)),
                  ),
                ),
          value,
          bounds,
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

/** The value after a floor or a cap; of some copies only, the value as it is for the others. */
function bounded(value: Expr, { at, side, value: bound }: Bound, { ranges }: Target): Expr {
  const within = side === 'floor' ? maximum(value, bound) : minimum(value, bound);
  const here = multiply(
    ...conditionsAt(
      at,
      ranges.map((r) => r.index),
    ),
  );
  return here.kind === 'number' ? within : add(multiply(here, within), multiply(subtract(ONE, here), value));
}

/** Every rule in closed form, the same of the terms below Q, and Newton's method last. */
function attempts(
  terms: NormalForm,
  target: Target,
  model: Model,
): readonly { readonly form: SolverForm; readonly minorant: Minorant | undefined }[] {
  const minorant = minorantOf(terms, target.name, target.ranges, namesOf(model));
  const closed = forms.filter((f) => f !== newton);
  return [
    ...closed.map((form) => ({ form, minorant: undefined })),
    ...(minorant === undefined ? [] : closed.map((form) => ({ form, minorant }))),
    { form: newton, minorant: undefined },
  ];
}

/**
 * What the copies that are tied to one bring to it: their terms, with the parameter itself at its own index, so that
 * every rule sees one number in all of them. In the terms of copy k, [k = 1] times the terms of copy 2 when 1 and 2 are tied.
 */
function tiedTerms(t: Term, target: Target): NormalForm {
  const indices = target.ranges.map((r) => r.index);
  const own = (index: string): string => `${index}'`;
  const at = (e: Expr, from: readonly string[], to: readonly Index[]): Expr =>
    from.reduce((x, index, n) => reindex(x, index, to[n]), e);
  const primed = (e: Expr): Expr =>
    replace(e, (part) =>
      part.kind === 'symbol' && part.name === target.name
        ? at(
            part,
            indices,
            indices.map((index) => running(own(index))),
          )
        : undefined,
    );
  return target.ties.flatMap((tie) =>
    tie[0].length > indices.length
      ? []
      : tie.flatMap((here) =>
          tie
            .filter((there) => there !== here)
            .map((there): Term => {
              const moved = indices.flatMap((index, n) => {
                const place = there[n];
                return place === 'every' ? [] : [[index, fixed(place)] as const];
              });
              const factors = t.factors.map((f) =>
                at(
                  at(
                    primed(f),
                    moved.map(([index]) => index),
                    moved.map(([, place]) => place),
                  ),
                  indices.map(own),
                  indices.map((index) => running(index)),
                ),
              );
              return { ...t, factors: [...conditionsAt(here, indices), ...factors] };
            }),
        ),
  );
}

const fail = (
  problem: DeriveProblem,
): { readonly value: undefined; readonly problems: readonly DeriveProblem[] } => ({
  value: undefined,
  problems: [problem],
});

const lineSpan = (line: number, model: Model): SpanId => model.factors.find((f) => f.line === line)!.span;
const isPriorLine = (line: number, model: Model): boolean => model.parameters.some((p) => p.prior === line);
