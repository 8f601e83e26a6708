/** Station 3: the posterior of the latent. Factors that contain z[i], divided by their sum over k. */
import { add, exp, logsumexp, multiply, number, running, subtract, sum, symbol } from '../algebra/build.js';
import { normalForm, toExpr } from '../algebra/normal.js';
import { replace } from '../algebra/traverse.js';
import type { Expr, NormalForm, Range } from '../algebra/types.js';
import type { Model } from '../model/types.js';
import { freshName, namesOf, weightOf } from './joint.js';
import { leadingTerms } from './limit.js';
import { plateRange } from './translate.js';
import type { DeriveProblem, JointFactor, Posterior } from './types.js';

/** Finds the one latent whose posterior is needed. More than one, or one that is not per row, is refused by name. */
export function posteriorOf(
  model: Model,
  factors: readonly JointFactor[],
): { readonly value: Posterior | undefined; readonly problems: readonly DeriveProblem[] } {
  const [latent, ...others] = model.latents;
  if (latent === undefined) return { value: undefined, problems: [] };
  if (others.length > 0)
    return {
      value: undefined,
      problems: [
        { kind: 'several-latents', latents: model.latents.map((l) => l.name), span: others[0].span },
      ],
    };
  const rowsPlate = model.plates.find((p) => p.range.kind === 'rows' && p.range.orderedBy === undefined);
  const plate = latent.plates[0];
  if (
    latent.plates.length !== 1 ||
    plate === undefined ||
    plate !== rowsPlate?.name ||
    latent.type.plate === undefined
  )
    return {
      value: undefined,
      problems: [
        {
          kind: 'not-derivable-yet',
          what: `the latent \`${latent.name}\`, which is not one of several values per row,`,
          span: latent.span,
        },
      ],
    };
  const rows = plateRange(plate, model);
  const component = plateRange(latent.type.plate, model);
  const problems: DeriveProblem[] = [];
  const logits: { line: JointFactor['line']; terms: NormalForm }[] = [];
  for (const factor of factors) {
    if (factor.role === 'prior') continue;
    if (factor.ranges.length !== 1 || factor.ranges[0].index !== rows.index) {
      const span = model.factors.find((f) => f.line === factor.line)!.span;
      problems.push({
        kind: 'not-derivable-yet',
        what: `\`${factor.symbol}\`, data that is not one value per row,`,
        span,
      });
      continue;
    }
    logits.push({ line: factor.line, terms: normalForm(factor.density, factor.line) });
  }
  if (problems.length > 0) return { value: undefined, problems };
  const name = freshName(['r', 'resp', 'responsibility'], namesOf(model));
  const soft: Posterior = { latent: latent.name, rows, component, name, logits, assignment: 'soft' };
  return model.limit === undefined ? { value: soft, problems } : hardPosterior(soft, model);
}

/** The E-step in the limit: only the leading order of the logits stays, and the softmax becomes an argmax. */
function hardPosterior(
  soft: Posterior,
  model: Model,
): { readonly value: Posterior | undefined; readonly problems: readonly DeriveProblem[] } {
  const { constant, span } = model.limit!;
  const ordered = leadingTerms(
    soft.logits.flatMap((l) => l.terms),
    constant,
  );
  if (ordered === undefined || ordered.order >= 0) {
    const reason =
      ordered === undefined
        ? 'it stands in the log joint in another way than as a power or in a logarithm'
        : 'no term of the log joint grows as it goes to zero';
    return { value: undefined, problems: [{ kind: 'limit-not-derivable', constant, reason, span }] };
  }
  const logits = soft.logits
    .map((l) => ({ line: l.line, terms: ordered.leading.filter((t) => t.line === l.line) }))
    .filter((l) => l.terms.length > 0);
  return { value: { ...soft, logits, assignment: 'hard' }, problems: [] };
}

export const logitExpr = (posterior: Posterior): Expr => add(...posterior.logits.map((l) => toExpr(l.terms)));

/** Σ_i w[i] log Σ_k exp(logit): the marginal log-likelihood. */
export function marginal(posterior: Posterior, model: Model): Expr {
  return sum(
    posterior.rows,
    multiply(...weightOf(model, [posterior.rows]), logsumexp(posterior.component, logitExpr(posterior))),
  );
}

/** exp(logit − log Σ_k exp(logit)): the softmax. */
export const responsibilityExpr = (posterior: Posterior): Expr =>
  exp(subtract(logitExpr(posterior), logsumexp(posterior.component, logitExpr(posterior))));

export const responsibility = (posterior: Posterior): Expr =>
  symbol(posterior.name, 'responsibility', [
    running(posterior.rows.index),
    running(posterior.component.index),
  ]);

/** Q: the log joint with `[z[i] = k]` replaced by r[i,k]. */
export function expectation(joint: NormalForm, posterior: Posterior | undefined): NormalForm {
  if (posterior === undefined) return joint;
  return joint.map((t) => ({
    ...t,
    factors: t.factors.map((f) =>
      replace(f, (part) => (part.kind === 'indicator' ? responsibility(posterior) : undefined)),
    ),
  }));
}

/** Σ_i Σ_k r (log r): what Q lacks of the lower bound. */
export function entropyTerm(posterior: Posterior, model: Model): Expr {
  const r = responsibility(posterior);
  const ranges: readonly Range[] = [posterior.rows, posterior.component];
  return multiply(
    number(-1),
    sum(
      ranges[0],
      sum(
        ranges[1],
        multiply(...weightOf(model, [posterior.rows]), r, { kind: 'function', name: 'log', argument: r }),
      ),
    ),
  );
}
