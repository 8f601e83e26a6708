/**
 * Which products of two columns are computed: none, squares only, or each pair once. Of C columns there are C (C + 1) / 2
 * pairs, and most of a step's work is theirs; a diagonal or spherical scale reads C squares of them, and a model whose M-step
 * has no second moment none. Logits and statistics are asked apart, and statistics stratum by stratum.
 *
 *     before   x ~ Normal(mu, diag(v)):   pairs all, all
 *     after                               pairs squares, squares
 */
import { isNumber } from '../../algebra/build.js';
import type { Expr } from '../../algebra/types.js';
import { isPlain } from '../affine.js';
import type { AffineForm, LogitTerm, Pairs, Pass, PlannedStatistic } from '../types.js';

export const neededProducts: Pass = {
  name: 'needed-products',
  apply: (plan) => {
    const strata = plan.strata.map((s, n) => ({
      ...s,
      pairs: ofStatistics(plan.statistics.filter((x) => x.stratum === n)),
    }));
    const logits = ofLogits(plan.logits);
    const statistics = strata[0].pairs;
    return {
      plan: { ...plan, strata, pairs: { statistics, logits } },
      notes: [...noteOf('the logits', logits), ...noteOf('the sums', statistics)],
    };
  },
};

const noteOf = (what: string, pairs: Pairs): readonly string[] =>
  pairs === 'all'
    ? []
    : [`${what} read ${pairs === 'none' ? 'no product' : 'no product but the squares'} of columns`];

function ofLogits(logits: readonly LogitTerm[]): Pairs {
  const forms = logits.flatMap((t) => (t.kind === 'quadratic' ? [t] : []));
  if (forms.length === 0) return 'none';
  return forms.every((t) => isSquares(t.residual) && isDiagonal(t.matrix)) ? 'squares' : 'all';
}

function ofStatistics(statistics: readonly PlannedStatistic[]): Pairs {
  const seconds = statistics.flatMap((s) => (s.reading.kind === 'second' ? [s.reading] : []));
  if (seconds.length === 0) return 'none';
  const squares = seconds.every(
    (r) =>
      isSquares(r.left) &&
      isSquares(r.right) &&
      r.left.parts[0].group === r.right.parts[0].group &&
      (r.as === 'diagonal' || (r.as === 'trace' && isDiagonal(r.matrix))),
  );
  return squares ? 'squares' : 'all';
}

const isDiagonal = (m: Expr): boolean => isNumber(m) || m.kind === 'identity' || m.kind === 'diag';

/** Only squares of single columns are needed: every coordinate of the form reads one column. */
const isSquares = (form: AffineForm): boolean => isPlain(form) && form.parts.length === 1;
