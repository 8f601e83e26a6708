/**
 * Equal columns are found once. Every `~` line, logit and statistic asks for the columns it reads; x[i] of the log density and
 * x[i] of the M-step, or of two lines that read the same covariate, are the same numbers. Sums of products over C columns
 * cost C² / 2, so a column that stands twice costs most of a statistic.
 *
 *     before   columns x, x, x;  logit reads group 0, statistics read groups 1 and 2
 *     after    columns x;        all of them read group 0
 */
import { printKey } from '../../algebra/print.js';
import type { AffineForm, ColumnGroup, LogitTerm, Pass, Plan, StatisticReading } from '../types.js';

export const mergeColumns: Pass = {
  name: 'merge-columns',
  apply: (plan) => {
    const kept = new Map<string, { readonly group: ColumnGroup; readonly at: number; asked: number }>();
    const places = plan.groups.map((group) => {
      const key = keyOf(group);
      const found = kept.get(key) ?? { group, at: kept.size, asked: 0 };
      kept.set(key, found);
      found.asked++;
      return found.at;
    });
    const groups = [...kept.values()];
    return {
      plan: renumbered(
        plan,
        (group) => places[group],
        groups.map((g) => g.group),
      ),
      notes: groups
        .filter((g) => g.asked > 1)
        .map((g) => `${nameOf(g.group)} is asked for in ${String(g.asked)} places, and stands once`),
    };
  },
};

const nameOf = (g: ColumnGroup): string => (g.kind === 'symbol' ? g.symbol : g.name);

const keyOf = (g: ColumnGroup): string =>
  g.kind === 'symbol'
    ? `symbol ${g.symbol}`
    : `derived ${g.name} ${String(g.isVector)} ${g.elements.map(printKey).join(' | ')}`;

/** The plan with other groups, each place that names one given its new number. */
function renumbered(plan: Plan, at: (group: number) => number, groups: readonly ColumnGroup[]): Plan {
  const form = (f: AffineForm): AffineForm => ({
    ...f,
    parts: f.parts.map((p) => ({ ...p, group: at(p.group) })),
  });
  const logit = (t: LogitTerm): LogitTerm => {
    if (t.kind === 'linear') return { ...t, group: at(t.group) };
    return t.kind === 'quadratic' ? { ...t, residual: form(t.residual) } : t;
  };
  const reading = (r: StatisticReading): StatisticReading => {
    if (r.kind === 'first') return { ...r, form: form(r.form) };
    if (r.kind !== 'second') return r;
    const left = form(r.left);
    // one object for both sides says that they are the same
    return { ...r, left, right: r.right === r.left ? left : form(r.right) };
  };
  return {
    ...plan,
    groups,
    logits: plan.logits.map(logit),
    statistics: plan.statistics.map((s) => ({ ...s, reading: reading(s.reading) })),
  };
}
